import ArgumentParser
import Corpus
import Experiments
import Reporting
import Support
import TaskRegistry

/// `graft report`
struct ReportCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make one HTML page of runs, scores, probes, stress tests and maps.",
    discussion: """
      Name whatever there is about a model: run directories of pretrain and finetune, files of `evaluate --json`,
      `probe --json` and `stress evaluate --json`, folders of `probe --output`, cartography, prefixes, transfer and
      ablate. What each is, is found out from its content; a path that is none of these has exit code 65. The page
      needs nothing beside itself, and says which command fills what is missing.

      Example:
        graft report runs/nli probes.json probes stress.json --data data --output report.html
      """)

  @Argument(help: ArgumentHelp("Run directories, and files and folders that graft wrote.", valueName: "run"))
  var runs: [String]

  @Option(help: "The page, an HTML file.")
  var output: String

  @Option(help: "What the page is called; by default after what it is about.")
  var title: String?

  @Option(help: "How many of the surest wrong answers to show of each task and suite; 0 for none.")
  var worst = 5

  @Flag(
    inversion: .prefixedNo, help: "Show where the model looked at the worst examples; opens its checkpoint.")
  var attention = true

  @Flag(
    inversion: .prefixedNo,
    help: "Train n-gram baselines again where their data is, for intervals of paired answers.")
  var pairing = true

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(.text(output, marker: "content=\"graft report\""), reading: runs)
  }

  func run() throws {
    guard worst >= 0 else {
      throw GraftError(.usage, "--worst \(worst) is less than nothing", hint: "0 leaves the examples out.")
    }
    let material = try ReportMaterial(runs)
    let context = ReportContext(
      catalog: try catalog(), data: data.root, dataFlags: dataFlags, worst: worst, showsAttention: attention,
      pairsBaselines: pairing, evaluatedModel: { ScoredModel(evaluatedBy: $0) }, note: standardError)
    let page = try ReportPage(of: material, context, title: title, paths: runs, command: command)
    try AtomicFile.write(ReportTemplate.html(page), to: output)
    standardOutput(output)
  }

  /// Nil where Graft's own definitions are not found and none are given.
  private func catalog() throws(GraftError) -> TaskCatalog? {
    do throws(GraftError) {
      return try data.catalog()
    } catch {
      guard error.code == .missingInput, data.tasks.isEmpty else { throw error }
      return nil
    }
  }

  private var dataFlags: [String] {
    (data.data.map { ["--data", $0] } ?? []) + data.tasks.flatMap { ["--tasks", $0] }
      + (data.rendering.map { ["--rendering", $0] } ?? [])
  }

  /// Where the page was written to does not change it.
  private var command: String {
    ShellCommand.graft(
      ["report"] + runs + dataFlags + (title.map { ["--title", $0] } ?? [])
        + (worst == 5 ? [] : ["--worst", "\(worst)"]) + (attention ? [] : ["--no-attention"])
        + (pairing ? [] : ["--no-pairing"]) + ["--output", "report.html"])
  }
}

extension ScoredModel {
  /// - Parameter arguments: of `graft evaluate`, that before them included.
  init?(evaluatedBy arguments: [String]) {
    guard let command = try? EvaluateCommand.parse(Array(arguments.dropFirst(2))),
      let model = try? EvaluatedModel.all(command.checkpoint).min(by: { $0.seed ?? 0 < $1.seed ?? 0 })
    else { return nil }
    let standard = SequenceLengths.standard
    self.init(
      path: model.path, base: command.adapter.base,
      lengths: SequenceLengths(
        inputs: command.reading.inputLength ?? standard.inputs, targets: command.targetLength ?? standard.targets),
      partialInput: try? command.partialInput.partialInput())
  }
}
