import ArgumentParser
import Records
import Reporting
import Support
import TaskRegistry

/// `graft data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "The data sets that tasks read, and text to pretrain on.",
    subcommands: [DataVerifyCommand.self, DataScreenCommand.self])
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

  @OptionGroup var data: DataArguments

  /// What `verify` needs to know of a task or suite.
  private struct Subject {
    var name: String
    var origin: String
    var splits: [String]
    var files: (String) -> [String]
    var problems: (String) throws(GraftError) -> (count: Int, problems: [GraftError])
  }

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
    for subject in try subjects(catalog) {
      var missing: [String] = []
      for split in subject.splits {
        var found: [DataChecksums.State] = []
        for file in subject.files(split) {
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
            let checked = try subject.problems(split)
            count = "\(checked.count)"
            problems += checked.problems
          } catch {
            problems.append(error)
          }
        }
        table.append([subject.name, split, worst.rawValue, count])
      }
      if !missing.isEmpty {
        absent.append(
          GraftError(
            .missingInput, "\(subject.name) lacks \(missing.joined(separator: ", "))",
            hint: "put it under '\(data.root.path ?? "")'. It comes from: \(subject.origin)."))
      }
    }
    standardOutput(table.plainText)
    for error in absent where names.isEmpty { standardError("absent: \(error)") }
    if !names.isEmpty { problems += absent }
    for problem in problems.dropLast() { standardError("error: \(problem)") }
    if let last = problems.last { throw last }
  }

  private func subjects(_ catalog: TaskCatalog) throws(GraftError) -> [Subject] {
    let root = data.root
    for name in names where !(catalog.taskNames + catalog.suiteNames).contains(name) {
      throw .unknownName(
        "task or suite", name, known: catalog.taskNames + catalog.suiteNames, list: "graft list tasks")
    }
    func isWanted(_ name: String) -> Bool { names.isEmpty || names.contains(name) }
    var subjects: [Subject] = []
    for task in catalog.tasks where isWanted(task.name) {
      subjects.append(
        Subject(
          name: task.name, origin: task.provenance["origin"] ?? "not stated", splits: task.splitNames,
          files: task.dataFiles
        ) { (split) throws(GraftError) in
          let examples = try task.examples(split: split, data: root)
          return (examples.count, task.problems(in: examples, split: split, data: root))
        })
    }
    for suite in catalog.suites where isWanted(suite.name) {
      let task = try catalog.task(named: suite.through)
      subjects.append(
        Subject(
          name: suite.name, origin: suite.provenance["origin"] ?? "not stated", splits: suite.splitNames,
          files: suite.dataFiles
        ) { (split) throws(GraftError) in
          let examples = try suite.examples(through: task, split: split, data: root)
          return (examples.count, suite.problems(in: examples, split: split, data: root))
        })
    }
    return subjects
  }

  private func differing(_ file: String) -> GraftError {
    GraftError(
      .badData, "'\(file)' is not as published: its SHA-256 is another",
      hint: "scores on it are not comparable; fetch it again, or give it a task of its own.")
  }
}
