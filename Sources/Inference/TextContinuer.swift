import Autograd
import Corpus
import ModelKit
import Records
import Support

/// Goes on with texts token by token, and says what a model expects at each place.
public struct TextContinuer: Sendable {
  private let model: ShardedModel
  private let backbone: any GenerativeBackbone
  private let codec: TextCodec

  /// - Throws: `.usage` for a backbone that cannot write.
  public init(model: ShardedModel, codec: TextCodec) throws(GraftError) {
    self.model = model
    backbone = try model.generativeBackbone()
    self.codec = codec
  }

  /// Whether the model reads a prompt apart from what it writes, so that what it read has no probability.
  public var readsApart: Bool { !backbone.layout.isOneSequence }
  /// Whether the model goes on with a text as it stands, so that the text itself has a probability, too; else it
  /// answers it as a prompt.
  public var goesOn: Bool { !readsApart && codec.layout == .continuation && !codec.endsPrompts }
  /// Ids are below it.
  public var vocabularySize: Int { codec.vocabulary.size }
  /// The token that ends a text.
  public var end: TokenID { codec.vocabulary.endOfSequence }

  /// Tokens of a text that is gone on with.
  public func prompt(_ text: String) -> [TokenID] { codec.prompt(text) }

  /// A token by itself, as `tokenizer inspect` shows it where it is no whole character.
  public func text(_ token: TokenID) -> String { codec.shown(token) }

  /// What was written after a prompt, such that both are the whole text.
  public func text(_ tokens: [TokenID], after prompt: [TokenID]) -> String { codec.answer(tokens, after: prompt) }

  /// What a token adds to the text of those before it: with its space, which a token by itself may not show.
  public func piece(_ token: TokenID, after tokens: [TokenID]) -> String {
    let text = codec.answer([token], after: tokens)
    return text.contains("\u{FFFD}") ? codec.shown(token) : text
  }

  /// The text of tokens, special ones left out.
  public func text(_ tokens: [TokenID]) -> String { codec.tokenizer.decodeText(tokens) }

  /// The most tokens that may be written after a prompt; 0 or less where there is no room.
  public func room(after prompt: [TokenID]) -> Int {
    guard let positions = backbone.traits.longestSequence else { return SequenceLengths.longest }
    // The last token is written and not read.
    return readsApart ? positions : positions + 1 - start(prompt) - prompt.count
  }

  /// How many tokens stand before a prompt.
  private func start(_ prompt: [TokenID]) -> Int {
    codec.layout == .continuation && codec.omitsStart && !prompt.isEmpty ? 0 : 1
  }

  /// - Throws: `.usage` for what exceeds the model's positions.
  private func check(_ prompt: [TokenID], _ count: Int) throws(GraftError) {
    let room = room(after: prompt)
    guard count <= room, !readsApart || prompt.count <= SequenceLengths.longest else {
      throw GraftError(
        .usage,
        "\(prompt.count) tokens and \(count) after them exceed the model's"
          + " \(backbone.traits.longestSequence ?? SequenceLengths.longest) positions",
        hint: room > 0 ? "there is room for \(room) after this text." : "give a shorter text.")
    }
  }

  private func batch(_ example: TokenExample) -> Batch {
    let lengths = SequenceLengths(inputs: 1 + example.inputs.count, targets: 1 + example.targets.count)
    return backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths).batch([example])
  }

  /// What the model expects at the place of each of `tokens` after a prompt.
  /// - Parameter count: how many of the likeliest tokens are wanted.
  /// - Throws: `.usage` for what exceeds the model's positions; `.internalError` for scores that are not finite.
  public func outlooks(
    _ tokens: [TokenID], after prompt: [TokenID], count: Int
  ) throws(GraftError) -> [TokenOutlook] {
    try check(prompt, tokens.count)
    guard !tokens.isEmpty else { return [] }
    return try outlooks(codec.promptExample(prompt, targets: tokens), count: count)
  }

  /// The same at each token of a text by itself; nil for a first one that nothing precedes.
  /// - Throws: as `outlooks(_:after:count:)`; `.usage` for a model that reads prompts apart.
  public func outlooks(ofText tokens: [TokenID], count: Int) throws(GraftError) -> [TokenOutlook?] {
    guard !readsApart else {
      throw GraftError(
        .usage, "a \(backbone.configuration.family) model gives no probability to a text that it reads",
        hint: "ask for what it writes after one, or take a decoder.")
    }
    guard let first = tokens.first else { return [] }
    try check(tokens, 1)
    if codec.layout == .continuation, codec.omitsStart {
      let rest = Array(tokens.dropFirst())
      return [nil] + (rest.isEmpty ? [] : try outlooks(codec.promptExample([first], targets: rest), count: count))
    }
    return try outlooks(TokenExample(inputs: [], targets: tokens), count: count)
  }

  private func outlooks(_ example: TokenExample, count: Int) throws(GraftError) -> [TokenOutlook] {
    let backbone = backbone
    let found = try model.map([batch(example)]) { _, batch, tape in
      let output = backbone.forward(batch, on: tape)
      let (rows, targets) = output.targets(of: batch)
      return output.outlooks(at: rows, of: targets, count: count, on: tape)
    }
    let outlooks = found.first ?? []
    guard outlooks.allSatisfy({ $0.logProbability.isFinite }) else {
      throw .notFinite("score", of: "a text of \(example.inputs.count + example.targets.count) tokens")
    }
    return outlooks
  }

  /// One answer to a prompt.
  /// - Parameter sample: names what is drawn, so that several answers differ.
  /// - Throws: as `outlooks(_:after:count:)`.
  public func completion(
    of prompt: [TokenID], _ options: DecodingOptions, sample: Int = 0
  ) throws(GraftError) -> Hypothesis {
    try check(prompt, options.maximumTokens)
    try options.validate()
    let decoder = SequenceDecoder(backbone, options, end: end)
    let batch = batch(codec.promptExample(prompt, targets: [end]))
    let found = try model.map([batch]) { _, batch, tape in decoder(batch, samples: [sample], on: tape) }
    guard let best = found.first?.first?.first else {
      throw .notFinite("answer", of: "a text of \(prompt.count) tokens")
    }
    return best
  }
}
