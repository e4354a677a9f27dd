import Foundation
import Records
import TestSupport
import Testing

@testable import Scoring

/// Metrics with several references to an answer, against sacrebleu and rouge-score.
@Suite struct SeveralReferenceTests {
  /// See Tests/Fixtures/scoring/make_reference_fixtures.py.
  struct Fixture: Decodable, CustomTestStringConvertible {
    var name: String
    var predictions: [String]
    var references: [[String]]
    var scores: [String: Double]
    var signatures: [String: String]
    var testDescription: String { name }

    static let all: [Fixture] = {
      let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/scoring/references.json")
      return (try? JSONDecoder().decode([Fixture].self, from: Data(contentsOf: path))) ?? []
    }()
  }

  @Test(.tags(.slow), arguments: Fixture.all) func scoresOfSeveralReferences(_ fixture: Fixture) throws {
    let predictions = fixture.predictions.map { Prediction(text: $0) }
    let references = fixture.references.map { Reference(text: $0[0], alternatives: Array($0.dropFirst())) }
    #expect(fixture.scores.count == 7)
    for (name, wanted) in fixture.scores {
      let found = try Metrics.registry(name).measure(predictions, references, bootstrap: noBootstrap)
      #expect(equal(found.value, wanted), "\(name)")
      if let signature = fixture.signatures[name] {
        #expect(found.signature.hasPrefix("\(signature)|"), "\(name)")
      }
    }
  }

  @Test func fixturesAreThere() {
    #expect(Fixture.all.map(\.name) == ["one", "three", "several", "two"])
  }

  /// Of lengths 2 and 4, both one away from 3, the shorter; clipped to the reference that has the word most.
  @Test func closestLengthAndGreatestCounts() {
    let counts = BLEU().statistic(
      prediction: Prediction(text: "a a b"),
      reference: Reference(text: "a c a d", alternatives: ["a b"]))
    #expect(counts.referenceLength == 2)
    #expect(counts.matches == SIMD4(3, 1, 0, 0))
  }

  /// The best over the right answers, as SQuAD's script has it.
  @Test func squadTakesTheBest() throws {
    let answer = Prediction(text: "the red house")
    let reference = Reference(text: "a garden", alternatives: ["red house", "house"])
    #expect(SQuADExactMatch().statistic(prediction: answer, reference: reference))
    #expect(SQuADF1().statistic(prediction: answer, reference: reference) == 1)
    let worse = Reference(text: "a garden", alternatives: ["house"])
    #expect(SQuADF1().statistic(prediction: answer, reference: worse) == 2.0 / 3)
  }

  /// -4 nats over 2 tokens against -5 over 5, of 8 and 5 bytes.
  @Test func normalisedAccuracies() throws {
    var answer = Prediction(text: "x", choice: 0, choiceScores: [-4, -5])
    let reference = Reference(text: "y", choice: 1)
    #expect(throws: (any Error).self) {
      try NormalizedAccuracy(.token).statistic(prediction: answer, reference: reference)
    }
    answer.choiceScoresPerToken = [-2, -1]
    answer.choiceScoresPerByte = [-1, -1]
    #expect(Accuracy().statistic(prediction: answer, reference: reference) == 0)
    #expect(try NormalizedAccuracy(.token).statistic(prediction: answer, reference: reference) == 1)
    #expect(try NormalizedAccuracy(.byte).statistic(prediction: answer, reference: reference) == 0.5)
  }
}
