import Records
import Scoring
import Support
import TaskRegistry

/// A split with its labels as numbers.
public struct LabelledSplit: Sendable {
  /// The split's name in the task's definition.
  public let name: String
  /// The rows as the task puts them, in the order of the data.
  public let examples: [Example]
  /// The index among the task's choices, one per example.
  public let labels: [Int]
  /// The right answers, one per example.
  public let references: [Reference]

  /// The examples of each class.
  public func counts(classCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[label] += 1 }
    return counts
  }
}

/// A task as probes see it: texts in fields, and one of some classes for each example.
public struct ProbeInput: Sendable {
  /// The task that is probed.
  public let task: TaskDefinition
  /// The task's choices.
  public let classes: [String]
  /// The fields of the prompt, in its order.
  public let fields: [String]
  /// The split that models are trained and words are counted on.
  public let training: LabelledSplit
  /// The splits that are scored. If the training split is among them, the task has no other to train on, and each fold
  /// of it is scored by models of the others.
  public let evaluation: [LabelledSplit]
  /// How probes are run; checked when the input was made.
  public var options: ProbeOptions

  /// - Parameters:
  ///   - splits: those to score; by default all labelled ones other than the training split.
  ///   - trainingSplit: `train` by default, or the first split scored if there is none of that name.
  ///   - limit: as in `TaskDefinition.examples`.
  /// - Throws: `.usage` for a task without choices that are the same for every row, `.badData` for a split in which
  ///   fewer than two classes occur, `.missingInput` for absent data.
  public init(
    task: TaskDefinition, data: DataRoot, splits: [String] = [], trainingSplit: String? = nil,
    limit: Int? = nil, options: ProbeOptions = ProbeOptions()
  ) throws(GraftError) {
    guard let classes = task.choices else {
      throw GraftError(
        .usage, "task '\(task.name)' cannot be probed: it has no choices that are the same for every row",
        hint: "probes ask what gives a label away; `graft list tasks` names tasks of classification.")
    }
    let known = task.splitNames
    for name in splits + [trainingSplit].compactMap({ $0 }) where !known.contains(name) {
      throw .unknownName("split of task '\(task.name)'", name, known: known)
    }
    let training = trainingSplit ?? (known.contains("train") ? "train" : nil)
    var evaluated: [String] = []
    for name in splits where !evaluated.contains(name) { evaluated.append(name) }
    if splits.isEmpty { evaluated = known.filter { $0 != training } }
    if evaluated.isEmpty { evaluated = known }
    var loaded: [String: LabelledSplit] = [:]
    for name in Set(evaluated + [training].compactMap { $0 }).sorted() {
      let isAsked = splits.contains(name) || name == training
      do throws(GraftError) {
        loaded[name] = try LabelledSplit(task, split: name, data: data, limit: limit)
      } catch {
        // A split without labels is passed over unless it was asked for.
        guard error.code == .badData, !isAsked, task.isUnlabelled(name, data: data, limit: limit) else {
          throw error
        }
      }
    }
    let evaluation = evaluated.compactMap { loaded[$0] }
    guard let first = training.flatMap({ loaded[$0] }) ?? evaluation.first else {
      throw GraftError(.badData, "no split of task '\(task.name)' has labels")
    }
    try self.init(
      task: task, classes: classes, fields: task.textFields, training: first, evaluation: evaluation,
      options: options)
  }

  /// - Throws: `.badData` for a training split in which fewer than two classes occur, `.usage` for options that make no
  ///   sense.
  init(
    task: TaskDefinition, classes: [String], fields: [String], training: LabelledSplit,
    evaluation: [LabelledSplit], options: ProbeOptions
  ) throws(GraftError) {
    let occurring = Set(training.labels)
    guard occurring.count > 1 else {
      let only = occurring.first.map { "only the class '\(classes[$0])'" } ?? "no examples"
      throw GraftError(
        .badData,
        "split '\(training.name)' of task '\(task.name)' has \(only): nothing can give a label away",
        hint: "train on another split with `train-split:`, or raise `limit:`.")
    }
    guard options.seeds >= 1, options.folds >= 2, options.top >= 1, options.overlapLength >= 1,
      options.level > 0, options.level < 1
    else {
      throw GraftError(
        .usage, "probes need at least one seed, two folds, one word, and a level between 0 and 1")
    }
    guard !fields.isEmpty else {
      throw GraftError(.usage, "the prompt of task '\(task.name)' has no fields to look at")
    }
    self.task = task
    // As names in tables and in keys of JSON, where canonically equal ones would be one.
    self.classes = classes.canonicallyDistinct
    self.fields = fields
    self.training = training
    self.evaluation = evaluation
    self.options = options
  }

  /// The training split and those scored, each once.
  var splits: [LabelledSplit] {
    evaluation.contains { $0.name == training.name } ? evaluation : [training] + evaluation
  }

  /// Whether a split is scored by models of its own other folds.
  public func isCrossFitted(_ split: LabelledSplit) -> Bool { split.name == training.name }

  /// The texts of some fields of an example.
  public func texts(_ example: Example, _ fields: [String]) -> [String] { fields.map { example.fields[$0] ?? "" } }
}

extension LabelledSplit {
  /// - Throws: `.badData` for a split with unlabelled rows, and as `TaskDefinition.examples`.
  init(_ task: TaskDefinition, split: String, data: DataRoot, limit: Int?) throws(GraftError) {
    let examples = try task.examples(split: split, data: data, limit: limit)
    let references = try task.references(examples)
    self.init(
      name: split, examples: examples, labels: references.compactMap(\.choice), references: references)
  }
}

extension TaskDefinition {
  /// Whether a split is there but has no labels.
  fileprivate func isUnlabelled(_ split: String, data: DataRoot, limit: Int?) -> Bool {
    guard let examples = try? examples(split: split, data: data, limit: limit) else { return false }
    return examples.contains { $0.targets == Self.unlabelledTarget }
  }
}
