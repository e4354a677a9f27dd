import Foundation
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// What a wrong task file or data file is answered with.
@Suite struct SchemaErrorTests {
  static let task = """
    task: tiny
    version: 1
    source:
      folder: .
      format: tsv
      fields: {sentence: text, label: label}
      labels: {"0": bad, "1": good}
    splits:
      train: train.tsv
    inputs: "tiny sentence: {sentence}"
    targets: "{label}"
    choices: [bad, good]
    metrics: [accuracy]
    """

  func error(_ text: String, replacing old: String, with new: String) throws -> GraftError {
    #expect(text.contains(old))
    let folder = try TestFolder()
    try folder.write("tiny.yaml", text.replacingOccurrences(of: old, with: new))
    return try #require(
      #expect(throws: GraftError.self) { try TaskCatalog(directories: [folder.path]) })
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var line: Int
    var column: Int
    var says: String
    var testDescription: String { "\(old) → \(new)" }
  }

  static let cases: [Case] = [
    Case(old: "metrics:", new: "metric:", line: 13, column: 1, says: "did you mean 'metrics'?"),
    Case(old: "folder:", new: "foldr:", line: 4, column: 3, says: "did you mean 'folder'?"),
    Case(old: "[accuracy]", new: "[acuracy]", line: 13, column: 10, says: "did you mean 'accuracy'?"),
    Case(
      old: "[accuracy]", new: "[accuracy, pearson]", line: 13, column: 10,
      says: "pearson cannot score a task with `output: choices`"),
    Case(old: "{sentence}\"", new: "{sentense}\"", line: 10, column: 9, says: "did you mean 'sentence'?"),
    Case(old: "{sentence}\"", new: "{sentence\"", line: 10, column: 9, says: "'{' without"),
    Case(old: "format: tsv", new: "format: tvs", line: 5, column: 11, says: "did you mean 'tsv'?"),
    Case(old: "version: 1", new: "version: one", line: 2, column: 10, says: "whole number"),
    Case(old: "version: 1", new: "version: 0", line: 2, column: 10, says: "1 or more"),
    Case(old: "version: 1\n", new: "", line: 1, column: 1, says: "lacks the key 'version'"),
    Case(old: "task: tiny", new: "task: Tiny Task", line: 1, column: 7, says: "lower-case letters"),
    Case(old: "\"1\": good", new: "\"1\": great", line: 9, column: 10, says: "none of the choices"),
    Case(
      old: "train: train.tsv", new: "train: {fil: train.tsv}", line: 9, column: 11,
      says: "did you mean 'file'?"),
    Case(
      old: "train: train.tsv", new: "train: {file: train.tsv, rows: 9-3}", line: 9, column: 34,
      says: "not a range"),
    Case(
      old: "train: train.tsv", new: "dev: {heldOutOf: train, share: 0.1}", line: 9, column: 3,
      says: "no split with files"),
    Case(old: "choices: [bad, good]", new: "choices: [bad, good", line: 13, column: 8, says: "YAML"),
    Case(
      old: "version: 1", new: "version: 1\nversion: 2", line: 2, column: 1, says: "'version' stands twice"),
    Case(
      old: "metrics: [accuracy]", new: "metrics: [accuracy]\nprimaryMetric: f1", line: 14, column: 16,
      says: "none of the task's metrics"),
    Case(
      old: "metrics: [accuracy]", new: "preprocess: [trimm]\nmetrics: [accuracy]", line: 13, column: 14,
      says: "did you mean 'trim'?"),
    Case(
      old: "metrics: [accuracy]", new: "extends: tinny\nmetrics: [accuracy]", line: 13, column: 10,
      says: "did you mean 'tiny'?"),
  ]

  @Test(arguments: cases)
  func wrongDefinition(_ wrong: Case) throws {
    let error = try error(Self.task, replacing: wrong.old, with: wrong.new)
    #expect(error.code == .badData)
    #expect(error.description.contains(wrong.says), "\(error)")
    #expect(error.location?.line == wrong.line, "\(error)")
    #expect(error.location?.column == wrong.column, "\(error)")
    #expect(error.location?.file.hasSuffix("tiny.yaml") == true)
  }

  /// Loads `tiny` with these files beside it.
  func examples(_ files: [String: String], definition: String = task) throws -> [Example] {
    let folder = try TestFolder()
    try folder.write("tiny.yaml", definition)
    for (name, text) in files { try folder.write(name, text) }
    let task = try TaskCatalog(directories: [folder.path]).task(named: "tiny")
    return try task.examples(split: "train", data: DataRoot(option: nil, environment: [:]))
  }

  func dataError(_ text: String, _ line: Int?, _ says: String) throws {
    let error = try #require(
      #expect(throws: GraftError.self) { try examples(["train.tsv": text]) })
    #expect(error.code == .badData)
    #expect(error.location?.line == line)
    #expect(error.location?.file.hasSuffix("train.tsv") == true)
    #expect(error.description.contains(says), "\(error)")
  }

