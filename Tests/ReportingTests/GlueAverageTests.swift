import Reporting
import Testing

/// The average that papers report, by hand.
@Suite struct GlueAverageTests {
  func entry(_ task: String, _ metric: String, _ score: Double, _ split: String = "validation") -> ResultEntry {
    ResultEntry(task: task, split: split, system: "model", metric: metric, score: score, examples: 10)
  }

  @Test func aTaskCountsTheMeanOfItsMetrics() throws {
    let file = ResultsFile([
      entry("mrpc", "f1", 0.8), entry("mrpc", "accuracy", 0.7), entry("cola", "matthews", 0.25),
      entry("mnli", "accuracy", 0.6, "matched"), entry("mnli", "accuracy", 0.5, "mismatched"),
      entry("wnli", "accuracy", 0.1),
    ])
    let average = try #require(GlueAverage(file))
    // (25 + (80 + 70) / 2 + (60 + 50) / 2) / 3
    #expect(abs(average.systems[0].score - 155.0 / 3) < 1e-9)
    #expect(average.included == ["cola", "mrpc", "mnli"])
    #expect(average.text.contains("3 of the 8 tasks (cola, mrpc, mnli): model 51.7"), "\(average.text)")
    #expect(average.text.contains("WNLI is left out"))
  }

  /// A system without one of the tasks has no average, and one task is none.
  @Test func onlyWhatIsComplete() throws {
    var other = entry("cola", "matthews", 0.9)
    other.system = "majority"
    let average = try #require(
      GlueAverage(ResultsFile([entry("cola", "matthews", 0.5), entry("rte", "accuracy", 0.7), other])))
    #expect(average.systems.map(\.name) == ["model"])
    #expect(abs(average.systems[0].score - 60) < 1e-9)
    #expect(GlueAverage(ResultsFile([entry("rte", "accuracy", 0.7), entry("nli", "accuracy", 0.7)])) == nil)
  }
}
