import Support
import TaskRegistry

/// A task or a suite whose splits are read and checked.
struct CheckedData {
  let definition: any DataSetDefinition
  /// How many examples a split has, and what does not hold of it; throws `.missingInput` where its files are not here.
  let check: (_ split: String) throws(GraftError) -> (count: Int, problems: [GraftError])

  /// All that a catalog has, tasks first.
  static func all(of catalog: TaskCatalog, data root: DataRoot) -> [CheckedData] {
    let tasks = catalog.tasks.map { task in
      CheckedData(definition: task) { (split) throws(GraftError) in
        let examples = try task.examples(split: split, data: root)
        return (examples.count, task.problems(in: examples, split: split, data: root))
      }
    }
    let suites = catalog.suites.map { suite in
      CheckedData(definition: suite) { (split) throws(GraftError) in
        let examples = try suite.examples(
          through: catalog.task(named: suite.through), split: split, data: root)
        return (examples.count, suite.problems(in: examples, split: split, data: root))
      }
    }
    return tasks + suites
  }

  /// The definitions of names, in their order; all of them for no name.
  /// - Throws: `.usage` for a name that is no task and no suite.
  static func definitions(named names: [String], in catalog: TaskCatalog) throws(GraftError) -> [any DataSetDefinition]
  {
    let known = catalog.tasks.map { $0 as any DataSetDefinition } + catalog.suites.map { $0 as any DataSetDefinition }
    guard !names.isEmpty else { return known }
    return try names.map { (name) throws(GraftError) in
      guard let definition = known.first(where: { $0.name == name }) else {
        throw .unknownName("task or suite", name, known: known.map { $0.name }, list: "graft list tasks")
      }
      return definition
    }
  }
}

extension DataSetDefinition {
  /// The files of all splits, each once, without `.gz`, relative to the data folder.
  var allDataFiles: [String] {
    splitNames.flatMap { dataFiles($0) }.map(DataChecksums.name).exactlyDistinct
  }
}
