import Compute
import Corpus
import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Training

@Suite(.tags(.slow)) struct DynamicEvaluationTests {
  private func model() throws -> (ShardedModel, TextCodec) {
    let model = try ShardedModel(
      SmallModels.configuration("gpt"), key: RandomKey(seed: 4), precision: .f32, shardCount: 2, training: true)
    var codec = TextCodec(try SmallModels.tokenizer.get())
    codec.layout = .continuation
    return (model, codec)
  }

  private func batch(_ codec: TextCodec, _ model: ShardedModel, _ text: String) -> Batch {
    var example = TokenExample(inputs: [], targets: codec.tokenizer.encode(text))
    example.isContinuation = true
    let lengths = SequenceLengths(inputs: 1, targets: example.targets.count)
    return model.backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths).batch([example])
  }

  /// A step is the rate times the clipped gradient, and a part of the way back to the beginning.
  @Test func aStepIsTheFormula() throws {
    let ((model, codec), (other, _)) = (try self.model(), try self.model())
    let (rate, decay) = (0.5, 0.25)
    let original = Array(model.store.values)
    let evaluation = try DynamicEvaluation(model, rate: rate, decay: decay)
    let batch = batch(codec, model, "The cat sees the dog.")
    var expected = original.map { Double($0) }
    evaluation.begin()
    let predictor = try #require(other.backbone.predictor)
    for step in 1...3 {
      for (place, value) in expected.enumerated() { other.store.values[place] = Float(value) }
      other.refreshOperands()
      _ = other.accumulate([[batch], []], key: RandomKey(seed: 0).folded(step), recomputing: false) {
        batch, scale, _, _, tape in
        predictor.forward(batch, on: tape).crossEntropy(batch, gradientScale: scale.perTarget, on: tape)
      }
      let gradient = other.gradientSum().map { Double($0) }
      let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for place in expected.indices {
        expected[place] +=
          decay * (Double(original[place]) - expected[place]) - rate * gradient[place] / max(1, norm)
      }
      try evaluation.adapt(to: batch)
    }
    for (found, expected) in zip(model.store.values, expected) { #expect(abs(Double(found) - expected) < 1e-4) }
    #expect(zip(model.store.values, original).contains { abs($0 - $1) > 1e-3 })
    evaluation.begin()
    #expect(model.store.values.elementsEqual(original))
  }

  /// A text that repeats itself becomes more probable, the first window has what the model says, and a second scoring
  /// gives the same bits.
  @Test func aModelFollowsTheText() throws {
    let (model, codec) = try model()
    let evaluation = try DynamicEvaluation(model, rate: 0.5, decay: 0)
    let ids = codec.tokenizer.encode(String(repeating: "The cat sees the dog. ", count: 12))
    func scores(_ memory: ScoringMemory) throws -> [Double] {
      try TextFileScorer(model: model, codec: codec, length: 16, stride: 16, memory: memory).logProbabilities(ids)
    }
    let plain = try scores(ScoringMemory())
    let dynamic = try scores(ScoringMemory(adaptation: evaluation))
    for (dynamic, plain) in zip(dynamic[..<16], plain) { #expect(abs(dynamic - plain) < 1e-5) }
    #expect(dynamic.reduce(0, +) > 0.8 * plain.reduce(0, +))
    #expect(try scores(ScoringMemory(adaptation: evaluation)) == dynamic)
  }

  @Test func impossibleRatesAreRefused() throws {
    let (model, _) = try model()
    for (rate, decay) in [(0.0, 0.0), (-1, 0), (.infinity, 0), (0.1, 1.5), (0.1, -0.5)] {
      #expect(throws: GraftError.self) { try DynamicEvaluation(model, rate: rate, decay: decay) }
    }
  }
}
