import Foundation
import Support
import TestSupport
import Testing

/// `graft data verify`, `graft validate` with golden prompts, and `--rendering`.
@Suite(.tags(.process)) struct DataCommandTests {
  static let task = """
    task: tiny-data
    version: 1
    source: {folder: tiny, format: tsv, header: false, fields: {text: "1", label: "2"}}
    splits: {train: train.tsv, test: test.tsv.gz}
    inputs: "tiny text: {text}"
    targets: "{label}"
    choices: [bad, good]
    metrics: [accuracy]
    renderings: {decanlp: {inputs: "question: Bad or good? context: {text}"}}
    provenance: {origin: a shelf in Graft's kitchen}
    golden:
      - {fields: {text: fine, label: good}, inputs: "tiny text: fine", targets: good}
    counts: {train: 2, test: 1}

    """

  /// Definitions, hashes and data in one folder.
  func folder() throws -> TestFolder {
    let folder = try TestFolder()
    let (train, test) = ("fine\tgood\nsad\tbad\n", "sad\tbad\n")
    try folder.write("tasks/tiny.yaml", Self.task)
    try folder.write(
      "tasks/checksums.txt",
      "\(ContentHash.of(train))  tiny/train.tsv\n\(ContentHash.of(test))  tiny/test.tsv\n")
    try folder.write("data/tiny/train.tsv", train)
    try folder.write("data/tiny/test.tsv", test)
    return folder
  }

  func verify(_ folder: TestFolder) -> [String] {
    ["data", "verify", "tiny-data", "--tasks", "\(folder.path)/tasks", "--data", "\(folder.path)/data"]
  }

  @Test func filesAsPublished() throws {
    let folder = try folder()
    let outcome = try Graft.run(verify(folder))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = outcome.output.split(separator: "\n").suffix(2).map {
      $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    #expect(rows == [["tiny-data", "train", "ok", "2"], ["tiny-data", "test", "ok", "1"]])
  }

  @Test func filesThatDiffer() throws {
    let folder = try folder()
    try folder.write("data/tiny/train.tsv", "fine\tgood\nsad\tbad\nbad\tbad\n")
    try Graft.expectFailure(
      65, verify(folder), says: ["'tiny/train.tsv' is not as published", "has 3 examples instead of 2"])
  }

  @Test func absentFiles() throws {
    let folder = try folder()
    try folder.remove("data/tiny/test.tsv")
    try Graft.expectFailure(
      66, verify(folder),
      says: ["tiny-data lacks tiny/test.tsv.gz", "It comes from: a shelf in Graft's kitchen"])
    try Graft.expectFailure(
      64, ["data", "verify", "tiny-dta", "--tasks", "\(folder.path)/tasks", "--data", folder.path],
      says: ["did you mean 'tiny-data'?"])
    try Graft.expectFailure(66, ["data", "verify"], says: ["no data folder is given"])
  }

  @Test func validation() throws {
    let folder = try folder()
    let arguments = ["validate", "\(folder.path)/tasks", "--read", "--data", "\(folder.path)/data"]
    let outcome = try Graft.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("tiny-data\ttrain\t2\ntiny-data\ttest\t1\n"))
    try folder.remove("data/tiny/test.tsv")
    let partial = try Graft.run(arguments)
    #expect(partial.status == 0 && partial.output.contains("tiny-data\ttest\tabsent"))
    #expect(partial.errors.contains("tiny/test.tsv.gz") && partial.errors.contains("It comes from: a shelf"))
    try folder.remove("data/tiny/train.tsv")
    try Graft.expectFailure(66, arguments, says: ["It comes from: a shelf"])
    try folder.write(
      "tasks/tiny.yaml", Self.task.replacingOccurrences(of: "\"tiny text: fine\"", with: "\"tiny: fine\""))
    try Graft.expectFailure(
      65, ["validate", "\(folder.path)/tasks"], says: ["golden prompt", "'tiny: fine'", "tiny.yaml:12:5"])
  }

  @Test func inOtherWords() throws {
    let folder = try folder()
    let inspect =
      ["inspect", "task", "tiny-data", "-n", "1", "--split", "test"] + verify(folder).suffix(4) + [
        "--rendering"
      ]
    let outcome = try Graft.run(inspect + ["decanlp"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("inputs   question: Bad or good? context: sad"))
    try Graft.expectFailure(64, inspect + ["decanpl"], says: ["did you mean 'decanlp'?"])
  }
}
