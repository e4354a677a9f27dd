import Autograd
import Corpus
import Examples
import ModelKit
import Support

/// How a model's answer to a task with choices is found.
public enum AnswerMode: String, Sendable, Codable, CaseIterable {
  /// Greedy decoding; an answer that is none of the choices is wrong.
  case generate
  /// The choice with the highest log-probability.
  case rank
}

/// Reads answers from a model: by ranking choices or by greedy decoding.
public struct Predictor: Sendable {
  private let model: ShardedModel
  private let backbone: any GenerativeBackbone
  private let codec: TextCodec
  private let lengths: SequenceLengths
  private let converter: any LayoutConverter
  /// - Throws: `.usage` for a backbone that cannot write.
  public init(model: ShardedModel, codec: TextCodec, lengths: SequenceLengths) throws(GraftError) {
    self.model = model
    backbone = try model.generativeBackbone()
    self.codec = codec
    self.lengths = lengths
    converter = model.backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths)
  }

  /// Log-probability of every target after its input, summed over the target's tokens: `scores[i][c]` for input
  /// i and candidate c, end-of-sequence included.
  public func logProbabilities(inputs: [String], candidates: [String]) -> [[Double]] {
    let encoded = inputs.map { codec.tokens($0) }
    let targets = candidates.map { codec.tokens($0) }
    let groups = inputGroups(encoded)
    // One batch per group and candidate; all batches of a group share their inputs.
    var byGroup: [[Batch]] = []
    for group in groups {
      var batches: [Batch] = []
      for target in targets {
        batches.append(converter.batch(group.map { TokenExample(inputs: encoded[$0], targets: target) }))
      }
      byGroup.append(batches)
    }
    let (backbone, batches) = (backbone, byGroup)
    let scores: [[[Double]]] = model.map(batches.compactMap(\.first)) { index, _, tape in
      Predictor.scores(batches[index], backbone, tape)
    }
    var result = [[Double]](repeating: [], count: inputs.count)
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

  /// The candidate of each row whose target is the likeliest after its input; inputs may differ as well.
  public func rank(candidates: [[Candidate]]) -> [Prediction] {
    let examples = candidates.joined().map {
      TokenExample(inputs: codec.tokens($0.inputs), targets: codec.tokens($0.targets))
    }
    let groups = inputGroups(examples.map(\.inputs))
    let batches = groups.map { group in converter.batch(group.map { examples[$0] }) }
    let backbone = backbone
    let found = model.map(batches) { _, batch, tape in Predictor.scores([batch], backbone, tape) }
    var scores = [Double](repeating: 0, count: examples.count)
    for (group, sums) in zip(groups, found) {
      for (index, sum) in zip(group, sums.joined()) { scores[index] = sum }
    }
    var rest = scores[...]
    return candidates.map { row in
      defer { rest = rest.dropFirst(row.count) }
      return Prediction(row.map(\.targets), scores: Array(rest.prefix(row.count)))
    }
  }

  /// The choice with the highest log-probability for every input.
  public func rank(inputs: [String], choices: [String]) -> [Prediction] {
    logProbabilities(inputs: inputs, candidates: choices).map { Prediction(choices, scores: $0) }
  }

  /// Greedy decoding of every input, at most `lengths.targets` tokens.
  /// - Parameter recognizingSpecialTokens: whether `<extra_id_0>` in an input is that token.
  public func generate(inputs: [String], recognizingSpecialTokens: Bool = false) -> [Prediction] {
    let encoded = inputs.map { codec.tokens($0, recognizingSpecialTokens: recognizingSpecialTokens) }
    let groups = inputGroups(encoded)
    let batches = groups.map { group in
      converter.batch(
        group.map { TokenExample(inputs: encoded[$0], targets: [codec.vocabulary.endOfSequence]) })
    }
    let (backbone, vocabulary, limit) = (backbone, codec.vocabulary, lengths.targets)
    let maximum = backbone.configuration.maximumLength ?? Int.max
    let answers = model.map(batches) { _, batch, tape -> [[TokenID]] in
      Predictor.decodeGreedily(
        batch, backbone: backbone, end: vocabulary.endOfSequence, limit: limit, maximum: maximum, tape)
    }
    var result = [Prediction](repeating: Prediction(text: ""), count: inputs.count)
    for (group, texts) in zip(groups, answers) {
      for (index, ids) in zip(group, texts) {
        result[index] = Prediction(text: codec.tokenizer.decodeText(ids))
      }
    }
    return result
  }

  private static func decodeGreedily(
    _ batch: Batch, backbone: any GenerativeBackbone, end: TokenID, limit: Int, maximum: Int, _ tape: Tape
  ) -> [[TokenID]] {
    let memory = backbone.encode(batch.encoder, recomputing: false, on: tape)
    let mark = tape.arena.mark
    var sequences: [[TokenID]] = []
    var start = 0
    for length in batch.decoder.lengths {
      sequences.append(Array(batch.decoder.tokens[start..<start + length]))
      start += length
    }
    var answers = [[TokenID]](repeating: [], count: sequences.count)
    var isDone = [Bool](repeating: false, count: sequences.count)
    for _ in 0..<limit where isDone.contains(false) {
      var decoder = TokenSequences()
      for sequence in sequences { decoder.append(sequence) }
      decoder.prefixes = batch.decoder.prefixes
      let output = backbone.decode(decoder, memory: memory, recomputing: false, on: tape)
      let last = zip(output.rows.offsets, sequences).map { Int32($0 + $1.count - 1) }
      let logits = output.logits(at: last, on: tape)
      for i in sequences.indices where !isDone[i] {
        let token = logits.argumentOfMaximum(row: i)
        if token == end {
          isDone[i] = true
        } else {
          answers[i].append(token)
          sequences[i].append(token)
          isDone[i] = sequences[i].count >= maximum
        }
      }
      tape.arena.release(to: mark)
    }
    return answers
  }
}

/// Groups of indices, longest inputs first, so that a batch of one group wastes little.
func inputGroups(_ inputs: [[TokenID]]) -> [[Int]] {
  let order = inputs.indices.sorted { (inputs[$0].count, $1) > (inputs[$1].count, $0) }
  return stride(from: 0, to: order.count, by: 64).map { Array(order[$0..<min($0 + 64, order.count)]) }
}

extension Prediction {
  /// The choice with the highest score.
  init(_ choices: [String], scores: [Double]) {
    // Ties go to the first choice; in f32 they do not happen by accident.
    let best = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? 0
    self.init(text: choices[best], choice: best, choiceScores: scores)
  }
}

extension Tensor {
  /// The column of the largest value in an f32 row; the first of equals.
  fileprivate func argumentOfMaximum(row: Int) -> TokenID {
    let values = data.assumingMemoryBound(to: Float.self) + row * columns
    var best = 0
    for column in 1..<columns where values[column] > values[best] { best = column }
    return TokenID(best)
  }
}
