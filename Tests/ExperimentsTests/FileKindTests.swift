import Foundation
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import Experiments

/// JSON files say what they are; those that do not are known by their keys.
@Suite struct FileKindTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func head(_ value: some Encodable) throws -> FileHead {
    try JSONFile.value(FileHead.self, in: JSONFile.encode(value))
  }

  @Test func filesHaveTheirKindBesideTheirKeys() throws {
    let prefixes = try head(PrefixReport(tasks: ["sst2"], arms: [], missing: 0))
    #expect(prefixes.kind == .prefixes && prefixes.keys == ["arms", "format", "kind", "missing", "tasks"])
    #expect(try head(StudyDefinition()).kind == .study)
    #expect(try head(ProbeDocument()).kind == .probes)
    let subsets = ExampleSubsets(task: "t", split: "s", definitionHash: "0", made: "by hand", subsets: [:])
    #expect(try head(subsets).kind == .subsets)
    #expect(try head(["a": 1]).kindName == nil)
    // A list has no place for it, and a line of many needs none.
    #expect(try head([subsets]).kindName == nil && head([subsets]).keys.contains("subsets"))
    #expect(try !String(decoding: JSONFile.line(subsets), as: UTF8.self).contains("kind"))
  }

  @Test func aReportGoesByTheKindAndGuessesWithoutOne() throws {
    let report = try String(
      decoding: JSONFile.encode(PrefixReport(tasks: ["sst2"], arms: [], missing: 0)), as: UTF8.self)
    let path = try folder.write("study.json", report)
    #expect(try ReportMaterial([path]).prefixes.map(\.report.tasks) == [["sst2"]])
    let old = report.replacingOccurrences(of: "  \"kind\" : \"prefixes\",\n", with: "")
    #expect(old != report)
    #expect(try ReportMaterial([folder.write("old.json", old)]).prefixes.map(\.report.tasks) == [["sst2"]])
    // Whatever its keys are.
    for (kind, message) in [
      ("transfer", "is not what it should be"), ("metric", "nothing that a report"), ("x", "noth"),
    ] {
      let other = report.replacingOccurrences(of: "\"prefixes\"", with: "\"\(kind)\"")
      let error = #expect(throws: GraftError.self) { try ReportMaterial([folder.write("other.json", other)]) }
      #expect(error?.code == .badData && error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test func aRunIsWhatItSays() throws {
    for (text, kind) in [
      (#"{"kind": "fine-tuning-run", "configuration": {"objective": "x"}}"#, RunKind.fineTuning),
      (#"{"kind": "pretraining-run", "configuration": {"tasks": []}}"#, .pretraining),
      (#"{"configuration": {"objective": "x"}}"#, .pretraining), (#"{"configuration": {"tasks": []}}"#, .fineTuning),
      (#"{"kind": "results", "configuration": {"tasks": []}}"#, nil), (#"{"configuration": {}}"#, nil),
    ] as [(String, RunKind?)] {
      try folder.write("run/run.json", text)
      #expect(RunKind(ofRun: "\(folder.path)/run") == kind, "\(text)")
    }
  }
}
