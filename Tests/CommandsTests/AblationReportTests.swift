import Foundation
import Scoring
import Support
import Testing

@testable import Experiments

/// A grid's page, word by word.
@Suite struct AblationReportTests {
  private func score(_ column: String, _ values: [Double], p: Double? = nil, _ difference: Double = 0) throws
    -> AblationScore
  {
    let summary = try #require(SeedSummary(values))
    var score = AblationScore(
      column: column, metric: "accuracy", seeds: [0, 1], values: values, mean: summary.mean,
      standardDeviation: summary.standardDeviation)
    if let p {
      score.versusBaseline = try JSONFile.value(
        SeededDifference.self,
        in: Data(
          """
          {"difference": \(difference), "interval": {"lower": \(difference - 1), "upper": \(difference + 1)}, "p": \(p),
           "holm": \(p), "seeds": [0, 1]}
          """.utf8))
    }
    return score
  }

  private func report() throws -> AblationReport {
    func cost(_ seed: UInt64, _ bits: Double) -> AblationCost {
      AblationCost(
        seed: seed, steps: 10, tokens: 2_000_000, flops: 2e13, seconds: 90, heldOut: 3.5, bitsPerByte: bits)
    }
    let base = AblationRow(
      cell: "base", objective: "causal-lm", backbone: "gpt-nano", changes: "", parameters: 1_910_000,
      pretraining: [cost(0, 1.5), cost(1, 1.6)], fineTuningSeconds: [10, 10],
      scores: [try score("blimp", [60, 62]), try score("sst2", [76, 78])], average: try score("average", [76, 78]))
    let muon = AblationRow(
      cell: "muon", objective: "causal-lm", backbone: "gpt-nano", changes: "optimizer muon", parameters: 1_910_000,
      pretraining: [cost(0, 1.4), cost(1, 1.4)], fineTuningSeconds: [10, 10],
      scores: [try score("blimp", [65, 65], p: 0.0005, 4), try score("sst2", [77, 78], p: 0.4, 0.5)],
      average: try score("average", [77, 78], p: 0.4, 0.5))
    let scratch = AblationRow(
      cell: "scratch", objective: "none", backbone: "gpt-nano", changes: "objective none", parameters: 1_910_000,
      pretraining: [], fineTuningSeconds: [], scores: [])
    return AblationReport(
      baseline: "base", budget: "2.0e+13 FLOPs", seeds: [0, 1], rows: [base, muon, scratch], doesNotFit: [],
      failures: [.init(cell: "scratch", seed: 0, stage: "finetune-sst2", error: "no room\n  hint: more")], missing: 1,
      asPretrained: ["blimp"])
  }

  @Test func thePageIsGolden() throws {
    let lines = try report().markdown.split(separator: "\n").map(String.init)
    #expect(
      Array(lines.prefix(11)) == [
        "# Pretraining grid",
        "Budget of each cell: 2.0e+13 FLOPs. Seeds: 0, 1.",
        "| model | parameters | FLOPs per token | tokens | FLOPs | wall-clock | held-out loss | bits per byte | blimp | sst2 "
          + "| average | difference [95 %] | p |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| **base** | 1.91M | 10.0M | 2.00M | 2.0e+13 | 1m30s | 3.500 | 1.550 ± 0.071 | 61.0 ± 1.4 | 77.0 ± 1.4 "
          + "| 77.0 ± 1.4 | baseline | – |",
        "| muon | 1.91M | 10.0M | 2.00M | 2.0e+13 | 1m30s | 3.500 | 1.400 ± 0.000 | 65.0 ± 0.0* | 77.5 ± 0.7 "
          + "| 77.5 ± 0.7 | +0.5 [−0.5, +1.5] | 0.400 |",
        "| scratch | 1.91M | – | – | – | – | – | – | – | – | – | – | – |",
        "What of the recipe each changes:",
        "- base: as it is",
        "- muon: optimizer muon",
        "- scratch: objective none",
      ])
    for line in [
      "Scores: blimp accuracy, sst2 accuracy.",
      "Of the pretrained model as it is, and not in the average: blimp.",
      "Failed: scratch, seed 0, finetune-sst2: no room", "1 stages are not done yet.",
    ] {
      #expect(lines.contains(line), "\(line) is not in\n\(lines.joined(separator: "\n"))")
    }
  }

  /// What is written is read again as the same, and a report of an earlier grid is still read.
  @Test func reportsAreReadAgain() throws {
    let report = try report()
    let data = try JSONFile.encode(report)
    #expect(try JSONFile.value(AblationReport.self, in: data) == report)
    let earlier = String(decoding: data, as: UTF8.self).split(separator: "\n")
      .filter { !$0.contains("\"changes\"") }.joined(separator: "\n")
      .replacingOccurrences(of: "\"asPretrained\"", with: "\"other\"")
    let read = try JSONFile.value(AblationReport.self, in: Data(earlier.utf8))
    #expect(read.rows[1].changes == nil && !read.markdown.contains("What of the recipe"))
  }
}
