import Inference
import StressTesting
import Support
import TaskRegistry

/// What a model is put to stress tests on: whose examples, and as which task they are put.
public struct StressedModel {
  /// Whose examples are changed.
  public private(set) var source: TaskDefinition
  /// As which they are put, in the words that the model was trained on as far as these are known.
  public private(set) var task: TaskDefinition
  /// What a person should know of these choices.
  public private(set) var notes: [String] = []
  /// What the model was trained on, as far as it is defined here.
  public let trained: [TaskDefinition]

  /// As which task the questions of a checklist are put that are answered by yes or no, where the others are put as one
  /// that is answered in words; nil for the same.
  public func yesOrNo(for checklist: Checklist) -> TaskDefinition? {
    guard checklist.kind == .question, task.choices == nil else { return nil }
    return trained.first { $0.choices != nil && (try? TaskShape($0))?.kind == .question }
  }

  /// - Parameters:
  ///   - named: the task that was asked for; nil for one that the model was trained on.
  ///   - through: as which its examples are put; nil for what the model was trained on.
  ///   - fits: whether everything that is to be tested can be put as a task.
  /// - Throws: `.usage` if no task was named and none that the model was trained on fits (what `fits` says of the only
  ///   one), or for two tasks that do not fit each other.
  public init(
    _ checkpoint: String, task named: String?, through: String?, catalog: TaskCatalog,
    fits: (TaskDefinition) throws(GraftError) -> Void
  ) throws(GraftError) {
    var history = ModelHistory()
    history.add(checkpoint)
    let (trained, notes) = SuiteRouting.trained(history, catalog)
    self.trained = trained
    guard let named else {
      var (fitting, reasons): ([TaskDefinition], [GraftError]) = ([], [])
      for task in trained {
        do throws(GraftError) {
          try fits(task)
          fitting.append(task)
        } catch { reasons.append(error) }
      }
      // Of questions, those that are answered in words: the others can be put besides.
      guard let first = fitting.first(where: { $0.choices == nil }) ?? fitting.first else {
        // Of one task there is a reason to be said.
        if trained.count == 1, let reason = reasons.first { throw reason }
        throw GraftError(
          .usage,
          trained.isEmpty
            ? "what '\(checkpoint)' was trained on is not known here"
            : "no task that '\(checkpoint)' was trained on fits what is to be tested",
          hint: "say with `task:` NAME whose examples are changed, and as what they are put.")
      }
      (source, task) = (first, first)
      self.notes = notes
      if fitting.count > 1 {
        self.notes.append(
          "tested as the task '\(first.name)', of \(fitting.map(\.name).joined(separator: ", "))"
            + " that the model was trained on (`task:` takes another)")
      }
      if let through { try put(as: try catalog.task(named: through)) }
      return
    }
    let asked = try catalog.task(named: named)
    source = asked
    task = trained.first { $0.name == named } ?? asked
    if let through {
      try put(as: try catalog.task(named: through))
    } else if !trained.contains(where: { $0.name == named }),
      let other = trained.first(where: { Self.mismatch(asked, as: $0) == nil })
    {
      task = other
      self.notes = [
        "\(named) is put as the task '\(other.name)', which the model was trained on (`through:` takes another)"
      ]
    }
    self.notes = notes + self.notes
  }

  private mutating func put(as other: TaskDefinition) throws(GraftError) {
    if let mismatch = Self.mismatch(source, as: other) { throw mismatch }
    task = other
  }

  /// Why the examples of one task cannot be put as another; nil if they can.
  private static func mismatch(_ task: TaskDefinition, as other: TaskDefinition) -> GraftError? {
    func bytes(_ choices: [String]) -> Set<ByteString> { Set(choices.map { ByteString($0) }) }
    guard let choices = task.choices, bytes(choices) == bytes(other.choices ?? []) else {
      return GraftError(
        .usage, "the answers of task '\(other.name)' are not those of '\(task.name)'",
        hint: "both need the same choices.")
    }
    guard let missing = other.textFields.first(where: { !task.fieldNames.contains($0) }) else { return nil }
    return GraftError(
      .usage, "task '\(task.name)' has no field '\(missing)', which the prompt of '\(other.name)' needs",
      hint: "fields of the task: \(task.fieldNames.joined(separator: ", ")).")
  }
}
