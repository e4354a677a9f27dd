import ArgumentParser
import Experiments
import StressTesting
import Support
import TaskRegistry

/// `graft validate`
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check definitions of tasks, suites and mixtures; with --read, also the files they read.",
    discussion: """
      Checklists and golden prompts are checked, too, and everything that does not hold is said, with file, line and \
      column. A split whose files are not here is listed as absent, which is an error (exit code 66) only if nothing \
      could be read. Only the folders named are read: a suite or an extension of one of Graft's tasks needs Tasks/ \
      beside its own folder.
      """)

  @Argument(help: "Folders or files of definitions; the tasks that come with Graft by default.")
  var paths: [String] = []

  @Flag(
    help: """
      Read every split that is here: count its rows, check labels, fields and golden prompts, and whether training \
      has every choice.
      """)
  var read = false

  @Option(help: "Folder of the data sets, for --read; $GRAFT_DATA by default.")
  var data: String?

  func run() throws {
    let folders = paths.isEmpty ? [Resources.tasks] : paths
    var problems = try TaskCatalog.problems(in: folders)
    if problems.isEmpty {
      let catalog = try TaskCatalog(directories: folders)
      problems = checklistProblems(in: catalog)
      if read { problems += readSplits(of: catalog) }
      if problems.isEmpty {
        func counted(_ count: Int, _ kind: String) -> String { "\(count) \(kind)\(count == 1 ? "" : "s")" }
        standardOutput(
          [
            counted(catalog.tasks.count, "task"), counted(catalog.suites.count, "suite"),
            counted(catalog.mixtures.count, "mixture"),
          ].joined(separator: ", ") + " and " + counted(catalog.checklistPaths.count, "checklist") + " hold")
        return
      }
    }
    // The last one is printed by whoever catches it, and gives the exit code.
    for problem in problems.dropLast() { standardError(problem) }
    if let last = problems.last { throw last }
  }

  private func checklistProblems(in catalog: TaskCatalog) -> [GraftError] {
    var problems: [GraftError] = []
    for path in catalog.checklistPaths {
      do throws(GraftError) { _ = try Checklist(path: path) } catch { problems.append(error) }
    }
    return problems
  }

  /// Splits whose data is not here are listed as absent; an error only if nothing at all could be read.
  private func readSplits(of catalog: TaskCatalog) -> [GraftError] {
    let root = data.map { DataRoot($0) } ?? DataRoot()
    var problems: [GraftError] = []
    var absent: [GraftError] = []
    var readCount = 0
    for item in CheckedData.all(of: catalog, data: root) {
      for split in item.definition.splitNames {
        let name = "\(item.definition.name)\t\(split)"
        do throws(GraftError) {
          let found = try item.check(split)
          standardOutput("\(name)\t\(found.count)")
          problems += found.problems
          readCount += 1
        } catch {
          guard error.code == .missingInput else {
            problems.append(error)
            continue
          }
          standardOutput("\(name)\tabsent")
          absent.append(error)
        }
      }
    }
    if readCount == 0 { return problems + absent }
    // A few are named: they may be files of one's own.
    if absent.count <= 3 { for error in absent { standardError(error, as: "absent") } }
    if absent.count > 3 {
      standardError(
        "the data of \(absent.count) splits is not here; `graft data verify` says where it comes from")
    }
    return problems
  }
}
