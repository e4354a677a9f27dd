import ArgumentParser
import Experiments
import Foundation
import Reporting
import Support

/// `graft events`
struct EventsCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Write what runs logged as one CSV table, or as event files for TensorBoard.",
    discussion: """
      The table has a row for each event of each run, with a column for every number: losses, rates, speed. With \
      --tensorboard each run becomes a folder of curves, written anew each time, also while the run goes on.

      Example:
        graft events runs/books runs/sst2 --csv events.csv
        graft events runs/* --tensorboard curves
        tensorboard --logdir curves
      """)

  @Argument(help: "Run directories; of a run with several seeds or trials each of them.", completion: .checkpoints)
  var runs: [String]

  @Option(help: "Write a table to this file, - for standard output, which is the default.")
  var csv: String?

  @Option(help: "Write event files to this folder, one in a folder of its own for each run.")
  var tensorboard: String?

  /// What the one event file of a run is called.
  private static let eventFile = "events.out.tfevents.0.graft"

  func files() -> CommandFiles {
    let folder = tensorboard
    return CommandFiles(
      csv.flatMap { $0 == "-" ? nil : CommandOutput.text($0, marker: "run,event,step,task") },
      .folder(folder) { _ in
        let files = FileManager.default.enumerator(atPath: folder ?? "")?.compactMap { $0 as? String } ?? []
        return files.allSatisfy { $0.hasSuffix(Self.eventFile) || Paths.isFolder("\(folder ?? "")/\($0)") }
      }, reading: runs)
  }

  func run() throws {
    let logs = try RunEvents.all(runs)
    if let tensorboard {
      for run in logs {
        let folder = "\(tensorboard)/\(run.name)"
        try makeFolder(folder)
        try AtomicFile.write(Data(TensorBoardLog.bytes(run.scalars)), to: "\(folder)/\(Self.eventFile)")
      }
      standardError("\(logs.count) \(logs.count == 1 ? "run" : "runs"): tensorboard --logdir \(tensorboard)")
    }
    guard csv != nil || tensorboard == nil else { return }
    let text = RunEvents.csv(logs)
    if let csv, csv != "-" { try AtomicFile.write(text, to: csv) } else { standardOutput(text, terminator: "") }
  }
}
