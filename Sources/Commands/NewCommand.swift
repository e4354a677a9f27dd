import ArgumentParser
import Experiments
import Foundation
import Support
import TaskRegistry

/// `graft new`
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write the files that something of your own begins with.",
    subcommands: [NewPluginCommand.self, NewTaskCommand.self])
}

/// `graft new task`
struct NewTaskCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "task",
    abstract: "Make a task of a table of labelled examples.",
    discussion: """
      The table is TSV or CSV whose first line names the columns, JSON with an object for each row, or Parquet; a \
      definition is written beside it, which says what is the answer, what the text, and which rows are kept for \
      testing. Answers are classes, numbers, or texts to write. The table is read at once, so that what is wrong with it \
      is said now. Docs/ADDING-A-TASK.md tells what else a definition may say.

      Example:
        graft new task tickets.csv
        graft finetune --task tickets --tasks tickets.yaml --output runs/tickets
        graft new task sentence-pairs.tsv --label german
      """)

  @Argument(help: "The table: .tsv, .csv, .jsonl or .json, also with .gz, or .parquet.")
  var table: String

  @Option(
    help:
      "The column of the answer (default: one named label, class, category or the like, or the only one with few values)."
  )
  var label: String?

  @Option(parsing: .upToNextOption, help: "The columns to show (default: those that hold prose).")
  var text: [String] = []

  @Option(help: "The task's name, which is also its prefix (default: the file's).")
  var name: String?

  @Option(help: "Share of the rows that are kept for testing.")
  var testShare = 0.2

  /// The definition lies beside the table.
  private func path(_ name: String) -> String { Paths.join(Paths.parent(of: table), "\(name).yaml") }

  func files() -> CommandFiles {
    guard let name = try? TaskDraft.taskName(name ?? Paths.name(of: table)) else { return CommandFiles() }
    return CommandFiles(.new(path(name)), reading: [table])
  }

  func run() throws {
    let draft = try TaskDraft(
      table: table, TaskDraft.Wishes(name: name, label: label, texts: text, testShare: testShare))
    let shipped = try TaskCatalog(directories: [Resources.tasks])
    let taken = [("task", shipped.taskNames), ("suite", shipped.suiteNames), ("mixture", shipped.mixtureNames)]
    if let (kind, _) = taken.first(where: { $0.1.contains(draft.name) }) {
      throw GraftError(
        .usage, "there is a \(kind) '\(draft.name)' already, which comes with Graft",
        hint: "give yours another `--name`.")
    }
    let path = path(draft.name)
    try AtomicFile.write(draft.yaml, to: path)
    do {
      try check(path)
    } catch {
      // What cannot be read is of no use.
      try? FileManager.default.removeItem(atPath: path)
      throw error
    }
    for reason in draft.reasons { standardOutput(reason) }
    standardOutput("written: \(path)")
    standardOutput("next: graft finetune --task \(draft.name) --tasks \(path) --output runs/\(draft.name)")
  }

  /// Reads every split as training and evaluation will.
  private func check(_ path: String) throws {
    for item in CheckedData.all(of: try TaskCatalog(directories: [path]), data: DataRoot()) {
      for split in item.definition.splitNames {
        if let problem = try item.check(split).problems.first { throw problem }
      }
    }
  }
}
