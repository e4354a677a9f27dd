import Corpus
import Foundation
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference

/// Models whose weights are finite and whose answers are not: whatever is asked of them is an error that names the
/// text.
@Suite(.tags(.slow)) struct NotFiniteScoreTests {
  private func model(_ family: String, spoiling name: String) throws -> (ShardedModel, TextCodec) {
    let tokenizer = try SmallModels.tokenizer.get()
    let model = try ShardedModel(
      SmallModels.configuration(family), key: RandomKey(seed: 9), precision: .f32, shardCount: 2,
      training: false)
    let entries = model.store.entries.filter { $0.name.hasSuffix(name) }
    #expect(!entries.isEmpty)
    for entry in entries { model.store.values(of: entry).update(repeating: 3e38) }
    model.refreshOperands()
    return (model, TextCodec(tokenizer))
  }

  private func expectFailure(_ what: String, says text: String, _ body: () throws -> Void) {
    let error = #expect(throws: GraftError.self, "\(what)") { try body() }
    #expect(error?.code == .internalError, "\(what)")
    #expect(error?.message.contains(text) == true, "\(what): \(error?.message ?? "")")
    #expect(error?.hint != nil)
  }

  @Test(arguments: ["t5", "gpt"]) func nothingIsChosenOrWritten(_ family: String) throws {
    let (model, codec) = try model(family, spoiling: "decoder.final_norm.weight")
    var predictor = try Predictor(
      model: model, codec: codec, lengths: SequenceLengths(inputs: 12, targets: 6))
    let inputs = ["The cat", "A dog sees"]
    expectFailure("rank", says: "is not finite") {
      _ = try predictor.rank(inputs: inputs, choices: ["yes", "no"])
    }
    expectFailure("candidates", says: "'The cat'") {
      _ = try predictor.rank(candidates: [[Candidate(inputs: "The cat", targets: "runs")]])
    }
    let strategies: [DecodingOptions.Strategy] = [
      .greedy, .beam(BeamOptions(count: 2)), .sampling(SamplingOptions(key: RandomKey(seed: 1))),
    ]
    for strategy in strategies {
      for limit in [1, 4] {
        expectFailure("\(strategy)", says: "is not finite") {
          _ = try predictor.answers(
            inputs: inputs, decoding: DecodingOptions(strategy, maximumTokens: limit))
        }
      }
    }
    var choices = DecodingOptions(.beam(BeamOptions(count: 2)), maximumTokens: 4)
    choices.choices = predictor.choices(["yes", "no"])
    expectFailure("choices", says: "is not finite") {
      _ = try predictor.answers(inputs: inputs, decoding: choices)
    }
    predictor.names = ExampleNames(["task/test/1", "task/test/2"])
    expectFailure("names", says: "example 'task/test/") { _ = try predictor.generate(inputs: inputs) }
  }

  @Test(arguments: ["t5", "gpt", "bert"]) func nothingIsScored(_ family: String) throws {
    let name = family == "bert" ? "vocabulary_head.norm.weight" : "final_norm.weight"
    let (model, codec) = try model(family, spoiling: name)
    let scorer = try TextScorer(model: model, codec: codec)
    expectFailure(family, says: "text 1, 'The cat'") {
      _ = try scorer.score(input: nil, targets: ["The cat", "A dog"])
    }
    let pair = Example(identifier: "pairs/test/7", inputs: "A dog runs.", targets: "A dog run.")
    expectFailure(family, says: "example 'pairs/test/7'") { _ = try scorer.preferences([pair]) }
  }

  /// A model that is well answers.
  @Test func finiteModelsAreNotTouched() throws {
    let tokenizer = try SmallModels.tokenizer.get()
    let model = try ShardedModel(
      SmallModels.configuration("t5"), key: RandomKey(seed: 9), precision: .f32, shardCount: 2,
      training: false)
    let predictor = try Predictor(
      model: model, codec: TextCodec(tokenizer), lengths: SequenceLengths(inputs: 12, targets: 6))
    let options = DecodingOptions(.beam(BeamOptions(count: 2)), maximumTokens: 3)
    #expect(try predictor.answers(inputs: ["a", "b"], decoding: options).map(\.count) == [2, 2])
  }

  @Test func aStopEndsAPass() throws {
    let (model, codec) = try model("t5", spoiling: "final_norm.weight")
    let stop = StopRequest()
    model.stop = stop
    stop.request(signal: 15)
    let predictor = try Predictor(
      model: model, codec: codec, lengths: SequenceLengths(inputs: 12, targets: 6))
    let error = #expect(throws: GraftError.self) {
      try predictor.rank(inputs: ["a"], choices: ["yes", "no"])
    }
    #expect(error?.code == .terminated)
  }
}
