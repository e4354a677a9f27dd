import Foundation
import Records
import Support
import TaskRegistry
import TestSupport
import Testing

@Suite struct ExampleSubsetsTests {
  static let definition = """
    source: {folder: ., format: tsv, fields: {a: a, b: b}}
    splits: {train: d.tsv, test: d.tsv}
    inputs: "{a}"
    targets: "{b}"
    metrics: [accuracy]

    """

  func small(_ definition: String = Self.definition) throws -> SmallTask {
    try SmallTask(definition, ["d.tsv": "a\tb\nx\t1\ny\t2\nz\t3\n"])
  }

  func subsets(of task: TaskDefinition) -> ExampleSubsets {
    ExampleSubsets(
      task: task, split: "test", made: "by hand",
      subsets: ["easy": ["t/test/1", "t/test/3"], "hard": ["t/test/2"], "none": []])
  }

  @Test func writtenAndRead() throws {
    let small = try small()
    let path = "\(small.folder.path)/s.json"
    let subsets = subsets(of: small.task)
    try subsets.write(to: path)
    let read = try ExampleSubsets.read(path)
    #expect(read == subsets)
    #expect(read.format == "graft-subsets-1" && read.names == ["easy", "hard", "none"])
    #expect(try read.json() == String(decoding: small.folder.bytes("s.json"), as: UTF8.self))
    try read.check(of: small.task, split: "test")
    let examples = try small.examples("test")
    #expect(try read.examples(in: "easy", of: examples).map(\.inputs) == ["x", "z"])
    #expect(try read.examples(in: "none", of: examples).isEmpty)
    #expect(try read.examples(in: "easy", of: [examples[0]], isPartial: true).map(\.inputs) == ["x"])
  }

  func failure(_ body: () throws -> Void) throws -> GraftError {
    try #require(#expect(throws: GraftError.self, performing: body))
  }

  @Test func subsetsOfSomethingElseAreRefused() throws {
    let small = try small()
    let subsets = subsets(of: small.task)
    let split = try failure { try subsets.check(of: small.task, split: "train") }
    #expect(split.code == .badData && split.message.contains("not of 'train'"))
    let changed = try self.small(Self.definition.replacingOccurrences(of: "{a}", with: "say {a}"))
    #expect(changed.task.definitionHash != small.task.definitionHash)
    let hash = try failure { try subsets.check(of: changed.task) }
    #expect(hash.code == .badData && hash.message.contains("not defined as it was"))
    // Those of before hashes had a form are of the task as it is, or not, as well.
    var other = subsets
    other.definitionHash = small.task.dataSet.hash.former
    try other.check(of: small.task)
    #expect(try failure { try other.check(of: changed.task) }.message.contains("not defined as it was"))
    other = subsets
    other.task = "u"
    #expect(try failure { try other.check(of: small.task) }.message.contains("of task 'u'"))
    other = subsets
    other.split = "tes"
    #expect(try failure { try other.check(of: small.task) }.hint?.contains("did you mean 'test'?") == true)
  }

  @Test func unknownSubsetsAndExamples() throws {
    let small = try small()
    var subsets = subsets(of: small.task)
    let examples = try small.examples("test")
    let name = try failure { _ = try subsets.examples(in: "hrad", of: examples) }
    #expect(name.code == .usage && name.hint?.contains("did you mean 'hard'?") == true)
    subsets.subsets["hard"] = ["t/test/2", "t/test/4"]
    let row = try failure { _ = try subsets.examples(in: "hard", of: examples) }
    #expect(row.code == .badData && row.message.contains("1 of the 2"))
    #expect(row.message.contains("'t/test/4'"))
  }

  static let good = """
    {"format": "graft-subsets-1", "task": "t", "split": "test", "definitionHash": "0", "made": "by hand",
     "subsets": {"easy": ["t/test/1"]}}
    """

  @Test(arguments: [
    ("graft-subsets-1", "graft-subsets-2", "'format' is not"),
    ("\"made\": \"by hand\"", "\"mode\": \"by hand\"", "unknown key"),
    ("\"made\": \"by hand\",", "", "needs 'made'"),
    ("\"split\": \"test\"", "\"split\": 3", "got a number"),
    ("[\"t/test/1\"]", "\"t/test/1\"", "not an array"),
    ("[\"t/test/1\"]", "[1]", "got a number"),
    ("t/test/1", "t/train/1", "no example of this task and split"),
    ("t/test/1", "t/test/x", "no example of this task and split"),
    ("[\"t/test/1\"]", "[\"t/test/1\", \"t/test/1\"]", "stands twice"),
    ("{\"easy\": [\"t/test/1\"]}", "[]", "not an object"),
    ("\"0\",", "\"0\"", "expected"),
    ("{", "[", "expected"),
  ])
  func brokenFilesAreRefusedWithTheirPlace(_ part: String, _ other: String, _ message: String) throws {
    let folder = try TestFolder()
    _ = try ExampleSubsets.read(folder.write("s.json", Self.good))
    let broken = Self.good.replacingOccurrences(of: part, with: other)
    #expect(broken != Self.good)
    let path = try folder.write("s.json", broken)
    let error = try failure { _ = try ExampleSubsets.read(path) }
    #expect(error.code == .badData)
    #expect(error.message.contains(message), "\(error)")
    #expect(error.location?.file == path && error.location?.column != nil)
  }

  @Test func absentFile() throws {
    let error = try failure { _ = try ExampleSubsets.read("/nowhere/s.json") }
    #expect(error.code == .missingInput)
  }
}
