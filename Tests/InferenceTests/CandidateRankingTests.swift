import Corpus
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference

/// Candidates that belong to rows, ranked as choices that belong to tasks are.
@Suite(.tags(.slow)) struct CandidateRankingTests {
  @Test(arguments: SmallModels.writers) func sameChoicesSameScores(_ family: String) throws {
    let tokenizer = try SmallModels.tokenizer.get()
    let model = try ShardedModel(
      SmallModels.configuration(family), key: RandomKey(seed: 9), precision: .f32, shardCount: 2,
      training: false)
    let predictor = try Predictor(
      model: model, codec: TextCodec(tokenizer), lengths: SequenceLengths(inputs: 24, targets: 24))
    let inputs = ["say", "the cat sees the dog and", "x"]
    let choices = ["The cat sees the dog.", "A dog.", "ä"]
    let expected = try predictor.rank(inputs: inputs, choices: choices)
    let found = try predictor.rank(
      candidates: inputs.map { input in choices.map { Candidate(inputs: input, targets: $0) } })
    for (a, b) in zip(found, expected) {
      #expect(a.choice == b.choice && a.text == b.text)
      for scores in [\Prediction.choiceScores, \.choiceScoresPerToken, \.choiceScoresPerByte] {
        let (own, other) = (try #require(a[keyPath: scores]), try #require(b[keyPath: scores]))
        #expect(own.count == 3)
        for (x, y) in zip(own, other) { #expect(abs(x - y) < 1e-3 * abs(y)) }
      }
      // "ä" has two bytes.
      #expect(a.choiceScoresPerByte?[2] == a.choiceScores.map { $0[2] / 2 })
    }
    #expect(found.count == inputs.count && found.allSatisfy { $0.choiceScores?.count == 3 })
  }

  /// Rows may have different numbers of candidates, which may differ in what is read.
  @Test func rowsOfTheirOwn() throws {
    let tokenizer = try SmallModels.tokenizer.get()
    let model = try ShardedModel(
      SmallModels.configuration("gpt"), key: RandomKey(seed: 9), precision: .f32, shardCount: 2,
      training: false)
    let predictor = try Predictor(
      model: model, codec: TextCodec(tokenizer), lengths: SequenceLengths(inputs: 24, targets: 24))
    let rows = [
      [Candidate(inputs: "the cat", targets: "sleeps"), Candidate(inputs: "the dog", targets: "sleeps")],
      [Candidate(inputs: "a", targets: "b")],
    ]
    let found = try predictor.rank(candidates: rows)
    #expect(found.map { $0.choiceScores?.count } == [2, 1])
    for (row, prediction) in zip(rows, found) {
      for (candidate, score) in zip(row, prediction.choiceScores ?? []) {
        let alone = try predictor.logProbabilities(inputs: [candidate.inputs], candidates: [candidate.targets])
        #expect(abs(alone[0][0] - score) < 1e-3 * abs(score))
      }
    }
    #expect(try predictor.rank(candidates: []).isEmpty)
  }

  /// A decoder reads a prompt once for all its candidates, which changes nothing but the last digits.
  @Test(arguments: SmallModels.writers, TextLayout.allCases.filter { $0 != .segments })
  func onePromptForAllCandidates(_ family: String, _ layout: TextLayout) throws {
    let tokenizer = try SmallModels.tokenizer.get()
    let configuration = SmallModels.configuration(family)
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 9), precision: .f32, shardCount: 2, training: false)
    guard model.backbone.layout.isOneSequence else { return }
    for omitsStart in [false, true] {
      var codec = TextCodec(tokenizer)
      (codec.layout, codec.omitsStart) = (layout, omitsStart)
      let predictor = try Predictor(model: model, codec: codec, lengths: SequenceLengths(inputs: 16, targets: 12))
      // Prompts and answers that are cut, an answer of one token, and nothing to read.
      let inputs = ["say", "the cat sees the dog and the dog sees the cat and nobody sees them", "the cat"]
      let choices = ["The cat sees the dog, and the dog sees the cat.", "dog", "A dog."]
      let examples = inputs.map { input in choices.map { codec.example(input, $0) } }
      let shared = try #require(try predictor.sharedScores(examples))
      for (index, input) in inputs.enumerated() {
        for (candidate, choice) in choices.enumerated() {
          let alone = try predictor.logProbabilities(inputs: [input], candidates: [choice])[0][0]
          #expect(
            abs(shared[index][candidate] - alone) < 1e-5 * max(1, abs(alone)), "\(input), \(choice)")
        }
      }
      let different = [[codec.example("the cat", "a"), codec.example("the dog", "a")]]
      #expect(try predictor.sharedScores(different) == nil)
    }
  }
}
