import Foundation
import Records
import Support
import Testing

@testable import Reporting

@Suite struct ResultsFileTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  private func entry(
    _ system: String, _ score: Double, seed: UInt64? = nil, interval: ClosedRange<Double>? = nil,
    group: [String: String] = [:]
  ) -> ResultEntry {
    ResultEntry(
      task: "sst2", split: "test", system: system, metric: "accuracy", score: score, interval: interval,
      examples: 872, seed: seed, group: group)
  }

  @Test func comesBackAsItWas() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var file = ResultsFile([
      entry("pretrained", 81.7, seed: 1, interval: 79...84), entry("majority", 50.9),
      entry("from-scratch", .nan, group: ["label": "neutral"]),
    ])
    try file.write(to: path)
    let read = try ResultsFile.read(path)
    #expect(read.results[0] == file.results[0] && read.results[1] == file.results[1])
    #expect(read.results[0].interval == 79...84)
    #expect(read.results[2].score.isNaN)
    // Equal results are equal bytes.
    let first = try Data(contentsOf: URL(fileURLWithPath: path))
    file = read
    try file.write(to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
  }

  @Test(arguments: ["", "{", "[]", "{\"format\": 99, \"results\": []}", "{\"format\": 1}"])
  func refusesWhatIsNone(_ text: String) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    do {
      _ = try ResultsFile.read(path)
      Issue.record("read \(text)")
    } catch {
      #expect(error.code == .badData)
      #expect(error.hint != nil)
    }
  }

  @Test func aMissingFileIsMissingInput() {
    do {
      _ = try ResultsFile.read(path)
      Issue.record("read a file that is not there")
    } catch {
      #expect(error.code == .missingInput)
    }
  }

  /// What is of a file as a whole is not of the runs that are put into it.
  @Test func anotherRunAddsItsScoresOnly() {
    var whole = ResultsFile([entry("pretrained", 80, seed: 0)])
    whole.arguments = ["graft", "evaluate"]
    var other = ResultsFile([entry("pretrained", 82, seed: 1)])
    other.unfinished = ["overlap"]
    other.overlaps = []
    other.conditions = []
    other.arguments = ["graft", "finetune"]
    other.nonFinite = [NonFiniteUpdates(skipped: 2, rolledBack: 0, seed: 1)]
    whole.append(other)
    #expect(whole.results.map(\.seed) == [0, 1])
    #expect(whole.nonFinite == other.nonFinite)
    #expect(whole.arguments == ["graft", "evaluate"])
    #expect(whole.unfinished == nil && whole.overlaps == nil && whole.conditions == nil)
  }

  @Test func theTableHasAColumnPerSystem() {
    let file = ResultsFile([
      entry("from-scratch", 0.70, seed: 1), entry("from-scratch", 0.72, seed: 2),
      entry("pretrained", 0.817, interval: 0.792...0.842), entry("pretrained", 0.6, group: ["label": "x"]),
    ])
    #expect(
      file.table().plainText == """
        task  split  metric        from-scratch         pretrained
        ----  -----  --------  ----------------  -----------------
        sst2  test   accuracy  71.0 ± 1.4 (n=2)  81.7 [79.2, 84.2]

        """)
  }

  @Test func theTableOfAGroupHasARowPerValue() {
    let file = ResultsFile([
      entry("model", 0.7), entry("model", 0.5, group: ["label": "x"]),
      entry("model", 0.9, interval: 0.8...1.0, group: ["label": "y"]),
      entry("model", 0.1, group: ["label": "y", "category": "z"]),
    ])
    #expect(
      file.table(by: "label").plainText == """
        task  split  metric    label               model
        ----  -----  --------  -----  ------------------
        sst2  test   accuracy  x                    50.0
        sst2  test   accuracy  y      90.0 [80.0, 100.0]

        """)
    #expect(file.table(by: "weather").rows.isEmpty)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func scoresThatAreNotFiniteAreRefused(
    _ score: Double
  ) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let good = ResultEntry(
      task: "sst2", split: "test", system: "model", metric: "accuracy", score: 0.5, examples: 4)
    var bad = good
    (bad.task, bad.score) = ("hans", score)
    try ResultsFile([good]).write(to: path)
    #expect(try ResultsFile.readFinite(path).results == [good])
    try ResultsFile([good, bad]).write(to: path)
    let error = #expect(throws: GraftError.self) { try ResultsFile.readFinite(path) }
    #expect(error?.code == .internalError && error?.message.contains("hans") == true)
  }
}
