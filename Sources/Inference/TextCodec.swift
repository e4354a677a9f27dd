import Records
import Tokenization

/// Turns examples into token ids the same way wherever a model reads them.
///
/// In the layout `prompt` both sides end in end-of-sequence, so that in a decoder a prompt and its answer never share a
/// token. In the layout `continuation` they are one text: nothing ends the prompt, and a space between them is part of
/// the target, so that "Mercy" after "Have" is the token " Mercy".
public struct TextCodec: Sendable {
  public let tokenizer: Tokenizer
  /// What makes tokens of what a model writes apart from what it reads.
  private let targetTokenizer: Tokenizer
  /// Whether `<extra_id_0>` in a text is that token; else it is characters like any others.
  public let recognizesSpecialTokens: Bool
  public var layout = TextLayout.prompt
  /// Of continuations: whether the prompt has no start token before it.
  public var omitsStart = false
  /// Of continuations: whether the prompt ends in end-of-sequence nevertheless.
  public var endsPrompts = false
  /// Of continuations: whether a target that does not bring its space gets one. Else texts are joined as they are.
  public var spacesTargets = true
  /// Of continuations: put as lm-evaluation-harness does, to a model with so many positions; nil for as Graft does.
  /// Every target gets a space, it has the tokens that the whole text has more than its prompt, and a prompt that is
  /// too long loses as much of its beginning, the start token first, as there is no position for.
  public var harnessPositions: Int?

  public init(_ tokenizer: Tokenizer, recognizingSpecialTokens: Bool = false) {
    self.tokenizer = tokenizer
    targetTokenizer = tokenizer.forTargets
    recognizesSpecialTokens = recognizingSpecialTokens
  }

  /// The same in a layout, with what `reading` says of texts that are continued.
  public func laidOut(_ layout: TextLayout, _ reading: TextReading?) -> TextCodec {
    var codec = self
    codec.layout = layout
    codec.omitsStart = reading?.omitsStart ?? false
    codec.endsPrompts = reading?.endsPrompts ?? false
    return codec
  }

  public var vocabulary: Vocabulary { tokenizer.vocabulary }

  /// A text with its end, as encoders and encoder-decoders read it, and with what the model has before every text.
  public func tokens(_ text: String) -> [TokenID] { whole(encode(text)) }

  /// The same of a text that an encoder-decoder writes.
  public func targetTokens(_ text: String) -> [TokenID] { whole(encodeTarget(text)) }

  private func whole(_ text: [TokenID]) -> [TokenID] {
    (vocabulary.opening.map { [$0] } ?? []) + text + [vocabulary.endOfSequence]
  }

  func encode(_ text: String) -> [TokenID] {
    tokenizer.encode(text, recognizingSpecialTokens: recognizesSpecialTokens)
  }

  private func encodeTarget(_ text: String) -> [TokenID] {
    targetTokenizer.encode(text, recognizingSpecialTokens: recognizesSpecialTokens)
  }

  /// The tokens of an answer that is one of some choices, without its end.
  func choice(_ text: String) -> [TokenID] {
    (vocabulary.opening.map { [$0] } ?? []) + targetTokenizer.encode(text)
  }

  /// What a model reads before it writes.
  public func prompt(_ text: String) -> [TokenID] {
    layout == .prompt || endsPrompts ? tokens(text) : encode(text)
  }

  /// A prompt that is to be answered by anything. `targets` stands for the answer.
  func promptExample(_ prompt: [TokenID], targets: [TokenID]) -> TokenExample {
    var example = TokenExample(inputs: prompt, targets: targets)
    example.isContinuation = layout == .continuation
    example.omitsStart = layout == .continuation && omitsStart
    return example
  }

  /// A prompt and a target of which the probability is asked for. A continuation need not be the end of a text.
  public func example(_ inputs: String, _ targets: String) -> TokenExample {
    example(inputs, targets, encode: encode, encodeTarget: encodeTarget)
  }

  private func example(
    _ inputs: String, _ targets: String, encode: (String) -> [TokenID], encodeTarget: (String) -> [TokenID]
  ) -> TokenExample {
    guard layout == .continuation else {
      return TokenExample(inputs: whole(encode(inputs)), targets: whole(encodeTarget(targets)))
    }
    if let harnessPositions { return harnessExample(inputs, targets, positions: harnessPositions, encode) }
    let end = [vocabulary.endOfSequence]
    let (read, written) = continuation(inputs, targets, encode)
    // Nothing at all is what the end stands for.
    return promptExample(read + (endsPrompts ? end : []), targets: written.isEmpty ? end : written)
  }

