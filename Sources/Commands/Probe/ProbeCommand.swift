import ArgumentParser
import Experiments
import Foundation
import Probing
import Randomness
import Support
import TaskRegistry

/// `graft probe`
struct ProbeCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Find out what gives a task's labels away: partial inputs, cue words, lengths, overlap.",
    discussion: """
      Example:
        graft probe --task snli-dev --output probes --json probes.json
        graft probe --task mnli-dev --probe cue-words --top 20
        graft probe --task snli-dev --probe overlap --corpus books/ --results runs/nli
        graft probe --self-test
      """)

  @Option(
    parsing: .upToNextOption,
    help: "Tasks whose choices are the same for every row (`graft list tasks`); needed but for a self-test.")
  var task: [String] = []

  @Option(parsing: .upToNextOption, help: "Splits to score; all labelled ones but the training split by default.")
  var split: [String] = []

  @Option(
    help: "The split that probes learn from; train by default, else each fold of a split from its others.")
  var trainSplit: String?

  @Option(parsing: .upToNextOption, help: "Probes (`graft list probes`); all by default.")
  var probe: [String] = []

  @Option(help: "Use at most this many examples of each split.")
  var limit: Int?

  @Option(help: "Write everything as JSON to this file, - for standard output.")
  var json: String?

  @Option(help: "Folder for the report, plots (SVG) and subsets of examples, a folder for each task.")
  var output: String?

  @Flag(
    help: """
      Plant cues of known strength, in the microworld or in the first field of --task, and show how often probes find \
      them. Exit code 3 if one finds what is not there.
      """)
  var selfTest = false

  @OptionGroup var selfTestArguments: SelfTestArguments

  @OptionGroup var probing: ProbeArguments

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  private typealias NamedProbe = (name: String, probe: any Probe.Type)
  private static let reportName = "report.txt"

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .probes, keys: ["format", "tasks", "selfTests"]),
      .folder(output) { names in
        names.contains { FileManager.default.fileExists(atPath: "\(output ?? "")/\($0)/\(Self.reportName)") }
      },
      reading: [probing.results] + probing.corpus)
  }

  func run() throws {
    try DataArguments.validate(limit: limit)
    let options = try probing.options()
    var names: [String] = []
    for name in probe where !names.contains(name) { names.append(name) }
    if probe.isEmpty { names = Probes.registry.names }
    let probes = try names.map { (name: $0, probe: try Probes.registry($0)) }
    guard selfTest || !task.isEmpty else {
      throw GraftError(.usage, "nothing to probe", hint: "name tasks with --task, or give --self-test.")
    }
    let tasks = try task.isEmpty ? [] : data.catalog().tasks(named: task)
    let document: ProbeDocument
    if let output {
      let folder = try DurableFolder(output)
      document = try self.document(tasks, probes, options, folder.partial)
      try folder.commit(keepingOthers: true)
    } else {
      document = try self.document(tasks, probes, options, nil)
    }
    if let json { try JSONOutput.write(document, to: json) }
    let failed = document.selfTests.filter { !$0.isPassed }.map(\.data)
    if !failed.isEmpty {
      throw GraftError(
        .requirementNotMet, "the self-test failed on \(failed.joined(separator: ", "))",
        hint: "the table above says which probe finds what is not there, or loses what it had found.")
    }
  }

  /// - Parameter output: the folder to fill, if any.
  private func document(
    _ tasks: [TaskDefinition], _ probes: [NamedProbe], _ options: ProbeOptions, _ output: String?
  ) throws -> ProbeDocument {
    var document = ProbeDocument()
    document.arguments = Surroundings.process.arguments
    if selfTest {
      for report in try selfTestArguments.reports(
        tasks: tasks, data: data.root, trainSplit: trainSplit, limit: limit, level: probing.level,
        key: RandomKey(seed: probing.seed))
      {
        document.selfTests.append(report)
        show(report.tables)
        try write([report], to: output.map { "\($0)/\(report.fileName)" })
      }
    } else {
      for task in tasks { document.tasks.append(try probed(task, probes, options, output)) }
    }
    return document
  }

  private func probed(
    _ task: TaskDefinition, _ probes: [NamedProbe], _ options: ProbeOptions, _ output: String?
  ) throws(GraftError) -> ProbeDocument.Task {
    var options = options
    options.answers = try probing.answers(to: task.name)
    let input = try ProbeInput(
      task: task, data: data.root, splits: split, trainingSplit: trainSplit, limit: limit, options: options)
    if let limit, json != "-" { standardOutput("partial: at most \(limit) examples of each split") }
    var reports: [(name: String, report: any ProbeReport)] = []
    for (name, type) in probes {
      let report = try type.init().report(on: input)
      reports.append((name, report))
    }
    show(ProbeHighlights.lines(reports.map(\.report)), of: task.name)
    for (_, report) in reports { show(report.tables, of: task.name) }
    let document = ProbeDocument.Task(
      task: task.name, version: task.version, definitionHash: task.definitionHash, classes: input.classes,
      fields: input.fields, trainingSplit: input.training.name, trainingCount: input.training.examples.count,
      splits: input.evaluation.map { .init(split: $0.name, examples: $0.examples.count) },
      seed: probing.seed,
      probes: Dictionary(uniqueKeysWithValues: reports.map { ($0.name, .init(report: $0.report)) }))
    if let output {
      let folder = "\(output)/\(task.name)"
      try write(reports.map(\.report), to: folder)
      for (name, report) in reports {
        for subsets in report.subsets { try subsets.write(to: "\(folder)/\(name)-\(subsets.split).json") }
      }
    }
    return document
  }

  /// Nothing if standard output is for JSON.
  private func show(_ highlights: [String], of task: String) {
    guard json != "-", !highlights.isEmpty else { return }
    standardOutput("\(task) · What stands out\n" + highlights.map { "- \($0)\n" }.joined())
  }

  /// The same.
  private func show(_ tables: [ProbeTable], of task: String? = nil) {
    guard json != "-" else { return }
    for table in tables { standardOutput("\(task.map { "\($0) · " } ?? "")\(table.plainText)") }
  }

  /// The tables as text and the plots.
  private func write(_ reports: [any ProbeReport], to folder: String?) throws(GraftError) {
    guard let folder else { return }
    try makeFolder(folder)
    let text = reports.flatMap(\.tables).map(\.plainText).joined(separator: "\n")
    try AtomicFile.write(text, to: "\(folder)/\(Self.reportName)")
    for plot in reports.flatMap(\.plots) {
      try AtomicFile.write(plot.svg, to: "\(folder)/\(plot.name).svg")
    }
  }
}
