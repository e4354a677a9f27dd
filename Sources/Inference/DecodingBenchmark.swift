import Compute
import Corpus
import Foundation
import ModelKit
import Randomness
import Records
import Support

/// How fast a model writes: answers of a fixed length to random inputs, with the end-of-sequence token left out of the
/// game so that every answer is as long as every other.
public struct DecodingBenchmark: Sendable {
  public var batch: Int
  /// 1 for greedy decoding.
  public var beams: Int
  public var inputLength: Int
  public var targetLength: Int
  public var rounds: Int

  public init(batch: Int, beams: Int, inputLength: Int, targetLength: Int, rounds: Int) {
    self.batch = batch
    self.beams = beams
    self.inputLength = inputLength
    self.targetLength = targetLength
    self.rounds = rounds
  }

  public struct Report: Sendable, Codable, Hashable {
    public var batch: Int
    public var beams: Int
    public var targetLength: Int
    /// Tokens of the answers, in the median round: those of a beam's other hypotheses are not counted.
    public var tokensPerSecond: Double
    public var seconds: [Double]
    public var precision: String
    public var shards: Int
    /// What was read and the best answer to it, for who wants the same of another implementation.
    public var inputs: [[TokenID]]
    public var answers: [[TokenID]]
  }

  /// No token is end-of-sequence.
  private static let never: TokenID = -1

  /// - Throws: `.usage` for numbers out of range and for a model that cannot write.
  public func run(_ model: ShardedModel) throws(GraftError) -> Report {
    guard batch > 0, inputLength > 0, targetLength > 0, rounds > 0 else {
      throw GraftError(
        .usage, "nothing to time", hint: "batch, input length, target length and rounds are positive.")
    }
    let backbone = try model.generativeBackbone()
    let needed = backbone.layout == .encoderDecoder ? max(inputLength, targetLength) : inputLength + targetLength
    if let longest = backbone.traits.longestSequence, needed > longest {
      throw GraftError(
        .usage, "\(needed) tokens exceed the model's \(longest) positions",
        hint: "take smaller `input-length:` or `target-length:`.")
    }
    var strategy = DecodingOptions.Strategy.greedy
    if beams != 1 {
      let options = BeamOptions(count: beams)
      try options.validate()
      strategy = .beam(options)
    }
    let inputs = inputs(vocabularySize: backbone.configuration.vocabularySize)
    let batches = batches(inputs, backbone, shards: model.shardCount)
    let decoder = SequenceDecoder(
      backbone, DecodingOptions(strategy, maximumTokens: targetLength), end: Self.never)
    var answers: [[TokenID]] = []
    var seconds: [Double] = []
    // The first round is not counted.
    for round in 0...rounds {
      let start = ContinuousClock.now
      let found = try model.map(batches) { _, batch, tape in
        decoder(batch, samples: Array(batch.decoder.lengths.indices), on: tape)
      }.flatMap { $0 }
      answers = []
      for (index, hypotheses) in found.enumerated() {
        guard let best = hypotheses.first else { throw .notFinite("answer", of: "input \(index + 1)") }
        answers.append(best.tokens)
      }
      if round > 0 { seconds.append(start.secondsUntilNow) }
    }
    let median = seconds.sorted()[rounds / 2]
    return Report(
      batch: batch, beams: beams, targetLength: targetLength,
      tokensPerSecond: Double(answers.reduce(0) { $0 + $1.count }) / median, seconds: seconds,
      precision: model.precision.rawValue, shards: model.shardCount, inputs: inputs, answers: answers)
  }

  private func inputs(vocabularySize: Int) -> [[TokenID]] {
    var generator = RandomKey(seed: 0).folded("decoding benchmark").generator()
    return (0..<batch).map { _ in
      (0..<inputLength).map { _ in TokenID(generator.below(vocabularySize)) }
    }
  }

  /// One batch per shard that has something to do.
  private func batches(_ inputs: [[TokenID]], _ backbone: any GenerativeBackbone, shards: Int) -> [Batch] {
    let converter = backbone.layout.converter(
      vocabulary: Vocabulary(size: backbone.configuration.vocabularySize, sentinels: []),
      lengths: SequenceLengths(inputs: inputLength, targets: targetLength))
    let parts = min(shards, inputs.count)
    return (0..<parts).map { part in
      converter.batch(
        inputs[ShardExecutor.slice(inputs.count, shard: part, of: parts)].map {
          var example = TokenExample(inputs: $0, targets: [Self.never])
          // A decoder reads what the report says, and nothing before it.
          example.omitsStart = backbone.layout.isOneSequence
          return example
        })
    }
  }
}

extension DecodingBenchmark.Report: KindedFile {
  public static let kind = FileKind.decodingBenchmark
}
