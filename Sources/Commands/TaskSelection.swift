import ArgumentParser
import Corpus
import Experiments
import Support
import TaskRegistry

/// Flags that say what is trained on together.
struct TaskSelection: ParsableArguments {
  @Option(parsing: .upToNextOption, help: "Tasks to train on together (`graft list tasks`).", completion: .tasks)
  var task: [String] = []

  @Option(help: "A mixture of tasks to train on instead (`graft list mixtures`).", completion: .mixtures)
  var mixture: String?

  @Option(parsing: .upToNextOption, help: "Members of the mixture to train without.")
  var leaveOut: [String] = []

  @Flag(
    help: """
      Go without the members of the mixture and the evaluation splits whose data is not here. Otherwise the run stops \
      before it begins, with exit code 66.
      """)
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

  /// - Throws: `.usage` for unknown names and flags that exclude each other; `.missingInput` that names everything
  ///   whose data is not here, with where it comes from.
  /// - Parameters:
  ///   - splits: of every task that are scored; nil for all but `train`.
  ///   - isRead: false for tasks of which nothing is read, so that only what a mixture leaves out is looked for.
  func choice(
    from catalog: TaskCatalog, data: DataRoot, scoring splits: [String]? = nil, isRead: Bool = true
  ) throws(GraftError) -> Choice {
    try mixing.validateRates()
    guard let mixture else { return try named(catalog, data, splits, isRead) }
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
    if !skipAbsent, isRead { try missing.require(hint: "--skip-absent trains without them") }
    if !missing.isEmpty, skipAbsent {
      standardError("left out, as their data is not here: \(missing.names.joined(separator: ", "))")
      chosen = try chosen.leavingOut(missing.names)
    }
    let tasks = try chosen.tasks.map { (name) throws(GraftError) in try catalog.task(named: name) }
    if isRead { try requireEvaluationData(of: tasks, splits, data) }
    return Choice(tasks: tasks, mixture: chosen, absent: skipAbsent ? missing.names : [])
  }

  private func named(
    _ catalog: TaskCatalog, _ data: DataRoot, _ splits: [String]?, _ isRead: Bool
  ) throws(GraftError) -> Choice {
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
    if isRead {
      try missing(task, catalog, data).require()
      try requireEvaluationData(of: tasks, splits, data)
    }
    return Choice(tasks: tasks, rates: try mixing.rates())
  }

  /// Tasks without the files of their training split.
  private func missing(
    _ names: [String], _ catalog: TaskCatalog, _ data: DataRoot
  ) throws(GraftError) -> AbsentData {
    var absent = AbsentData(in: data)
    for name in names { absent.look(for: "train", of: try catalog.task(named: name), as: name) }
    return absent
  }

  /// It is known before training what cannot be scored after it.
  private func requireEvaluationData(
    of tasks: [TaskDefinition], _ splits: [String]?, _ data: DataRoot
  ) throws(GraftError) {
    var absent = AbsentData(in: data)
    for task in tasks {
      absent.look(
        forScoring: [task], splits: try evaluationSplits(of: task, splits, data, skippingAbsent: false))
    }
    if !skipAbsent { try absent.require(hint: "--skip-absent scores the other splits") }
    if !absent.isEmpty {
      standardError("not scored, as their data is not here: \(absent.names.joined(separator: ", "))")
    }
  }
}
