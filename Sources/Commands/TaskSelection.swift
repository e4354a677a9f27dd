import ArgumentParser
import Corpus
import Support
import TaskRegistry

/// Flags that say what is trained on together.
struct TaskSelection: ParsableArguments {
  @Option(parsing: .upToNextOption, help: "Tasks to train on together (`graft list tasks`).")
  var task: [String] = []

  @Option(help: "A mixture of tasks to train on instead (`graft list mixtures`).")
  var mixture: String?

  @Option(parsing: .upToNextOption, help: "Members of the mixture to train without.")
  var leaveOut: [String] = []

  @Flag(help: "Go without the members of the mixture and the evaluation splits whose data is not here.")
  var skipAbsent = false

  @OptionGroup var mixing: MixingArguments

  /// What the flags come to.
  struct Choice {
    var tasks: [TaskDefinition]
    /// How often each is seen, if a mixture was named.
    var mixture: TaskMixture?
    /// The same for tasks that were named themselves; nil for every example once in a pass.
    var rates: MixtureRates?
    /// Members that are left out because their data is not here.
    var absent: [String] = []
  }

  /// - Throws: `.usage` for unknown names and flags that exclude each other; `.missingInput` that names everything whose
  ///   data is not here, with where it comes from.
  func choice(from catalog: TaskCatalog, data: DataRoot) throws(GraftError) -> Choice {
    try mixing.validateRates()
    guard let mixture else { return try named(catalog, data) }
    guard task.isEmpty else {
      throw GraftError(
        .usage, "--mixture names the tasks already",
        hint: "leave out --task, or put them into a mixture of your own.")
    }
    var chosen = try catalog.mixture(named: mixture)
    if !leaveOut.isEmpty { chosen = try chosen.leavingOut(leaveOut) }
    // Flags replace the rates of the mixture itself; mixtures inside keep theirs.
    if let rates = try mixing.rates() { chosen.rates = rates }
    let missing = try missing(chosen.tasks, catalog, data)
    if !missing.isEmpty, !skipAbsent { throw absence(missing, hint: "--skip-absent trains without them") }
    if !missing.isEmpty {
      standardError("left out, as their data is not here: \(missing.map(\.name).joined(separator: ", "))")
      chosen = try chosen.leavingOut(missing.map(\.name))
    }
    let tasks = try chosen.tasks.map { (name) throws(GraftError) in try catalog.task(named: name) }
    try requireEvaluationData(of: tasks, data)
    return Choice(tasks: tasks, mixture: chosen, absent: missing.map(\.name))
  }

  private func named(_ catalog: TaskCatalog, _ data: DataRoot) throws(GraftError) -> Choice {
    guard !task.isEmpty else {
      throw GraftError(.usage, "there is nothing to train on", hint: "give --task NAME … or --mixture NAME.")
    }
    guard leaveOut.isEmpty else {
      throw GraftError(.usage, "--leave-out is for --mixture", hint: "leave the task out of --task.")
    }
    for (index, name) in task.enumerated() where task[..<index].contains(name) {
      throw GraftError(.usage, "--task names '\(name)' twice", hint: "name every task once.")
    }
    let tasks = try task.map { (name) throws(GraftError) in try catalog.task(named: name) }
    let missing = try missing(task, catalog, data)
    if !missing.isEmpty { throw absence(missing, hint: nil) }
    try requireEvaluationData(of: tasks, data)
    return Choice(tasks: tasks, rates: try mixing.rates())
  }

  /// Tasks without the files of their training split.
  private func missing(
    _ names: [String], _ catalog: TaskCatalog, _ data: DataRoot
  ) throws(GraftError) -> [(name: String, error: GraftError)] {
    var found: [(name: String, error: GraftError)] = []
    for name in names {
      if let error = try catalog.task(named: name).absence(split: "train", data: data) {
        found.append((name, error))
      }
    }
    return found
  }

  /// It is known before training what cannot be scored after it.
  private func requireEvaluationData(of tasks: [TaskDefinition], _ data: DataRoot) throws(GraftError) {
    var found: [(name: String, error: GraftError)] = []
    for task in tasks {
      for split in task.scoredSplits {
        if let error = task.absence(split: split, data: data) {
          found.append(("\(task.name) \(split)", error))
        }
      }
    }
    guard !found.isEmpty else { return }
    guard skipAbsent else { throw absence(found, hint: "--skip-absent scores the other splits") }
    standardError("not scored, as their data is not here: \(found.map(\.name).joined(separator: ", "))")
  }

  private func absence(_ missing: [(name: String, error: GraftError)], hint: String?) -> GraftError {
    guard missing.count > 1, let first = missing.first else {
      var error = missing.first?.error ?? GraftError(.missingInput, "no data")
      if let hint { error.hint = [error.hint, "\(hint)."].compactMap(\.self).joined(separator: " ") }
      return error
    }
    return GraftError(
      .missingInput, "the data of \(missing.map(\.name).joined(separator: ", ")) is not here",
      hint: "first: \(first.error.message); `graft data verify` says where everything comes from"
        + (hint.map { "; \($0)." } ?? "."))
  }
}
