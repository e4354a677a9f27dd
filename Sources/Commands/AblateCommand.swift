import ArgumentParser
import Checkpointing
import Experiments
import Families
import Foundation
import Reporting
import Support
import TaskRegistry
import Training

/// `graft ablate`
struct AblateCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "ablate",
    abstract: "Compare objectives and architectures on your own corpus under an equal budget.",
    discussion: """
      Pretrains every objective on every backbone with every seed, fine-tunes each on the same tasks, and prints one \
      table with spreads over seeds and tests against a baseline; an arm without pretraining is always there. The same \
      command goes on where an earlier one stopped. The exit code is that of the first stage that failed, after all \
      others are done and the table is written. Docs/ABLATE.md describes the configuration.

      Example:
        graft ablate grid.yaml --output runs/grid --data data
      """)

  @Argument(help: "The grid, a YAML file.")
  var config: String

  @Option(help: "The folder of the grid's runs and results; one of another grid is refused.")
  var output: String

  @Option(help: "Where token shards are kept, shared by all cells; OUTPUT/cache by default.")
  var cache: String?

  @Flag(help: "Require that --output holds this grid already; going on needs no flag.")
  var resume = false

  @Option(parsing: .upToNextOption, help: "Run these cells only, as OBJECTIVE@BACKBONE.")
  var only: [String] = []

  @Flag(help: "Print the grid with steps and estimates; train nothing.")
  var list = false

  @Flag(help: "Make the tables from what is finished; train nothing.")
  var reportOnly = false

  @OptionGroup var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(list ? nil : .study(output, .grid), reading: [config])
  }

  func run() throws {
    let cache = cache ?? "\(output)/cache"
    var configuration = try AblationConfiguration(contentsOf: config, data: data.root)
    for text in configuration.taskTexts where !reportOnly {
      let file = try TaskText.file(
        task: text.path, data: data, cache: cache, field: configuration.textField)
      configuration.taskFiles.append(CorpusShare(path: file, repetition: text.repetition))
    }
    let grid = try AblationGrid(configuration, catalog: data.catalog(), note: standardError)
    for name in only where !grid.names.contains(name) {
      throw GraftError.unknownName("cell", name, known: grid.names)
    }
    let cells = grid.cells.filter { only.isEmpty || only.contains($0.name) }
    if list { return try printList(grid, cells, cache) }
    if resume || reportOnly, !FileManager.default.fileExists(atPath: "\(output)/\(StudyKind.grid.fileName)") {
      throw GraftError(
        .missingInput, "'\(output)' holds no grid", hint: "give the --output of an earlier one.")
    }
    if !reportOnly {
      var absent = AbsentData(in: data.root)
      for (task, recipe) in zip(grid.tasks, configuration.fineTuning.tasks) {
        for split in ["train"] + recipe.splits { absent.look(for: split, of: task) }
      }
      absent.look(forScoring: [], suites: grid.suites.map(\.definition))
      try absent.require()
    }
    // A grid that is running can be looked at.
    let lock = reportOnly ? nil : try RunLock(directory: output)
    defer { withExtendedLifetime(lock) {} }
    try grid.definition().claim(
      output, as: .grid, additions: "seeds, objectives, backbones and tasks",
      of: grid.tasks.map(\.dataSet.hash) + grid.suites.map(\.definition.dataSet.hash), recording: !reportOnly)
    let folder = AblationFolder(path: output)
    let scorer = AblationScorer(grid: grid, folder: folder, data: data.root)
    guard !reportOnly else {
      try show(try scorer.report())
      return
    }
    InterruptHandling.ignoreClosedPipes()
    PartialFile.removeLeftovers(in: output)
    let runner = try AblationRunner(
      grid, folder: folder, data: data.root, cache: cache, surroundings: .process)
    runner.seedDone = { () throws(GraftError) in try write(try scorer.report()) }
    try train(cells, runner)
    try show(try scorer.report())
    if let first = runner.failures.first {
      throw GraftError(
        first.error.code,
        "\(runner.failures.count) stages failed, first \(first.stage): \(first.error.message)",
        hint: "'\(output)/ledger.jsonl' has every error; the same command tries them again.")
    }
  }

  private func train(_ cells: [AblationCell], _ runner: AblationRunner) throws(GraftError) {
    do throws(GraftError) {
      try runner.run(cells)
    } catch {
      var error = error
      if error.code == .interrupted || error.code == .terminated {
        error.hint = "the same command goes on; --report-only makes the tables of what is finished."
      }
      throw error
    }
  }

  private func write(_ report: AblationReport) throws(GraftError) {
    try JSONFile.write(report, to: "\(output)/results.json")
    try AtomicFile.write(report.markdown, to: "\(output)/table.md")
    try AtomicFile.write(report.plot.svg, to: "\(output)/scores.svg")
  }

  private func show(_ report: AblationReport) throws(GraftError) {
    try write(report)
    standardOutput(report.table().plainText)
    standardOutput(report.remarks)
    standardOutput("written: \(output)/table.md, results.json, scores.svg")
  }

  /// Steps and costs of every cell, for the first seed.
  private func printList(_ grid: AblationGrid, _ cells: [AblationCell], _ cache: String) throws(GraftError) {
    let configuration = grid.configuration
    var table = Table(
      [.init("cell")]
        + ["parameters", "steps", "tokens", "FLOPs", "about"].map { .init($0, .right) })
    var total = 0.0
    for cell in cells {
      let parameters = NumberText.abbreviated(Double(cell.backbone.parameters))
      guard let seed = configuration.seeds.first, let plan = configuration.pretrainingPlan(cell, seed: seed)
      else {
        table.append([cell.name, parameters, "0", "0", "0", "0s"])
        continue
      }
      let backbone = try Families.make(cell.backbone.model).backbone
      let estimate = try Pretraining.estimate(
        plan, tokenizer: grid.tokenizer, backbone: backbone, cache: cache
      ) { if case .note(let text) = $0 { standardError(text) } }
      total += estimate.seconds
      let steps = estimate.steps.map(Double.init)
      table.append([
        cell.name, parameters, steps.map { "\(Int($0))" } ?? "–",
        steps.map { NumberText.abbreviated($0 * estimate.cost.tokens) } ?? "–",
        steps.map { NumberText.scientific($0 * estimate.cost.operations) } ?? "–",
        NumberText.duration(estimate.seconds),
      ])
    }
    standardOutput(table.plainText)
    let seeds = configuration.seeds.count
    standardOutput(
      "\(cells.count) cells, \(seeds) seeds, \(grid.tasks.count) tasks: pretraining takes about"
        + " \(NumberText.duration(total * Double(seeds))), at half the rate of matrix products; fine-tuning comes on top"
    )
    for misfit in grid.misfits { standardOutput("does not fit: \(misfit.name): \(misfit.reason)") }
  }
}
