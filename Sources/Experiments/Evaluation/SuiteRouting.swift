import Inference
import Support
import TaskRegistry

/// A suite, and the task as which it is put to a model.
public struct RoutedSuite: Sendable {
  /// The suite itself.
  public var definition: SuiteDefinition
  /// As which it is put.
  public var task: TaskDefinition

  /// - Parameter task: as which the suite is put.
  public init(definition: SuiteDefinition, task: TaskDefinition) {
    (self.definition, self.task) = (definition, task)
  }

  /// Of the suite.
  public var name: String { definition.name }

  /// The same with prompts that show a part of their input.
  /// - Throws: `.usage` for a task whose prompt has nothing to leave out.
  public func shown(_ partial: PromptRestriction?) throws(GraftError) -> RoutedSuite {
    RoutedSuite(definition: definition, task: try task.shown(partial))
  }
}

/// Decides as which task suites are put to a model. In this order:
///
/// 1. the task that a person named with `--through`;
/// 2. a task that the model was trained on, the latest run first, whose answers and fields fit. The suite's own task
///    comes before others, then one whose answers are the suite's labels;
/// 3. where training is not known or nothing of it fits, a task that is evaluated besides: the suite's own, or else
///    the only one that fits;
/// 4. the task that the suite names.
public struct SuiteRouting {
  /// What was decided, and what a person should know of it.
  struct Decision {
    var suite: RoutedSuite
    /// Nil where the task is one that was asked for anyway.
    var note: String?
  }

  private let catalog: TaskCatalog
  private let named: TaskDefinition?
  /// What the model was trained on, or is about to be.
  private let trained: [TaskDefinition]
  private let given: [TaskDefinition]
  /// Whether a suite may be put as a task that the model has never seen.
  private let allowsUnseen: Bool
  /// Whether it is known what the model was trained on.
  private let isHistoryKnown: Bool
  /// Of tasks that the model was trained on and that are not defined here as they were then.
  let notes: [String]

  /// For a model as it is.
  /// - Parameters:
  ///   - given: the tasks it is evaluated on besides.
  ///   - history: what its runs tell; empty for a foreign model.
  /// - Throws: `.usage` for an unknown `through`.
  public init(
    evaluating history: ModelHistory, given: [TaskDefinition] = [], through: String? = nil,
    catalog: TaskCatalog
  ) throws(GraftError) {
    self.catalog = catalog
    self.given = given
    named = try through.map { (name) throws(GraftError) in try catalog.task(named: name) }
    (trained, notes) = Self.trained(history, catalog)
    isHistoryKnown = history.unknown.isEmpty || !history.tasks.isEmpty
    allowsUnseen = true
  }

  /// For a model that is about to be trained.
  /// - Parameters:
  ///   - tasks: what it is trained on.
  ///   - history: what it was trained on before.
  /// - Throws: `.usage` for an unknown `through`.
  public init(
    training tasks: [TaskDefinition], after history: ModelHistory = ModelHistory(), through: String? = nil,
    catalog: TaskCatalog
  ) throws(GraftError) {
    self.catalog = catalog
    named = try through.map { (name) throws(GraftError) in try catalog.task(named: name) }
    let earlier = Self.trained(history, catalog)
    trained = tasks + earlier.tasks.filter { task in !tasks.contains { $0.name == task.name } }
    given = tasks
    notes = []
    isHistoryKnown = true
    allowsUnseen = false
  }

