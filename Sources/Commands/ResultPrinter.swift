import Experiments
import Reporting
import Support
import TaskRegistry

/// Shows the results of `evaluate` and `finetune`: the table of scores, what several seeds differ by, and the parts of
/// suites.
struct ResultPrinter {
  var tasks: [TaskDefinition]
  var suites: [SuiteDefinition]
  /// Whether the parts of tasks, and groups with many values, are shown as well.
  var isDetailed = false
  /// A group of which tasks have a table each, whatever else is shown.
  var group: String?

  /// On standard output.
  func show(_ file: ResultsFile) {
    standardOutput(file.table().plainText)
    for remark in file.remarks { standardOutput("\(remark)\n") }
    if let average = GlueAverage(file) { standardOutput("\(average.text)\n") }
    if let overlaps = file.overlaps {
      standardOutput("\(OverlapEntry.caption(overlaps))\n\(OverlapEntry.table(overlaps).plainText)")
    }
    if let seeds = file.seedTable() { standardOutput("over seeds\n\(seeds.plainText)") }
    for suite in suites {
      showGroups(of: suite.name, in: file)
      if let note = collapseNote(suite, file) { standardOutput("\(note)\n") }
    }
    for task in tasks where isDetailed || !task.contrasts.isEmpty { showGroups(of: task.name, in: file) }
    if let group {
      for task in tasks where !isDetailed && task.contrasts.isEmpty { showGroups(of: task.name, in: file.only(group)) }
    }
    if let trials = file.trials {
      standardOutput("trials, by the examples kept from training\n\(TuningTrial.table(trials).plainText)")
    }
    if let table = file.mixtureTable() { standardOutput(table.plainText) }
    for note in seedNotes(file) { standardError(note) }
  }

  private func showGroups(of name: String, in file: ResultsFile) {
    var systems: [String] = []
    for entry in file.results where entry.task == name && !BaselineScoring.isBaseline(entry.system) {
      if !systems.contains(entry.system) { systems.append(entry.system) }
    }
    for system in systems {
      for titled in GroupTables(file, task: name, system: system, detailed: isDetailed).tables {
        standardOutput(
          systems.count > 1 ? "\(titled.title), \(system)\n\(titled.table.plainText)" : titled.plainText)
      }
    }
  }

  /// How the answers of a task became the labels of a suite.
  private func collapseNote(_ suite: SuiteDefinition, _ file: ResultsFile) -> String? {
    guard !suite.collapse.isEmpty else { return nil }
    let rules = suite.collapse.sorted { $0.key < $1.key }.map { "\($0.key) → \($0.value)" }
    let hasSummed = file.results.contains {
      $0.task == suite.name && $0.metric == SuiteDefinition.summedAccuracy
    }
    return "\(suite.name): accuracy takes \(rules.joined(separator: ", ")) after the decision"
      + (hasSummed ? "; accuracy-summed adds up their probabilities before it" : "")
  }

  /// Of suites whose scores depend on the seed by more than the differences people look for.
  private func seedNotes(_ file: ResultsFile) -> [String] {
    let asked = suites.map { ($0.name, $0.seeds) } + tasks.map { ($0.name, $0.seeds) }
    return asked.compactMap { name, seeds in
      guard let seeds else { return nil }
      let found = Set(file.results.filter { $0.task == name && !BaselineScoring.isBaseline($0.system) }.map(\.seed))
      guard !found.isEmpty, found.count < seeds else { return nil }
      return
        "note: scores on \(name) differ a lot between seeds; this is \(found.count) of the \(seeds) or more that"
        + " a statement needs"
    }
  }
}