  /// A text in two parts, cut where its tokens are. Whitespace that the tokenizer joins with what follows moves there.
  private func continuation(
    _ prompt: String, _ target: String, _ encode: (String) -> [TokenID]
  ) -> (prompt: [TokenID], target: [TokenID]) {
    let target = spacesTargets && needsSpace(prompt, target) ? " " + target : target
    func parts(_ head: String, _ tail: String) -> (prompt: [TokenID], target: [TokenID])? {
      let read = encode(head)
      let whole = encode(head + tail)
      guard whole.count > read.count, whole.starts(with: read) else { return nil }
      return (read, Array(whole.dropFirst(read.count)))
    }
    // A task's answer has its space whether the prompt's template ends in one or not.
    let movesSpace = spacesTargets && prompt.utf8.last == UInt8(ascii: " ")
    if !movesSpace, let found = parts(prompt, target) { return found }
    let scalars = prompt.unicodeScalars
    let end =
      scalars.lastIndex { !$0.properties.isWhitespace }.map(scalars.index(after:))
      ?? scalars.startIndex
    let (head, space) = (String(scalars[..<end]), String(scalars[end...]))
    if !space.isEmpty, let found = parts(head, space + target) { return found }
    // A token would lie across the boundary: each part is read by itself.
    return (encode(prompt), encode(target))
  }

  /// See `harnessPositions`.
  private func harnessExample(
    _ prompt: String, _ target: String, positions: Int, _ encode: (String) -> [TokenID]
  ) -> TokenExample {
    let scalars = prompt.unicodeScalars
    let end = scalars.lastIndex { !$0.properties.isWhitespace }.map(scalars.index(after:)) ?? scalars.startIndex
    // Without a prompt the start token stands for one, and the target is encoded by itself.
    let head = String(scalars[..<end])
    let read = encode(head)
    let written = encode(head + String(scalars[end...]) + " " + target).dropFirst(read.count)
    // The last token is predicted and not read.
    let room = max(1, positions + 1 - written.count)
    let start = omitsStart && !read.isEmpty ? 0 : 1
    var example = promptExample(Array(read.suffix(room)), targets: Array(written))
    if read.count + start > room, !read.isEmpty { example.omitsStart = true }
    return example
  }

  private func needsSpace(_ prompt: String, _ target: String) -> Bool {
    guard let before = prompt.unicodeScalars.last, let after = target.unicodeScalars.first else { return false }
    return !before.properties.isWhitespace && !after.properties.isWhitespace
      && !Self.closing.contains(after)
  }

  /// What stands at the end of a word without a space.
  private static let closing: Set<Unicode.Scalar> = [".", ",", ";", ":", "!", "?", ")", "]", "}", "…", "%"]

  /// What a model wrote after a prompt, such that both texts one after the other are the whole text: a continuation
  /// keeps its leading space.
  func answer(_ tokens: [TokenID], after prompt: [TokenID]) -> String {
    let alone = tokenizer.decodeText(tokens)
    guard layout == .continuation, !endsPrompts else { return alone }
    // Decoders of other tokenizers than byte-level ones drop a space at the beginning of a text.
    let before = tokenizer.decodeText(prompt)
    let whole = tokenizer.decodeText(prompt + tokens)
    guard whole.utf8.starts(with: before.utf8) else { return alone }
    return String(decoding: whole.utf8.dropFirst(before.utf8.count), as: UTF8.self)
  }

  /// Token ids of many examples to train on, targets with their end; encoders keep their caches of words between them.
  public func tokenExamples(_ examples: [Example]) -> [TokenExample] {
    let (encoder, targetEncoder) = (tokenizer.makeEncoder(), targetTokenizer.makeEncoder())
    return examples.map { text in
      var example = example(text.inputs, text.targets) {
        encoder.encode($0, recognizingSpecialTokens: recognizesSpecialTokens)
      } encodeTarget: {
        targetEncoder.encode($0, recognizingSpecialTokens: recognizesSpecialTokens)
      }
      if layout == .continuation, example.targets != [vocabulary.endOfSequence] {
        example.targets.append(vocabulary.endOfSequence)
      }
      return example
    }
  }
}