  /// - Throws: `.usage` if no task fits, or several without a reason to take one.
  func decision(on suite: SuiteDefinition) throws(GraftError) -> Decision {
    func routed(_ task: TaskDefinition) -> RoutedSuite { RoutedSuite(definition: suite, task: task) }
    if let named {
      try suite.check(through: named)
      return Decision(suite: routed(named))
    }
    let known = Self.fitting(suite, trained)
    if let task = Self.closest(to: suite, known) {
      let isGiven = given.contains { $0.name == task.name }
      let others = known.count > 1 ? ", of \(known.map(\.name).joined(separator: ", "))" : ""
      return Decision(
        suite: routed(task),
        note: isGiven && (known.count == 1 || task.name == suite.through)
          ? nil
          : "\(suite.name) is put as the task '\(task.name)', which the model "
            + (allowsUnseen ? "was trained on" : "is trained on") + others
            + " (`through:` takes another)")
    }
    if let task = given.first(where: { $0.name == suite.through }) { return Decision(suite: routed(task)) }
    let fitting = Self.fitting(suite, given)
    if let task = fitting.first, fitting.count == 1 { return Decision(suite: routed(task)) }
    guard allowsUnseen, fitting.isEmpty else {
      let others = fitting.isEmpty ? "" : ", or give only one of \(fitting.map(\.name).joined(separator: ", "))"
      throw GraftError(
        .usage, "the suite '\(suite.name)' is put to a model as the task '\(suite.through)'",
        hint: "add `task:` \(suite.through)\(others), or say which task with `through:`.")
    }
    let own = try catalog.task(named: suite.through)
    return Decision(
      suite: routed(own),
      note: "\(suite.name) is put as the task '\(own.name)', as it asks for; "
        + (isHistoryKnown
          ? "the model was trained on no task that could answer it"
          : "what the model was trained on is not known here") + " (`through:` takes another)")
  }

  /// The decisions on several suites; what a person should know of them goes to `show`.
  public func routed(
    _ suites: [SuiteDefinition], note show: (String) -> Void
  ) throws(GraftError) -> [RoutedSuite] {
    var routed: [RoutedSuite] = []
    if !suites.isEmpty { for note in notes { show("note: \(note)") } }
    for suite in suites {
      let decision = try decision(on: suite)
      if let note = decision.note { show("note: \(note)") }
      routed.append(decision.suite)
    }
    return routed
  }

  private static func fitting(_ suite: SuiteDefinition, _ tasks: [TaskDefinition]) -> [TaskDefinition] {
    tasks.filter { task in
      do throws(GraftError) { try suite.check(through: task) } catch { return false }
      return true
    }
  }

  /// The suite's own task, or one that answers in its labels, or the first.
  private static func closest(to suite: SuiteDefinition, _ tasks: [TaskDefinition]) -> TaskDefinition? {
    tasks.first { $0.name == suite.through }
      ?? tasks.first { Set(($0.choices ?? []).map { ByteString($0) }) == Set(suite.choices.map { ByteString($0) }) }
      ?? tasks.first
  }

  /// The tasks that a model was trained on as they are defined here, in the words that it read.
  public static func trained(
    _ history: ModelHistory, _ catalog: TaskCatalog
  ) -> (tasks: [TaskDefinition], notes: [String]) {
    var (tasks, notes) = ([TaskDefinition](), [String]())
    for name in history.tasks.map(\.name) where !tasks.contains(where: { $0.name == name }) {
      guard let task = catalog.tasks.first(where: { $0.name == name }) else {
        notes.append(
          "the model was trained on '\(name)', which is not defined here (`tasks:` names a folder)")
        continue
      }
      if catalog.rendering != nil, let rendered = try? catalog.task(named: name) {
        tasks.append(rendered)
        continue
      }
      let hash = history.definitions[name]
      let forms = [task] + task.renderingNames.compactMap { try? task.rendered(as: $0) }
      let form = hash.flatMap { hash in forms.first { $0.dataSet.hash.isSame(as: hash) } }
      if form == nil, hash != nil {
        notes.append("'\(name)' is not defined as it was when the model was trained on it")
      }
      tasks.append(form ?? task)
    }
    return (tasks, notes)
  }
}

extension TaskDefinition {
  /// The task as it is, or with less in its prompts.
  /// - Throws: `.usage` for fields that its prompt does not have.
  public func shown(_ partial: PromptRestriction?) throws(GraftError) -> TaskDefinition {
    guard let partial else { return self }
    return try restricted(to: partial)
  }
}
