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
struct AblateCommand: WritingCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "ablate",
    abstract: "Compare variations of a pretraining recipe on your own corpus.",
    discussion: """
      Pretrains a recipe of `graft pretrain` and its variations (an optimizer, a tokenizer, every objective on every \
      backbone) with every seed, scores and fine-tunes each model by the same recipes of `graft evaluate` and \
      `graft finetune`, and prints one table with spreads over seeds and tests against a baseline. The same \
      command goes on where an earlier one stopped. The exit code is that of the first stage that failed, after all \
      others are done and the table is written. Docs/ABLATE.md describes the file.

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

  @Option(parsing: .upToNextOption, help: "Run these models only, as the table calls them.")
  var only: [String] = []

  @Flag(help: "Print the grid with steps and estimates; train nothing.")
  var list = false

  @Flag(help: "Make the tables from what is finished; train nothing.")
  var reportOnly = false

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(list ? nil : .study(output, .grid), reading: [config])
  }

  func run() throws {
    let cache = cache ?? "\(output)/cache"
    let reader = GridReader(data: data, cache: cache, readsTexts: !reportOnly, fineTunes: !reportOnly && !list)
    let world = try ProcessWorld.joined.get()
    let grid = try world.rootFirst { () throws(GraftError) in
      try AblationGrid(try GridFile(contentsOf: config, reader: reader), reader: reader, data: data.root)
    }
    let names = grid.cells.map(\.name)
    for name in only where !names.contains(name) { throw GraftError.unknownName("cell", name, known: names) }
    let cells = grid.cells.filter { only.isEmpty || only.contains($0.name) }
    if list { return try printList(grid, cells, cache) }
    if resume || reportOnly, !FileManager.default.fileExists(atPath: "\(output)/\(StudyKind.grid.fileName)") {
      throw GraftError(
        .missingInput, "'\(output)' holds no grid", hint: "give the --output of an earlier one.")
    }
    let study = AblationStudy(
      grid, output: output, data: data.root, cache: cache, surroundings: .process.entering(runsOf: output))
    func claim(recording: Bool) throws(GraftError) {
      try grid.definition().claim(
        output, as: .grid, additions: "seeds, arms and what they are scored on", of: grid.hashes,
        recording: recording)
    }
    guard !reportOnly else {
      // A grid that is running can be looked at.
      try claim(recording: false)
      try world.onRoot { () throws(GraftError) in try StudyRun.show(study.report(), in: output) }
      return
    }
    try grid.requireData(in: data.root)
    try StudyRun.run(
      in: output, hint: "the same command goes on; --report-only makes the tables of what is finished.",
      train: { () throws(GraftError) in
        try world.onRoot { () throws(GraftError) in try claim(recording: true) }
        return try study.run(only: cells) { () throws(GraftError) in try study.report().write(to: output) }
      }, report: study.report)
  }

  /// Steps and costs of every cell, for the first seed.
  private func printList(_ grid: AblationGrid, _ cells: [AblationCell], _ cache: String) throws(GraftError) {
    var table = Table(
      [.init("model")] + ["parameters", "steps", "tokens", "FLOPs", "about"].map { .init($0, .right) })
    var total = 0.0
    for cell in cells {
      let parameters = NumberText.abbreviated(Double(cell.parameters))
      guard cell.isPretrained else {
        table.append([cell.name, parameters, "0", "0", "0", "0s"])
        continue
      }
      let job = cell.seeded(grid.seeds[0])
      let estimate = try Pretraining.estimate(
        job.plan, tokenizer: job.tokenizer, backbone: Families.make(job.plan.model).backbone, cache: cache,
        tasks: job.tasks
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
    for cell in cells where !cell.changesText.isEmpty { standardOutput("\(cell.name): \(cell.changesText)") }
    let seeds = grid.seeds.count
    standardOutput(
      "\(cells.count) models, \(seeds) seeds, fine-tuned \(grid.tunings.count) times each: pretraining takes about"
        + " \(NumberText.duration(total * Double(seeds))), at half the rate of matrix products; the rest comes on top"
    )
    for misfit in grid.misfits { standardOutput("does not fit: \(misfit.name): \(misfit.reason)") }
  }
}
