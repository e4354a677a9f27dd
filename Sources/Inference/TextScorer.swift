import Corpus
import ModelKit
import Records
import Support

/// One token of a scored text.
public struct ScoredToken: Sendable, Codable, Hashable {
  public var id: TokenID
  /// As the tokenizer spells it.
  public var token: String
  /// In nats.
  public var logProbability: Double
}

/// What a model thinks of a text.
public struct ScoredText: Sendable, Codable, Hashable {
  public var tokens: [ScoredToken]
  /// Sum of the tokens' log-probabilities in nats.
  public var total: Double
  /// `total` by the bytes of the text.
  public var perByte: Double
}

/// Log-probabilities of texts: of a target after an input (encoder-decoder, decoder), of a text by itself (decoder),
/// and the pseudo-log-likelihood of a model that predicts each token from all others (Salazar et al. 2020).
public struct TextScorer: TextScoring {
  let model: ShardedModel
  private let backbone: any TokenPredictor
  let codec: TextCodec
  let scoring: TokenScoring

  /// - Parameter scoring: nil for the model's own: an encoder's is masked, any other's causal.
  /// - Throws: `.usage` for a model that gives tokens no probabilities, or none of this kind.
  public init(model: ShardedModel, codec: TextCodec, scoring: TokenScoring? = nil) throws(GraftError) {
    self.model = model
    self.scoring = try TokenScoring.of(model.backbone, wanted: scoring)
    backbone = try model.tokenPredictor()
    self.codec = codec
  }

  /// - Parameters:
  ///   - input: what the model reads first, nil for nothing. After an input the target ends in end-of-sequence where
  ///     the codec's layout is `prompt`; a continuation and a text by itself may go on.
  /// - Throws: `.usage` for an input that the model cannot read, and texts longer than its positions; `.badData` for an
  ///   empty target; `.internalError` naming a target with a score that is not finite.
  public func score(input: String?, targets: [String]) throws(GraftError) -> [ScoredText] {
    try score(input: input, targets: targets, names: [])
  }

  /// - Parameter names: of the targets, for errors; empty if they have none.
  func score(
    input: String?, targets: [String], names: [String]
  ) throws(GraftError) -> [ScoredText] {
    let scores =
      switch scoring {
      case .masked: try pseudo(targets, after: input)
      case .causal: try conditional(input, targets)
      }
    for (index, score) in scores.enumerated() where !score.total.isFinite {
      throw .notFinite("score", of: ExampleNames(names).name(index, text: targets[index]))
    }
    return scores
  }

  private func conditional(_ input: String?, _ targets: [String]) throws(GraftError) -> [ScoredText] {
    let isEncoderDecoder = model.backbone.layout == .encoderDecoder
    var examples: [TokenExample] = []
    for target in targets {
      let ids = try tokens(target)
      let example =
        if let input { codec.example(input, target) } else if isEncoderDecoder {
          TokenExample(inputs: codec.tokens(""), targets: codec.targetTokens(target))
        } else { TokenExample(inputs: [], targets: ids) }
      let start = example.omitsStart && !example.inputs.isEmpty ? 0 : 1
      try check(
        isEncoderDecoder ? example.targets.count : start + example.inputs.count + example.targets.count - 1)
      examples.append(example)
    }
    let losses = try losses(examples)
    return zip(targets, zip(examples, losses)).map { target, pair in
      scored(target, pair.0.targets, pair.1.map { -Double($0) })
    }
  }

  private func pseudo(_ texts: [String], after input: String?) throws(GraftError) -> [ScoredText] {
    guard input == nil else {
      throw GraftError(
        .usage, "a \(model.backbone.configuration.family) model scores texts by themselves",
        hint: "leave out `input:`.")
    }
    var idsByText: [[TokenID]] = []
    for text in texts {
      let ids = try tokens(text)
      try check(ids.count + 1)
      idsByText.append(ids)
    }
    let losses = try maskedLosses(idsByText.map { (ids: $0, scored: $0.indices) })
    return zip(texts, zip(idsByText, losses)).map { text, pair in
      scored(text, pair.0, pair.1.map { -Double($0) })
    }
  }

  private func tokens(_ text: String) throws(GraftError) -> [TokenID] {
    let ids = codec.tokenizer.encode(text, recognizingSpecialTokens: codec.recognizesSpecialTokens)
    guard !ids.isEmpty else { throw GraftError(.badData, "there is nothing to score in an empty text") }
    return ids
  }

  /// Tokens that the model sees at most, the start token among them.
  var longest: Int { model.backbone.traits.longestSequence ?? SequenceLengths.longest }

  private func check(_ length: Int) throws(GraftError) {
    guard length <= longest else {
      throw GraftError(
        .usage, "a text of \(length) tokens exceeds the model's \(longest) positions",
        hint: "score it in pieces.")
    }
  }

  /// The loss of every target of each example.
  func losses(_ examples: [TokenExample]) throws(GraftError) -> [[Float]] {
    try readings(examples, needsStates: false).map(\.losses)
  }

  /// Examples as the model reads them.
  func batches(_ examples: [TokenExample]) -> [Batch] {
    let lengths = SequenceLengths(
      inputs: 1 + (examples.map(\.inputs.count).max() ?? 0),
      targets: 1 + (examples.map(\.targets.count).max() ?? 0))
    let converter = model.backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths)
    return stride(from: 0, to: examples.count, by: TextScorer.batchSize).map {
      converter.batch(examples[$0..<min($0 + TextScorer.batchSize, examples.count)])
    }
  }

  /// The loss of every target, and the states that they were predicted from, one after the other.
  struct Reading: Codable, Sendable {
    var losses: [Float]
    var states: [Float]
  }

  /// - Parameter needsStates: whether there are states.
  func readings(_ examples: [TokenExample], needsStates: Bool) throws(GraftError) -> [Reading] {
    let backbone = backbone
    let found = try model.map(batches(examples)) { _, batch, tape in
      let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, batch.targetCount))
      defer { losses.deallocate() }
      let output = backbone.forward(batch, on: tape)
      _ = output.crossEntropy(batch, gradientScale: 0, losses: losses, on: tape)
      let states = needsStates ? output.states(at: output.targets(of: batch).rows, on: tape) : []
      return Reading(losses: Array(losses.prefix(batch.targetCount)), states: states)
    }
    let (losses, states) = (found.flatMap(\.losses), found.flatMap(\.states))
    let width = losses.isEmpty ? 0 : states.count / losses.count
    var first = 0
    return examples.map { example in
      let range = first..<first + example.targets.count { $0 != Batch.ignored }
      first = range.upperBound
      return Reading(
        losses: Array(losses[range]), states: Array(states[range.lowerBound * width..<range.upperBound * width]))
    }
  }

  static let batchSize = 32

  private func scored(_ text: String, _ ids: [TokenID], _ logProbabilities: [Double]) -> ScoredText {
    let total = logProbabilities.reduce(0, +)
    return ScoredText(
      tokens: zip(ids, logProbabilities).map {
        ScoredToken(id: $0, token: codec.tokenizer.token($0), logProbability: $1)
      }, total: total, perByte: total / Double(max(1, text.utf8.count)))
  }
}

extension ScoredText: KindedFile {
  public static let kind = FileKind.score
}
