import ArgumentParser
import Corpus
import Experiments
import Foundation
import Inference
import Support
import TaskRegistry

/// Flags of every command that reads tasks.
struct DataArguments: ParsableArguments {
  @Option(help: "Folder of the data sets; $GRAFT_DATA by default.")
  var data: String?

  @Option(help: "Folder of further task definitions beside those of $GRAFT_TASKS; can be repeated.")
  var tasks: [String] = []

  @Option(help: "Put tasks in other words than their own: decanlp asks a question about a context.")
  var rendering: String?

  /// - Throws: `.usage` for a limit that leaves nothing.
  static func validate(limit: Int?) throws(GraftError) {
    guard let limit, limit < 1 else { return }
    throw GraftError(
      .usage, "--limit \(limit) leaves nothing", hint: "give a positive number, or leave it out.")
  }

  var root: DataRoot { data.map { DataRoot($0) } ?? DataRoot() }

  /// The path of a corpus: as it is named, else under the data folder, which is said.
  static func corpus(_ name: String, in root: DataRoot = DataRoot()) -> String {
    guard let place = root.place(ofCorpus: name) else { return name }
    standardError("note: '\(name)' is read from the data folder: \(place)")
    return place
  }

  func corpus(_ name: String) -> String { Self.corpus(name, in: root) }

  /// The files that corpora stand for, for readers of lines: folders for those in them, - for itself.
  func files(ofCorpora names: [String]) throws(GraftError) -> [String] {
    let found = try names.map { name throws(GraftError) in
      name == DocumentReader.standardInput ? [name] : try CorpusFiles.expand([corpus(name)])
    }
    return Array(found.joined())
  }

  func catalog() throws(GraftError) -> TaskCatalog { try catalog(remembering: nil) }

  /// With the folders of definitions that a model's run remembers, unless others are named.
  func catalog(remembering memory: RunMemory?) throws(GraftError) -> TaskCatalog {
    var catalog = try Self.catalog(tasks, remembering: memory)
    catalog.rendering = rendering
    return catalog
  }

  /// - Parameter tasks: the folders that are named.
  static func catalog(_ tasks: [String], remembering memory: RunMemory?) throws(GraftError) -> TaskCatalog {
    try TaskCatalog(directories: directories(tasks.isEmpty ? memory?.presentTaskFolders ?? [] : tasks))
  }

  /// The folders of definitions: Graft's own, those of the environment, then those given.
  var directories: [String] { Self.directories(tasks) }

  /// The variable that names folders of definitions, with colons between several.
  static let environmentVariable = "GRAFT_TASKS"

  /// Each folder once, however it is spelled.
  private static func directories(_ given: [String]) -> [String] {
    let variable = ProcessInfo.processInfo.environment[environmentVariable] ?? ""
    var folders = [Resources.tasks]
    var places: Set<String> = []
    for folder in variable.split(separator: ":").map(String.init) + given
    where places.insert(Paths.place(folder)).inserted {
      folders.append(folder)
    }
    return folders
  }

  /// What a run remembers for those who use its model afterwards: absolute paths, as folders may be named from
  /// anywhere.
  var remembered: (taskFolders: [String]?, dataFolder: String?) {
    let folders = directories.dropFirst().map { Paths.absolute($0) }
    return (folders.isEmpty ? nil : folders, root.path.map { Paths.absolute($0) })
  }
}

extension TaskCatalog {
  /// Each task that is named, once.
  /// - Throws: as `task(named:)`.
  func tasks(named names: [String]) throws(GraftError) -> [TaskDefinition] {
    var tasks: [TaskDefinition] = []
    for name in names where !tasks.contains(where: { $0.name == name }) {
      tasks.append(try task(named: name))
    }
    return tasks
  }
}
