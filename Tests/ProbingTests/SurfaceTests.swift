import Foundation
import Records
import Scoring
import Testing

@testable import Probing

@Suite struct SurfaceTests {
  @Test func stumps() {
    let stump = DecisionStump(values: [3, 1, 4, 2], labels: [1, 0, 1, 0], classCount: 2)
    #expect(stump.threshold == 2 && stump.below == 0 && stump.above == 1)
    #expect(stump(2) == 0 && stump(2.1) == 1)
    let constant = DecisionStump(values: [1, 1, 1, 1], labels: [1, 0, 1, 1], classCount: 2)
    #expect(constant.threshold == .infinity && constant(0) == 1 && constant(9) == 1)
    #expect(DecisionStump(values: [], labels: [], classCount: 2)(1) == 0)
  }

  func area(_ positives: [Double], _ negatives: [Double]) -> Double {
    let cells =
      positives.map { AreaUnderCurve.Cell(value: $0, isPositive: true) }
      + negatives.map { AreaUnderCurve.Cell(value: $0, isPositive: false) }
    return AreaUnderCurve.area(
      cells, cells.map { _ in 1 }, order: AreaUnderCurve.order(cells))
  }

  @Test func areas() {
    #expect(area([1, 3], [2, 2]) == 0.5)
    #expect(area([2, 3], [1, 2]) == 0.875)
    #expect(area([3, 4], [1, 2]) == 1)
    #expect(area([1, 1], [1]) == 0.5)
    #expect(area([1], []).isNaN)
    let cells = [
      AreaUnderCurve.Cell(value: 1, isPositive: true), AreaUnderCurve.Cell(value: 2, isPositive: true),
      AreaUnderCurve.Cell(value: 1, isPositive: false),
    ]
    // Positives 1 1 2, negative 1: two ties and one win of three.
    #expect(abs(AreaUnderCurve.area(cells, [2, 1, 1], order: [0, 2, 1]) - 2.0 / 3) < 1e-12)
  }

  @Test func features() throws {
    func example(_ premise: String, _ hypothesis: String) -> Example {
      Example(
        identifier: "t/train/1", inputs: "", targets: "",
        fields: ["premise": premise, "hypothesis": hypothesis])
    }
    let first = example("A dog runs.", "a cat isn't there")
    let features = SurfaceFeatures(
      fields: ["premise", "hypothesis"], training: [first, example("a cat runs", "no cat")])
    #expect(
      features.names == [
        "length:premise", "overlap:premise", "negation:premise", "unseen:premise", "typo:premise",
        "length:hypothesis",
        "overlap:hypothesis", "negation:hypothesis", "unseen:hypothesis", "typo:hypothesis",
      ])
    // dog, isn't and there stand in this training example alone.
    #expect(features(first, isInTraining: true) == [3, 1.0 / 3, 0, 1.0 / 3, 0, 4, 0.25, 1, 0.5, 0])
    #expect(features(first, isInTraining: false) == [3, 1.0 / 3, 0, 0, 0, 4, 0.25, 1, 0, 0])
    #expect(features(example("", ""), isInTraining: false) == [0, 1, 0, 0, 0, 0, 1, 0, 0, 0])
  }

  @Test func misspellings() {
    let rule = Misspellings(frequencies: ["standing": 10, "outside": 12, "rare": 3])
    for word in ["stnding", "stnading", "staanding", "stxnding", "outxside"] {
      #expect(rule.contains(word), "\(word)")
    }
    // The word itself, inflected, another first letter, too far, too short, not plain.
    for word in ["standing", "standings", "etanding", "stxxding", "rre", "outsde", "stand1ng"] {
      #expect(!rule.contains(word), "\(word)")
    }
    #expect(Misspellings.isOneEdit(Array("standng".utf8), Array("standing".utf8)) == false)
  }

  @Test func whatLengthTells() throws {
    let rows = (0..<60).map { index in
      ("p", String(repeating: "x ", count: 2 + index % 2 * 4 + index / 2 % 2), Planted.choices[index % 2])
    }
    let planted = try Planted(["train": rows, "test": rows])
    let report = try #require(try SurfaceProbe().report(on: planted.input()) as? SurfaceReport)
    let length = try #require(report.features.first { $0.feature == "length:hypothesis" })
    #expect(length.means["entailment"]?.value == 2.5 && length.means["neutral"]?.value == 6.5)
    #expect(length.means["contradiction"] == nil)
    #expect(length.threshold == 3 && length.below == "entailment" && length.above == "neutral")
    let score = try #require(length.scores.first)
    #expect(score.accuracy?.value == 1 && score.beyondMajority?.value == 0.5)
    #expect(score.areas["neutral"]?.value == 1 && score.areas["entailment"]?.value == 0)
    #expect(score.areas["contradiction"] == nil)
  }
}
