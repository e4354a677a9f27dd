import Autograd
import Corpus
import ModelKit
import Records
import Support

/// How a model's answer to a task with choices is found.
public enum AnswerMode: String, Sendable, Codable, CaseIterable {
  /// Decoding; an answer that is none of the choices is wrong.
  case generate
  /// The choice with the highest log-probability.
  case rank
}

/// Reads answers from a model: by ranking choices or by decoding.
public struct Predictor: Sendable {
  let model: ShardedModel
  let backbone: any GenerativeBackbone
  let codec: TextCodec
  let lengths: SequenceLengths
  let converter: any LayoutConverter
  /// What is scored, for errors.
  var names = ExampleNames()

  /// - Throws: `.usage` for a backbone that cannot write.
  public init(model: ShardedModel, codec: TextCodec, lengths: SequenceLengths) throws(GraftError) {
    self.model = model
    backbone = try model.generativeBackbone()
    self.codec = codec
    self.lengths = lengths
    converter = model.backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths)
  }

  /// Log-probability of every target after its input, summed over the target's tokens: `scores[i][c]` for input
  /// i and candidate c; in the layout `prompt` end-of-sequence is one of them.
  /// - Throws: `.internalError` naming an input with a score that is not finite.
  public func logProbabilities(
    inputs: [String], candidates: [String]
  ) throws(GraftError) -> [[Double]] {
    try logProbabilities(examples(inputs, candidates), of: inputs)
  }

  /// Every input with every candidate: `examples[i][c]`.
  private func examples(_ inputs: [String], _ candidates: [String]) -> [[TokenExample]] {
    guard codec.layout == .prompt else {
      return inputs.map { input in candidates.map { codec.example(input, $0) } }
    }
    let targets = candidates.map { codec.targetTokens($0) }
    return inputs.map { input in
      let read = codec.tokens(input)
      return targets.map { TokenExample(inputs: read, targets: $0) }
    }
  }

  private func logProbabilities(
    _ examples: [[TokenExample]], of inputs: [String]
  ) throws(GraftError) -> [[Double]] {
    let shared = try sharedScores(examples)
    let scores = if let shared { shared } else { try separateScores(examples) }
    for (index, scores) in scores.enumerated() where !scores.allSatisfy(\.isFinite) {
      throw .notFinite("score", of: names.name(index, text: inputs[index]))
    }
    return scores
  }

  /// Scores of the same candidates for every input.
  private func separateScores(_ examples: [[TokenExample]]) throws(GraftError) -> [[Double]] {
    let groups = inputGroups(examples.map { $0.first?.inputs ?? [] }, of: model.textsAtOnce)
    // One batch per group and candidate; of an encoder-decoder all batches of a group share their inputs.
    let batches = groups.map { group in
      (0..<(examples.first?.count ?? 0)).map { candidate in
        converter.batch(group.map { examples[$0][candidate] })
      }
    }
    let backbone = backbone
    let scores: [[[Double]]] = try model.map(batches.compactMap(\.first)) { index, _, tape in
      Predictor.scores(batches[index], backbone, tape)
    }
    var result = [[Double]](repeating: [], count: examples.count)
    for (group, byCandidate) in zip(groups, scores) {
      for (seat, index) in group.enumerated() { result[index] = byCandidate.map { $0[seat] } }
    }
    return result
  }

  /// Log-probabilities by candidate and sequence; the inputs are encoded once.
  private static func scores(_ candidates: [Batch], _ backbone: any GenerativeBackbone, _ tape: Tape)
    -> [[Double]]
  {
    guard let first = candidates.first else { return [] }
    let memory = backbone.encode(first.encoder, recomputing: false, on: tape)
    let mark = tape.arena.mark
    var scores: [[Double]] = []
    for candidate in candidates {
      let output = backbone.decode(candidate.decoder, memory: memory, recomputing: false, on: tape)
      scores.append(sums(output, candidate, tape))
      tape.arena.release(to: mark)
    }
    return scores
  }

  /// Summed log-probability of the targets of each sequence of `batch`.
  private static func sums(_ output: BackboneOutput, _ batch: Batch, _ tape: Tape) -> [Double] {
    let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, batch.targetCount))
    defer { losses.deallocate() }
    _ = output.crossEntropy(batch, gradientScale: 0, losses: losses, on: tape)
    var sums: [Double] = []
    var (position, next) = (0, 0)
    for length in batch.decoder.lengths {
      var sum = 0.0
      for _ in 0..<length {
        if batch.targets[position] != Batch.ignored {
          sum -= Double(losses[next])
          next += 1
        }
        position += 1
      }
      sums.append(sum)
    }
    return sums
  }

  /// The candidate of each row whose target is the likeliest after its input; inputs may differ as well. Scores are
  /// also given over the targets' tokens and bytes.
  /// - Throws: `.internalError` naming a row with a score that is not finite.
  public func rank(candidates: [[Candidate]]) throws(GraftError) -> [Prediction] {
    let rows = candidates.map { row in row.map { codec.example($0.inputs, $0.targets) } }
    let examples = Array(rows.joined())
    let shared = try sharedScores(rows)
    let scores = if let shared { Array(shared.joined()) } else { try scores(examples) }
    var first = 0
    var predictions: [Prediction] = []
    for (index, row) in candidates.enumerated() {
      let range = first..<first + row.count
      first = range.upperBound
      guard scores[range].allSatisfy(\.isFinite) else {
        throw .notFinite("score", of: names.name(index, text: row.first?.inputs ?? ""))
      }
      predictions.append(
        prediction(
          row.map(\.targets), Array(scores[range]), tokenCounts: examples[range].map(\.targets.count)))
    }
    return predictions
  }

  /// Of examples that have nothing in common.
  private func scores(_ examples: [TokenExample]) throws(GraftError) -> [Double] {
    let groups = inputGroups(examples.map(\.inputs), of: model.textsAtOnce)
    let batches = groups.map { group in converter.batch(group.map { examples[$0] }) }
    let backbone = backbone
    let found = try model.map(batches) { _, batch, tape in Predictor.scores([batch], backbone, tape) }
    var scores = [Double](repeating: 0, count: examples.count)
    for (group, sums) in zip(groups, found) {
      for (index, sum) in zip(group, sums.joined()) { scores[index] = sum }
    }
    return scores
  }

  /// The likeliest choice, with what normalised scores divide by: tokens as far as they were scored, and bytes.
  private func prediction(_ choices: [String], _ sums: [Double], tokenCounts: [Int]) -> Prediction {
    var prediction = Prediction(choices, scores: sums)
    prediction.choiceScoresPerToken = zip(sums, tokenCounts).map {
      $0 / Double(max(1, min(lengths.targets, $1)))
    }
    prediction.choiceScoresPerByte = zip(sums, choices).map { $0 / Double(max(1, $1.utf8.count)) }
    return prediction
  }

  /// The choice with the highest log-probability for every input.
  /// - Throws: as `logProbabilities(inputs:candidates:)`.
  public func rank(inputs: [String], choices: [String]) throws(GraftError) -> [Prediction] {
    let examples = examples(inputs, choices)
    return zip(examples, try logProbabilities(examples, of: inputs)).map { row, sums in
      prediction(choices, sums, tokenCounts: row.map(\.targets.count))
    }
  }

  /// The best answer to every input.
  /// - Parameter decoding: greedy decoding of at most `lengths.targets` tokens by default.
  /// - Throws: as `answers(inputs:decoding:)`.
  public func generate(
    inputs: [String], decoding: DecodingOptions? = nil
  ) throws(GraftError) -> [Prediction] {
    try answers(inputs: inputs, decoding: decoding).map {
      let text = $0.first?.text ?? ""
      return Prediction(text: codec.layout == .prompt ? text : trimmed(text))
    }
  }

  /// All answers that decoding ends with, best first, to every input, at least one; see `generate`.
  /// - Throws: `.internalError` naming an input after which a token's probability is not finite.
  public func answers(
    inputs: [String], decoding: DecodingOptions? = nil
  ) throws(GraftError) -> [[GeneratedAnswer]] {
    let options = decoding ?? DecodingOptions(maximumTokens: lengths.targets)
    let end = codec.vocabulary.endOfSequence
    let encoded = inputs.map { codec.prompt($0) }
    let groups = inputGroups(encoded, of: max(1, model.textsAtOnce / options.rowsPerSequence))
    let batches = groups.map { group in
      converter.batch(group.map { codec.promptExample(encoded[$0], targets: [end]) })
    }
    let decoder = SequenceDecoder(backbone, options, end: end)
    let found = try model.map(batches) { index, batch, tape in decoder(batch, samples: groups[index], on: tape) }
    var result = [[GeneratedAnswer]](repeating: [], count: inputs.count)
    for (group, answers) in zip(groups, found) {
      for (index, hypotheses) in zip(group, answers) {
        guard !hypotheses.isEmpty else {
          throw .notFinite("answer", of: names.name(index, text: inputs[index]))
        }
        result[index] = hypotheses.map {
          GeneratedAnswer(text: codec.answer($0.tokens, after: encoded[index]), hypothesis: $0)
        }
      }
    }
    return result
  }

  /// Token sequences of texts that answers are to be chosen from.
  public func choices(_ texts: [String]) -> [[TokenID]] {
    guard codec.layout == .continuation else {
      return texts.map { codec.choice($0) }
    }
    // As they stand behind a word.
    return texts.map { codec.example("a", $0).targets }
  }
}

/// Without the whitespace around it: what a model writes after a text that goes on begins with a space.
func trimmed(_ text: String) -> String {
  func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
  let scalars = text.unicodeScalars
  guard let first = scalars.firstIndex(where: { !isSpace($0) }),
    let last = scalars.lastIndex(where: { !isSpace($0) })
  else { return "" }
  return String(scalars[first...last])
}

/// Groups of `size` indices, longest inputs first, so that a batch of one group wastes little.
func inputGroups(_ inputs: [[TokenID]], of size: Int) -> [[Int]] {
  let order = inputs.indices.sorted { (inputs[$0].count, $1) > (inputs[$1].count, $0) }
  return stride(from: 0, to: order.count, by: size).map { Array(order[$0..<min($0 + size, order.count)]) }
}
