import Checkpointing
import Corpus
import Foundation
import ModelKit
import Objectives
import Randomness
import Records
import TestSupport
import Testing

@testable import Inference
@testable import Training

@Suite(.tags(.slow)) struct ShardedModelTests {
  static func loss(_ model: ShardedModel) throws -> BatchLoss {
    let predictor = try model.tokenPredictor()
    return { batch, scale, state, recomputing, tape in
      predictor.loss(batch, scale: scale, following: state, recomputing: recomputing, on: tape)
    }
  }

  /// Eight examples of quite different lengths.
  private static func examples() -> [TokenExample] {
    (0..<8).map { (index: Int) -> TokenExample in
      let inputs = (0..<3 + index).map { (i: Int) -> TokenID in TokenID(10 + i * 3 + index) }
      let targets = (0..<1 + 2 * index).map { (i: Int) -> TokenID in TokenID(40 + i + index) }
      return TokenExample(inputs: inputs + [1], targets: targets + [1])
    }
  }

  /// The examples as one batch for each of two shards.
  static func batches(_ model: ShardedModel) throws -> [[Batch]] {
    let converter = model.backbone.layout.converter(
      vocabulary: try Laboratory.shared.get().tokenizer.vocabulary, lengths: SequenceLengths(inputs: 32, targets: 32))
    let examples = examples()
    return [[converter.batch(Array(examples[..<4]))], [converter.batch(Array(examples[4...]))]]
  }

  private func gradient(_ family: String, shards: Int, pieces: [[[TokenExample]]]) throws
    -> (gradient: [Float], loss: Double, targets: Int)
  {
    let laboratory = try Laboratory.shared.get()
    let model = try ShardedModel(
      laboratory.configuration(family), key: RandomKey(seed: 9), precision: .f32, shardCount: shards,
      training: true)
    let converter = model.backbone.layout.converter(
      vocabulary: laboratory.tokenizer.vocabulary, lengths: SequenceLengths(inputs: 32, targets: 32))
    let batches = pieces.map { $0.map { converter.batch($0) } }
    let sum = model.accumulate(
      batches, key: RandomKey(seed: 1), recomputing: false, loss: try Self.loss(model))
    return (model.gradientSum(), sum.total, sum.targetCount)
  }

  @Test(arguments: SmallModels.writers) func microBatchesAddUpToTheBigBatch(_ family: String) throws {
    let examples = Self.examples()
    let big = try gradient(family, shards: 1, pieces: [[examples]])
    // 2, 6, 10 … targets: a mean of means would be another gradient.
    let pairs = stride(from: 0, to: 8, by: 2).map { Array(examples[$0..<$0 + 2]) }
    let splits: [(shards: Int, pieces: [[[TokenExample]]])] = [
      (1, [pairs]), (2, [Array(pairs[..<2]), Array(pairs[2...])]), (4, pairs.map { [$0] }),
      (2, [[examples], [[]]]), (3, [[Array(examples[..<1])], [[], Array(examples[1...])], []]),
    ]
    let scale = big.gradient.map(abs).max() ?? 0
    #expect(scale > 0)
    for (shards, pieces) in splits {
      let other = try gradient(family, shards: shards, pieces: pieces)
      #expect(other.targets == big.targets)
      #expect(abs(other.loss - big.loss) < 1e-5 * big.loss)
      let worst = zip(big.gradient, other.gradient).map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst < 1e-5 * scale, "\(family), \(shards) shards: \(worst) of \(scale)")
    }
  }

  @Test func emptyExamplesContributeNothing() throws {
    let examples = Self.examples()
    let none = TokenExample(inputs: [], targets: [])
    for family in ["t5", "gpt"] {
      let plain = try gradient(family, shards: 1, pieces: [[examples]])
      let mixed = try gradient(
        family, shards: 1, pieces: [[[none] + examples[..<3] + [none] + examples[3...] + [none]]])
      #expect(plain.targets == mixed.targets)
      #expect(plain.loss == mixed.loss)
      #expect(plain.gradient == mixed.gradient)
    }
  }

  @Test(arguments: SmallModels.writers) func heldOutLossCountsNatsTargetsAndBytes(_ family: String) throws {
    let laboratory = try Laboratory.shared.get()
    let tokenizer = laboratory.tokenizer
    let texts = ["The cat sees the dog.", "A dog.", "Nobody sleeps, and äöü is not ASCII."]
    let codec = TextCodec(tokenizer)
    let examples = texts.map { TokenExample(inputs: codec.tokens("say"), targets: codec.tokens($0)) }
    let model = try ShardedModel(
      laboratory.configuration(family), key: RandomKey(seed: 9), precision: .f32, shardCount: 2,
      training: false)
    let lengths = SequenceLengths(inputs: 8, targets: 48)
    let converter = model.backbone.layout.converter(vocabulary: tokenizer.vocabulary, lengths: lengths)
    let heldOut = HeldOutLoss(examples, converter: converter, tokenizer: tokenizer, batchSize: 2)
    let state = TrainingState(
      step: 7, tokensSeen: 0, sampleIndex: 0, elapsedSeconds: 0, details: LoopDetails())
    let report = try heldOut.report(model, loss: Self.loss(model), state: state)
    #expect(report.step == 7)
    let perToken = report.lossPerToken
    let bitsPerByte = try #require(report.bitsPerByte)
    let count = report.targetCount
    // End-of-sequence is a target, but spells nothing.
    #expect(count == texts.reduce(0) { $0 + tokenizer.encode($1).count + 1 })
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    #expect(abs(bitsPerByte * Double(bytes) * log(2) - perToken * Double(count)) < 1e-6 * perToken)
    // The same nats that ranking sees.
    let predictor = try Predictor(model: model, codec: codec, lengths: lengths)
    let scores = try predictor.logProbabilities(inputs: ["say"], candidates: texts)[0]
    #expect(abs(-scores.reduce(0, +) - perToken * Double(count)) < 1e-4 * perToken * Double(count))
  }

  /// Of several tasks each has its own loss, and together they are the whole.
  @Test func heldOutLossIsSplitByTask() throws {
    let laboratory = try Laboratory.shared.get()
    let codec = TextCodec(laboratory.tokenizer)
    func examples(_ texts: [String]) -> [TokenExample] {
      texts.map { TokenExample(inputs: codec.tokens("say"), targets: codec.tokens($0)) }
    }
    let model = try ShardedModel(
      laboratory.configuration("t5"), key: RandomKey(seed: 9), precision: .f32, shardCount: 2, training: false)
    let converter = model.backbone.layout.converter(
      vocabulary: laboratory.tokenizer.vocabulary, lengths: SequenceLengths(inputs: 8, targets: 48))
    let state = TrainingState(
      step: 7, tokensSeen: 0, sampleIndex: 0, elapsedSeconds: 0, details: LoopDetails())
    let sets = [("a", examples(["The cat sees the dog.", "A dog.", "A cat."])), ("b", examples(["Nobody sleeps."]))]
    func report(_ tasks: [(String, [TokenExample])]) throws -> HeldOutReport {
      try HeldOutLoss(
        tasks: tasks.map { HeldOutLoss.TaskExamples(task: $0.0, examples: $0.1, lostBytes: 0) },
        converter: converter, tokenizer: laboratory.tokenizer, batchSize: 2
      ).report(model, loss: Self.loss(model), state: state)
    }
    let whole = try report(sets)
    let parts = try #require(whole.tasks)
    #expect(parts.map(\.task) == ["a", "b"])
    for (part, set) in zip(parts, sets) {
      let alone = try report([set])
      #expect(alone.tasks == nil && alone.targetCount == part.targetCount)
      #expect(abs(alone.lossPerToken - part.lossPerToken) < 1e-5)
    }
    let sum = parts.reduce(0) { $0 + $1.lossPerToken * Double($1.targetCount) }
    #expect(abs(sum / Double(whole.targetCount) - whole.lossPerToken) < 1e-6)
  }

  @Test func theUnigramReferenceIsTheEntropyOfTheTargets() throws {
    let laboratory = try Laboratory.shared.get()
    let converter = BatchLayout.decoder.converter(
      vocabulary: laboratory.tokenizer.vocabulary, lengths: SequenceLengths(inputs: 8, targets: 8))
    let examples = [TokenExample(inputs: [], targets: [5, 5, 5, 6])]
    let heldOut = HeldOutLoss(examples, converter: converter, tokenizer: laboratory.tokenizer)
    // Add-one over ten ids: 5 has 4 of 14, 6 has 2 of 14.
    let expected = -(3 * log(4.0 / 14) + log(2.0 / 14)) / 4
    #expect(abs(heldOut.unigramReference(examples, vocabularySize: 10) - expected) < 1e-12)
  }
}
