import Records
import TaskRegistry
import TestSupport

/// A task in a folder of its own, with its files beside it.
struct SmallTask {
  let folder: TestFolder
  let task: TaskDefinition

  /// - Parameter definition: without `task` and `version`.
  init(_ definition: String, _ files: [String: String] = [:]) throws {
    try self.init(definition, bytes: files.mapValues { Array($0.utf8) })
  }

  init(_ definition: String, bytes files: [String: [UInt8]]) throws {
    folder = try TestFolder()
    try folder.write("t.yaml", "task: t\nversion: 1\n" + definition)
    for (name, bytes) in files { try folder.write(name, bytes) }
    task = try TaskCatalog(directories: [folder.path]).task(named: "t")
  }

  func examples(_ split: String = "train") throws -> [Example] {
    try task.examples(split: split, data: DataRoot("unused"))
  }

  /// Those fields of every example.
  func fields(_ names: String...) throws -> [[String?]] {
    try examples().map { example in names.map { example.fields[$0] } }
  }
}
