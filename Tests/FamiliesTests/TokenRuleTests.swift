import ModelKit
import Randomness
import Records
import Testing

/// What an answer has or has not by a model's rules.
@Suite struct TokenRuleTests {
  /// Answers of a model with the given rules, by every strategy.
  private func answers(
    _ rules: [String: SizeValue], limit: Int, choices: [[TokenID]]? = nil
  ) throws -> [[Hypothesis]] {
    var configuration = TestModels.configuration("marian")
    for key in ["firstToken", "lastToken", "suppressedToken"] { configuration.sizes[key] = rules[key] }
    let model = try ModelLaboratory(configuration, seed: 8)
    let backbone = try #require(model.backbone.writer)
    var batch = Batch(layout: .encoderDecoder)
    for i in 0..<6 {
      batch.encoder.append([TokenID(5 + i), TokenID(9 + 2 * i), 7])
      batch.decoder.append([0])
    }
    let strategies: [DecodingOptions.Strategy] = [
      .greedy, .beam(BeamOptions(count: 3)), .sampling(SamplingOptions(temperature: 3, key: RandomKey(seed: 2))),
    ]
    return strategies.flatMap { strategy in
      model.tape.begin(training: false, recording: false, key: RandomKey(seed: 0))
      let options = DecodingOptions(strategy, maximumTokens: limit, choices: choices, needsScores: true)
      return SequenceDecoder(backbone, options, end: 1)(batch, samples: Array(0..<6), on: model.tape)
    }
  }

  @Test func answersBeginAndEndAsTheModelHasIt() throws {
    for answer in try answers(["firstToken": 4, "lastToken": 1], limit: 4).joined() {
      #expect(answer.tokens.first == 4)
      #expect(answer.hasEnded)
    }
    // One place is both the first and the last.
    for answer in try answers(["firstToken": 4, "lastToken": 1], limit: 1).joined() {
      #expect(answer.tokens == [4] && !answer.hasEnded && answer.logProbability == 0)
    }
  }

  /// Whichever token a free answer has most, it can be kept out.
  @Test func aSuppressedTokenIsNeverWritten() throws {
    let free = try answers([:], limit: 5).joined().flatMap(\.tokens)
    let counts = Dictionary(free.map { ($0, 1) }, uniquingKeysWith: +)
    let most = try #require(counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key)
    for token in [most, 0, 49] {
      let written = try answers(["suppressedToken": SizeValue(Int(token))], limit: 5).joined().flatMap(\.tokens)
      #expect(!written.isEmpty && !written.contains(token))
    }
  }

  @Test func choicesAreWrittenInFull() throws {
    let choices: [[TokenID]] = [[9, 10, 11], [20, 4]]
    let rules: [String: SizeValue] = ["firstToken": 4, "lastToken": 1, "suppressedToken": 9]
    for answer in try answers(rules, limit: 4, choices: choices).joined() {
      #expect(answer.hasEnded && choices.contains(answer.tokens))
    }
  }
}
