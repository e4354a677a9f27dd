import Foundation
import Randomness
import Scoring
import Support
import TestSupport
import Testing

@testable import Probing

@Suite struct PartialInputTests {
  @Test func lengthWords() {
    #expect(PartialInput.lengthWords(["A dog runs.", "It moves."]) == ["w3 c1", "w2 c0 e1"])
    #expect(PartialInput.lengthWords(["", String(repeating: "a ", count: 37)]) == ["w0 c0", "w30 c7 d30"])
  }

  /// Every example is in a fold, classes are spread evenly, and all folds differ by at most one example.
  @Test func folds() {
    let labels = [0, 0, 1, 0, 1, 1, 2, 0, 2, 0, 0]
    let folds = PartialInputModels.folds(labels, count: 3, key: RandomKey(seed: 1))
    for label in 0...2 {
      let counts = (0..<3).map { fold in
        labels.indices.count { labels[$0] == label && folds[$0] == fold }
      }
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }
    let sizes = (0..<3).map { fold in folds.count { $0 == fold } }
    #expect(sizes.sorted() == [3, 4, 4])
    #expect(folds != PartialInputModels.folds(labels, count: 3, key: RandomKey(seed: 2)))
  }

  func report(_ planted: Planted, _ options: ProbeOptions = Planted.fast) throws -> PartialInputReport {
    try PartialInputProbe().partialInputReport(on: planted.input(options))
  }

  @Test func theFieldThatGivesTheLabelAwayIsFound() throws {
    let planted = try Planted(["train": Planted.given(240), "test": Planted.given(90, from: 7)])
    let report = try report(planted)
    func score(_ input: String) throws -> PartialInputReport.Score {
      try #require(report.scores.first { $0.input == input })
    }
    #expect(
      report.scores.map(\.input)
        == ["majority", "lengths-only", "shuffled-words", "hypothesis-only", "premise-only", "all-fields"])
    #expect(try score("hypothesis-only").accuracy.value == 1)
    #expect(try score("hypothesis-only").seeds == [1, 1])
    #expect(try score("premise-only").accuracy.value < 0.5)
    #expect(try score("shuffled-words").accuracy.value == 1)
    #expect(abs(try score("majority").accuracy.value - 1.0 / 3) < 1e-12)
    #expect(abs((try score("hypothesis-only").beyondMajority?.value ?? 0) - 2.0 / 3) < 1e-12)
    #expect(try #require(score("hypothesis-only").p) < 0.02)
    #expect(try score("majority").beyondMajority == nil)
    // Four words, five and five: entailment is told by its length, the others not from each other.
    #expect(abs(try score("lengths-only").accuracy.value - 2.0 / 3) < 0.1)
    #expect(report.tables[0].rows.count == 6)
  }

  @Test func withoutTrainingSplitFoldsJudgeEachOther() throws {
    let planted = try Planted(["test": Planted.given(120)])
    let report = try report(planted)
    let score = try #require(report.scores.first { $0.input == "hypothesis-only" })
    #expect(score.isCrossFitted && score.accuracy.value == 1)
    #expect(report.trainingSplit == "test")
  }

  /// Labels that nothing tells: a model that saw what it judges would know them by heart.
  @Test func crossFittingDoesNotLearnByHeart() throws {
    let rows = (0..<120).map { index in
      ("p\(index)", "w\(index) x\(index)", Planted.choices[(index * index / 7 + index) % 3])
    }
    let report = try report(try Planted(["test": rows]))
    let score = try #require(report.scores.first { $0.input == "hypothesis-only" })
    #expect(score.accuracy.value < 0.55)
  }

  @Test func theTasksOwnMetricStandsBesideAccuracy() throws {
    let planted = try Planted(
      ["train": Planted.given(60), "test": Planted.given(30)], metric: "macro-f1")
    let score = try #require(report(planted).scores.first { $0.input == "hypothesis-only" })
    #expect(score.primaryMetric == "macro-f1" && score.primary?.value == 1)
  }

  @Test func whatCannotBeProbedIsRefused() throws {
    func failure(_ body: () throws -> Void) throws -> GraftError {
      try #require(#expect(throws: GraftError.self, performing: body))
    }
    let one = try Planted(["train": [("p", "h", "neutral"), ("q", "i", "neutral")]])
    let only = try failure { _ = try one.input() }
    #expect(only.code == .badData && only.message.contains("only the class 'neutral'"))
    let empty = try Planted(["train": [], "test": Planted.given(9)])
    #expect(try failure { _ = try empty.input() }.message.contains("no examples"))
    let planted = try Planted(["train": Planted.given(9), "test": Planted.given(9)])
    #expect(try failure { _ = try planted.input(splits: ["tset"]) }.hint?.contains("'test'") == true)
    #expect(try failure { _ = try planted.input(train: "trian") }.code == .usage)
    var options = Planted.fast
    options.folds = 1
    #expect(try failure { _ = try planted.input(options) }.code == .usage)
    try planted.folder.remove("test.tsv")
    #expect(try failure { _ = try planted.input() }.code == .missingInput)
  }

  /// Every probe, on tiny and on one-sided data, gives tables and finite numbers.
  @Test(.tags(.slow), arguments: Probes.registry.names, [0, 1, 2])
  func conformance(_ name: String, _ form: Int) throws {
    let rows: [String: [(String, String, String)]] = [
      ["train": Planted.given(30), "test": Planted.given(12)],
      ["train": [("", "", "neutral"), ("a", "", "entailment")], "test": [("", "", "neutral")], "other": []],
      ["test": [("é", "?!", "neutral"), ("a", "b c", "contradiction"), ("a", "b c", "contradiction")]],
    ][form]
    let type = try Probes.registry(name)
    #expect(type.identifier == name)
    let planted = try Planted(rows)
    let input = try planted.input()
    let first = try type.init().report(on: input)
    #expect(!first.tables.isEmpty)
    #expect(first.tables.allSatisfy { !$0.title.isEmpty && !$0.columns.isEmpty })
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Fails on numbers that are not finite.
    let encoded = try encoder.encode(first)
    #expect(try encoder.encode(type.init().report(on: input)) == encoded)
    for subsets in first.subsets {
      try subsets.check(of: planted.task)
      let split = try #require(input.splits.first { $0.name == subsets.split })
      for name in subsets.names { _ = try subsets.examples(in: name, of: split.examples) }
    }
  }
}
