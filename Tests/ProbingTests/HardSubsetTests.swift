import Foundation
import Scoring
import TaskRegistry
import Testing

@testable import Probing

@Suite struct HardSubsetTests {
  /// Log-probabilities of two classes from the probability of the first, by seed and example.
  func logarithms(_ first: [[Double]]) -> [[[Double]]] { first.map { $0.map { [log($0), log(1 - $0)] } } }

  /// The worked example of the probe: .6, .4 and .7 of three seeds.
  @Test func meanProbabilityDecides() {
    let given = logarithms([[0.6, 0.9], [0.4, 0.45], [0.7, 0.45]])
    #expect(HardSubsetProbe.isEasy(given, [0, 0]) == [true, true])
    #expect(HardSubsetProbe.isEasy(given, [1, 1]) == [false, false])
    let agreement = HardSubsetProbe.agreement(given, [0, 0])
    // One of three pairs agrees about either example; 3 of 6 judgements are easy.
    #expect(abs(agreement.pairs - 1.0 / 3) < 1e-12)
    #expect(abs((agreement.kappa ?? 0) - (1.0 / 3 - 0.5) / 0.5) < 1e-12)
    #expect(HardSubsetProbe.agreement(logarithms([[0.9], [0.8]]), [0]) == .init(pairs: 1, kappa: nil))
    #expect(abs(HardSubsetProbe.meanAccuracy(given, [0, 0]) - 0.5) < 1e-12)
  }

  /// One of eleven hypotheses gives the wrong label away.
  @Test func subsets() throws {
    func rows(_ count: Int) -> [(String, String, String)] {
      Planted.given(count).enumerated().map { index, row in
        index % 11 == 10 ? (row.0, row.1, Planted.choices[(index + 1) % 3]) : row
      }
    }
    let planted = try Planted(["train": rows(300), "test": rows(60)])
    var options = Planted.fast
    let wrong = Set((0..<60).filter { $0 % 11 == 10 }.map { "planted/test/\($0 + 1)" })
    options.answers = [
      "test": [
        AnsweredSplit(
          name: "m",
          predictions: Dictionary(
            uniqueKeysWithValues: (0..<60).map {
              ("planted/test/\($0 + 1)", .init(text: Planted.choices[$0 % 3]))
            }))
      ]
    ]
    let report = try #require(try HardSubsetProbe().report(on: planted.input(options)) as? HardSubsetReport)
    #expect(report.input == "hypothesis-only")
    #expect(report.splits.map(\.split) == ["train", "test"])
    #expect(report.splits.map(\.isCrossFitted) == [true, false])
    #expect(report.splits.map(\.hard) == [27, 5])
    #expect(report.splits[1].pairAgreement == 1)
    let subsets = try #require(report.subsets.last)
    #expect(Set(subsets.subsets["hard"] ?? []) == wrong)
    #expect(subsets.subsets["easy"]?.count == 55)
    try subsets.check(of: planted.task, split: "test")
    let scores = try #require(report.splits[1].scores.first)
    #expect(scores.parts.map(\.part) == ["easy", "hard"])
    #expect(scores.parts.map { $0.score?.value } == [1, 0])
    #expect(abs((scores.all.score?.value ?? 0) - 55.0 / 60) < 1e-12)
  }
}
