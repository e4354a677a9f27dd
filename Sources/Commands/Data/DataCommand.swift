import ArgumentParser
import Records
import Reporting
import Support
import TaskRegistry

/// `graft data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "The data sets that tasks read, and text to pretrain on.",
    subcommands: [
      DataDescribeCommand.self, DataFetchCommand.self, DataScreenCommand.self, DataVerifyCommand.self,
    ])
}

/// `graft data verify`
struct DataVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the files of tasks and suites against published hashes and numbers of examples.",
    discussion: """
      A file is ok, differs from what was published (exit code 65), is absent, or has no published hash (unlisted). The
      hashes are SHA-256 of the text, compression undone, in checksums.txt beside the definitions. Of data that is absent
      it is said where it comes from and where to put it. That is an error (exit code 66) only for tasks that were named.

      Example:
        graft data verify sst2 hans --data data
      """)

  @Argument(help: "Tasks and suites; all of them by default.")
  var names: [String] = []

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func run() throws {
    let catalog = try data.catalog()
    let checksums = try DataChecksums(directories: data.directories)
    guard data.root.path != nil else {
      throw GraftError(
        .missingInput, "no data folder is given",
        hint: "name it with --data DIR or in the environment variable \(DataRoot.environmentVariable).")
    }
    var states: [String: DataChecksums.State] = [:]
    var problems: [GraftError] = []
    var absent: [GraftError] = []
    var table = Table([.init("task"), .init("split"), .init("files"), .init("examples", .right)])
    for subject in try wanted(in: catalog) {
      let definition = subject.definition
      var missing: [String] = []
      for split in definition.splitNames {
        var found: [DataChecksums.State] = []
        for file in definition.dataFiles(split) {
          let state = try states[file] ?? checksums.state(of: file, in: data.root)
          if state == .other, states[file] == nil { problems.append(differing(file)) }
          if state == .absent, !missing.contains(file) { missing.append(file) }
          states[file] = state
          found.append(state)
        }
        let worst =
          [.absent, .other, .unlisted].first { found.contains($0) } ?? DataChecksums.State.asPublished
        var count = ""
        if worst != .absent {
          do throws(GraftError) {
            let checked = try subject.check(split)
            count = "\(checked.count)"
            problems += checked.problems
          } catch {
            problems.append(error)
          }
        }
        table.append([definition.name, split, worst.rawValue, count])
      }
      if !missing.isEmpty {
        absent.append(
          GraftError(
            .missingInput, "\(definition.name) lacks \(missing.joined(separator: ", "))",
            hint: "`graft data fetch \(definition.name)` fetches what has an address; or put it under"
              + " '\(data.root.path ?? "")'."
              + " It comes from: \(definition.provenance["origin"] ?? "not stated")."))
      }
    }
    standardOutput(table.plainText)
    for error in absent where names.isEmpty { standardError(error, as: "absent") }
    if !names.isEmpty { problems += absent }
    for problem in problems.dropLast() { standardError(problem) }
    if let last = problems.last { throw last }
  }

  /// What is to be checked.
  /// - Throws: `.usage` for a name that is no task and no suite.
  private func wanted(in catalog: TaskCatalog) throws(GraftError) -> [CheckedData] {
    let wanted = Set(try CheckedData.definitions(named: names, in: catalog).map { $0.name })
    return CheckedData.all(of: catalog, data: data.root).filter { wanted.contains($0.definition.name) }
  }

  private func differing(_ file: String) -> GraftError {
    GraftError(
      .badData, "'\(file)' is not as published: its SHA-256 is another",
      hint: "scores on it are not comparable; fetch it again, or give it a task of its own.")
  }
}
