import ArgumentParser
import Compute
import Experiments
import Foundation
import ModelKit
import Probing
import Support

/// `graft states …`: what the hidden states of a model hold.
struct StatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "states",
    abstract: "Find out what a model's hidden states hold: by layer, in one unit, of depth, over a distance.",
    subcommands: [
      StatesLayersCommand.self, StatesUnitCommand.self, StatesDepthCommand.self, StatesCopyCommand.self,
      StatesTextCommand.self,
    ])
}

/// Whose states are probed, and where the result goes.
struct StateArguments: ParsableArguments {
  @Option(help: "A checkpoint, run directory or Hugging Face folder.", completion: .checkpoints)
  var checkpoint: String

  @OptionGroup var adapter: BaseArguments

  @Option(help: "The seed of everything drawn: untrained weights, the part penalties are chosen on, resamples.")
  var seed: UInt64 = 0

  @Option(
    help: """
      Longest text in tokens, special ones included; by default all positions of the model, at most 512, and 2048 \
      where there is no limit. What is longer loses its end, and a note says of how many texts.
      """)
  var inputLength: Int?

  @Option(help: "Operands of matrix products: bf16, f32.")
  var precision = Precision.f32

  @Option(help: "Write everything as JSON to this file, - for standard output.")
  var json: String?

  @Option(help: "Folder for the tables as text and the pictures (SVG).")
  var output: String?

  private static let reportName = "states.txt"

  var source: StateSource {
    var source = StateSource(checkpoint: checkpoint)
    (source.base, source.length, source.precision, source.seed) = (adapter.base, inputLength, precision, seed)
    source.arguments = Surroundings.process.arguments
    source.shardCount = ProcessInfo.processInfo.activeProcessorCount
    return source
  }

  func files(_ kind: FileKind) -> CommandFiles {
    CommandFiles(
      .json(json, kind, keys: ["kind", "format"]), .folder(output) { $0.contains(Self.reportName) },
      reading: [checkpoint, adapter.base])
  }

  /// Prints tables, and writes what is asked for.
  func show(_ report: some KindedFile, _ tables: [ProbeTable], _ plots: [ProbePlot]) throws(GraftError) {
    let text = tables.map(\.plainText).joined(separator: "\n")
    if let output {
      let folder = try DurableFolder(output)
      try AtomicFile.write(text, to: "\(folder.partial)/\(Self.reportName)")
      for plot in plots { try AtomicFile.write(plot.svg, to: "\(folder.partial)/\(plot.name).svg") }
      try folder.commit(keepingOthers: true)
    }
    if let json { try JSONOutput.write(report, to: json) }
    if json != "-" { standardOutput(text, terminator: "") }
  }
}

/// The task that states are probed for.
struct StateTaskArguments: ParsableArguments {
  @Option(
    help: "A task whose choices are the same for every row (`graft list tasks`).", completion: .tasks)
  var task: String

  @Option(parsing: .upToNextOption, help: "Splits to score; all labelled ones but the training split by default.")
  var split: [String] = []

  @Option(help: "The split that probes learn from, and choose their penalty on a part of; train by default.")
  var trainSplit: String?

  @Option(help: "Use at most this many examples of each split.")
  var limit: Int?

  @Flag(help: "Read the task's prompts, as a fine-tuned model does; by default the texts of its fields alone.")
  var prompts = false

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  /// - Throws: as `ProbeInput`.
  func input() throws(GraftError) -> ProbeInput {
    try DataArguments.validate(limit: limit)
    return try ProbeInput(
      task: try data.catalog().task(named: task), data: data.root, splits: split, trainingSplit: trainSplit,
      limit: limit)
  }
}

extension StateClassifier.Penalty: ExpressibleByArgument {}
