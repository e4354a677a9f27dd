import ArgumentParser
import Checkpointing
import Experiments
import Foundation
import Records
import Reporting
import Scoring
import Support
import TaskRegistry
import Training

/// `graft cartography`
struct CartographyCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "cartography",
    abstract: "Map a training set by what training did to each example: easy, ambiguous, hard.",
    discussion: """
      The run has to be one of `graft finetune --dynamics`. For every example the map has the mean probability of the
      right answer over the measurements (confidence), its standard deviation (variability), how often the answer was
      right (correctness), and how often it was forgotten (Swayamdipta et al. 2020, Dataset cartography).

      Example:
        graft finetune --checkpoint runs/books --task nli --dynamics --output runs/nli
        graft cartography runs/nli
        graft finetune --checkpoint runs/books --task nli --subset runs/nli/subsets-nli.json:ambiguous --output runs/nli-ambiguous
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
  var directory: String

  @Option(help: "The share of the examples that a region has.")
  var fraction = 0.33

  @Option(
    name: .customShort("n"),
    help: ArgumentHelp("How many examples of each region to show.", valueName: "count"))
  var count = 3

  @Option(help: "Folder for the map, the figures and the subsets; the run directory by default.")
  var output: String?

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(
      .folder(output) { $0.contains(MappedTraining.fileName) || $0.contains(TrainingDynamics.fileName) })
  }

  func validate() throws {
    guard count >= 0 else { throw ValidationError("-n must not be negative") }
    guard fraction > 0, fraction <= 1 else { throw ValidationError("--fraction is above 0 and at most 1") }
  }

  func run() throws {
    let dynamics = try TrainingDynamics(path: "\(directory)/\(TrainingDynamics.fileName)")
    let map = try dynamics.map()
    let manifest = try RunManifest<FineTuningPlan>.read(fromRun: directory)
    let catalog = try data.catalog()
    let folder = output ?? directory
    try makeFolder(folder)
    let steps = dynamics.measurements.map { "\($0.step)" }.joined(separator: ", ")
    standardOutput(
      "\(map.points.count) training examples, measured \(map.measurements) times (after updates \(steps))\n")
    standardOutput(CartographyMap(map).regionTable(fraction: fraction).plainText)
    standardOutput(CartographyMap(map).correctnessTable.plainText)
    var written = ["\(folder)/cartography.svg", "\(folder)/cartography.jsonl"]
    try AtomicFile.write(CartographyMap(map).plot.svg, to: written[0])
    try writePoints(map, to: written[1])
    for name in manifest.configuration.tasks {
      let own = map.points.filter { $0.identifier.hasPrefix("\(name)/train/") }
      guard !own.isEmpty else { continue }
      let task = try catalog.task(named: name)
      if let hash = manifest.dataHashes["task \(name)"], manifest.configuration.partialInput == nil,
        !task.dataSet.hash.isSame(as: hash)
      {
        throw GraftError(
          .badData, "task '\(name)' is not defined as it was when '\(directory)' was trained",
          hint: "its rows may have other numbers now; use the definition and rendering of then.")
      }
      let part = DataMap(own, measurements: map.measurements)
      let path = "\(folder)/subsets-\(name).json"
      try subsets(part, task).write(to: path)
      written.append(path)
      try showExamples(part, task)
    }
    for path in written { standardOutput(path) }
  }

  private func subsets(_ map: DataMap, _ task: TaskDefinition) -> ExampleSubsets {
    let places = Dictionary(uniqueKeysWithValues: map.points.enumerated().map { ($1.identifier, $0) })
    var subsets: [String: [String]] = [:]
    for region in DataMap.Region.allCases {
      // A file of subsets has them in the order of the split.
      subsets[region.rawValue] = map.region(region, fraction: fraction).map(\.identifier)
        .sorted { (places[$0] ?? 0) < (places[$1] ?? 0) }
    }
    return ExampleSubsets(
      task: task, split: "train",
      made: "graft cartography, fraction \(fraction), \(map.measurements) measurements", subsets: subsets)
  }

  private func writePoints(_ map: DataMap, to path: String) throws(GraftError) {
    var lines = JSONLines()
    for point in map.points { try lines.append(point) }
    try lines.write(to: path)
  }

  /// The texts of the examples that are furthest in each region.
  private func showExamples(_ map: DataMap, _ task: TaskDefinition) throws(GraftError) {
    guard count > 0 else { return }
    let examples: [Example]
    do throws(GraftError) {
      examples = try task.examples(split: "train", data: data.root)
    } catch {
      guard error.code == .missingInput else { throw error }
      standardError("no texts of \(task.name), as its training split is not here: \(error.message)")
      return
    }
    let texts = Dictionary(uniqueKeysWithValues: examples.map { ($0.identifier, $0) })
    for region in DataMap.Region.allCases {
      standardOutput("\(region.rawValue)")
      for point in map.region(region, fraction: 1).prefix(count) {
        let figures = [
          "confidence \(NumberText.fixed(point.confidence, digits: 3))",
          "variability \(NumberText.fixed(point.variability, digits: 3))",
          "right \(point.correctness)/\(map.measurements)",
        ]
        standardOutput("  \(point.identifier)  \(figures.joined(separator: "  "))")
        guard let example = texts[point.identifier] else { continue }
        standardOutput("    \(example.inputs)")
        standardOutput("    → \(example.targets)")
      }
    }
    standardOutput("")
  }
}
