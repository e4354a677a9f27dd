import ArgumentParser
import Support
import TaskRegistry

/// `graft validate`
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check task and suite definitions; with --read, also the files they read.")

  @Argument(help: "Folders or files of definitions; the tasks that come with Graft by default.")
  var paths: [String] = []

  @Flag(help: "Read every split and count its rows.")
  var read = false

  @Option(help: "Folder of the data sets, for --read; $GRAFT_DATA by default.")
  var data: String?

  func run() throws {
    let folders = paths.isEmpty ? [try Resources.require("Tasks")] : paths
    var problems = try TaskCatalog.problems(in: folders)
    if problems.isEmpty {
      let catalog = try TaskCatalog(directories: folders)
      if read { problems = try readSplits(of: catalog) }
      if problems.isEmpty {
        print("\(catalog.tasks.count) tasks and \(catalog.suites.count) suites hold")
        return
      }
    }
    // The last one is printed by whoever catches it, and gives the exit code.
    for problem in problems.dropLast() { standardError("error: \(problem)") }
    if let last = problems.last { throw last }
  }

  private func readSplits(of catalog: TaskCatalog) throws(GraftError) -> [GraftError] {
    let root = data.map { DataRoot($0) } ?? DataRoot()
    var problems: [GraftError] = []
    func count(_ name: String, _ split: String, _ body: () throws(GraftError) -> Int) {
      do throws(GraftError) {
        print("\(name)\t\(split)\t\(try body())")
      } catch {
        problems.append(error)
      }
    }
    for task in catalog.tasks {
      for split in task.splitNames {
        count(task.name, split) { () throws(GraftError) in
          try task.examples(split: split, data: root).count
        }
      }
    }
    for suite in catalog.suites {
      let task = try catalog.task(named: suite.through)
      for split in suite.splitNames {
        count(suite.name, split) { () throws(GraftError) in
          try suite.examples(through: task, split: split, data: root).count
        }
      }
    }
    return problems
  }
}
