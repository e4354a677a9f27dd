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
}