  @Test func wrongData() throws {
    try dataError("text\tlabel\nfine\t1\nalone\n", 3, "column 2 ('label') is missing: the row has 1 column")
    try dataError("text\tlabel\nfine\t2\n", 2, "label '2' is not mapped")
    try dataError("text\tlabel\nfine\t-1\n", 2, "no label")
    try dataError("text\tlabel\nfine\t\n", 2, "no label")
    try dataError("txt\tlabel\nfine\t1\n", 1, "did you mean 'txt'?")
  }

  @Test func invalidUnicode() throws {
    let folder = try TestFolder()
    try folder.write("tiny.yaml", Self.task)
    try Data([0x74, 0x65, 0x78, 0x74, 9] + Array("label\nok\t1\n".utf8) + [0xff, 0xfe, 9, 0x31, 10])
      .write(to: URL(fileURLWithPath: folder.path + "/train.tsv"))
    let task = try TaskCatalog(directories: [folder.path]).task(named: "tiny")
    let error = #expect(throws: GraftError.self) {
      try task.examples(split: "train", data: DataRoot("unused"))
    }
    #expect(error?.code == .badData)
    #expect(error?.location?.line == 3)
    #expect(error?.message.contains("UTF-8") == true)
  }

  @Test func missingFiles() throws {
    let beside = #expect(throws: GraftError.self) { try examples([:]) }
    #expect(beside?.code == .missingInput)
    let definition = Self.task.replacingOccurrences(of: "folder: .", with: "folder: tiny-set")
    let noRoot = #expect(throws: GraftError.self) { try examples([:], definition: definition) }
    #expect(noRoot?.code == .missingInput)
    #expect(noRoot?.description.contains("`data:` DIR") == true)
    #expect(noRoot?.description.contains("GRAFT_DATA") == true)

    let folder = try TestFolder()
    try folder.write("tiny.yaml", definition)
    let task = try TaskCatalog(directories: [folder.path]).task(named: "tiny")
    let notThere = #expect(throws: GraftError.self) {
      try task.examples(split: "train", data: DataRoot(folder.path))
    }
    #expect(notThere?.code == .missingInput)
    #expect(notThere?.description.contains("\(folder.path)/tiny-set/train.tsv") == true)
    let split = #expect(throws: GraftError.self) {
      try task.examples(split: "trian", data: DataRoot(folder.path))
    }
    #expect(split?.code == .usage)
    #expect(split?.hint?.contains("did you mean 'train'?") == true)
  }

  @Test func truncatedGzip() throws {
    let folder = try TestFolder()
    try folder.write("tiny.yaml", Self.task)
    // The first bytes of a gzip file, then nothing.
    try Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x2b, 0x49]).write(
      to: URL(fileURLWithPath: folder.path + "/train.tsv"))
    let task = try TaskCatalog(directories: [folder.path]).task(named: "tiny")
    let error = #expect(throws: GraftError.self) {
      try task.examples(split: "train", data: DataRoot("unused"))
    }
    #expect(error?.code == .badData)
    #expect(error?.message.contains("truncated") == true)
  }

  @Test func unlabelledRowsAreNeverScored() throws {
    let folder = try TestFolder()
    try folder.write(
      "tiny.yaml",
      Self.task.replacingOccurrences(
        of: "train: train.tsv", with: "train: {file: train.tsv, unlabelled: true}"))
    try folder.write("train.tsv", "text\tlabel\nfine\t-1\n")
    let task = try TaskCatalog(directories: [folder.path]).task(named: "tiny")
    let examples = try task.examples(split: "train", data: DataRoot("unused"))
    #expect(examples.map(\.targets) == ["<unk>"])
    let error = #expect(throws: GraftError.self) {
      try task.score([Prediction(text: "good")], examples)
    }
    #expect(error?.message.contains("no label to score against") == true)
  }

  @Test(.tags(.slow)) func shippedDefinitionsHold() throws {
    let folder = RealData.package.appendingPathComponent("Tasks").path
    #expect(try TaskCatalog.problems(in: [folder]).map(\.description) == [])
    let catalog = try TaskCatalog(directories: [folder])
    let expected = [
      "ag-news", "boolq", "cb", "cnn-dailymail", "cola", "commonsense-qa", "conjnli", "copa", "cr", "dnc",
      "joci",
      "lambada", "mnli", "mpe", "mpqa", "mr", "mrpc", "multi30k-de-en", "multirc", "piqa", "qnli", "qqp",
      "record", "rte",
      "scitail", "sick", "snli", "squad", "sst2", "sst5", "story-cloze", "stsb", "subj", "tatoeba-en-de",
      "trec", "wic",
      "winogrande", "wnli", "wsc", "wsc273",
    ]
    #expect(Set(expected).subtracting(catalog.taskNames) == [])
    #expect(Set(["ax", "axb", "axg", "breaking-nli", "hans"]).subtracting(catalog.suiteNames) == [])
    let error = #expect(throws: GraftError.self) { try catalog.task(named: "sst") }
    #expect(error?.hint?.contains("did you mean 'sst2'?") == true)
  }
}
