import Foundation
import Records
import Scoring
import Support

/// A set of examples that stress a skill, answered by a model trained on some task and rendered by that
/// task's templates. From a YAML file; see Docs/ADDING-A-TASK.md.
public struct SuiteDefinition: DataSetDefinition {
  /// Its rows and metrics.
  public let dataSet: DataSet
  /// The task it is rendered through when no other is given.
  public let through: String
  /// The suite's own labels.
  public let choices: [String]
  /// From an answer of the task to a label of the suite; applied after the model has decided.
  public let collapse: [ByteString: String]

  /// `test` if there is one, else the first.
  public var defaultSplit: String { splitNames.contains("test") ? "test" : splitNames[0] }

  /// - Throws: `.usage` if the task's answers cannot be turned into the suite's labels or its fields are not
  ///   those of the suite.
  public func check(through task: TaskDefinition) throws(GraftError) {
    guard let answers = task.choices else {
      throw GraftError(
        .usage, "suite '\(name)' cannot be answered through task '\(task.name)', which has no choices")
    }
    let reachable = answers.map(label)
    if let missing = choices.first(where: { !reachable.containsExactly($0) }) {
      throw GraftError(
        .usage, "no answer of task '\(task.name)' becomes the label '\(missing)' of suite '\(name)'",
        hint: "the task answers \(answers.joined(separator: ", ")); see the suite's `collapse`.")
    }
    let fields = source.fieldNames(after: preprocess + task.preprocess)
    if let missing = task.textFields.first(where: { !fields.contains($0) }) {
      throw GraftError(
        .usage, "suite '\(name)' has no field '\(missing)', which the prompt of task '\(task.name)' needs",
        hint: "fields of the suite: \(fields.joined(separator: ", ")).")
    }
  }

  /// What is missing to read the split that is scored, with where it can be had; nil if its files are here.
  public func absence(data root: DataRoot) -> GraftError? { source.absence(defaultSplit, root) }

  /// The suite as the task would put it. An example's target is the suite's label, not the task's word.
  ///
  /// - Throws: as `TaskDefinition.examples`, and `.usage` if the task does not fit.
  public func examples(
    through task: TaskDefinition, split: String? = nil, data root: DataRoot, limit: Int? = nil
  ) throws(GraftError) -> [Example] {
    try check(through: task)
    let split = split ?? defaultSplit
    return try dataSet.examples(split: split, data: root, limit: limit) { (row, identifier) throws(GraftError) in
      try example(row.fields, row.grouping, through: task, identifier: identifier)
    }
  }

  /// A row as the task would put it.
  func example(
    _ fields: [String: String], _ grouping: RowGrouping, through task: TaskDefinition, identifier: String
  ) throws(GraftError) -> Example {
    let label = labelField
    let fields = try task.dataSet.preprocessed(dataSet.preprocessed(fields, label: label), label: label)
    let (groups, set) = try grouping.resolved(fields)
    return Example(
      identifier: identifier, inputs: try task.prompt(fields, identifier: identifier),
      targets: fields[label] ?? TaskDefinition.unlabelledTarget, fields: fields, groups: groups, set: set,
      choice: fields[label].flatMap { choices.exactIndex(of: $0) })
  }

  /// The index among the suite's labels that an answer of the task comes to; nil if none.
  public func choice(of prediction: Prediction, through task: TaskDefinition) -> Int? {
    guard let answers = task.choices, let index = task.interpreted(prediction).choice,
      answers.indices.contains(index)
    else { return nil }
    let answer = answers[index]
    return choices.exactIndex(of: label(answer))
  }

  /// What an answer of the task comes to.
  private func label(_ answer: String) -> String { collapse[ByteString(answer)] ?? answer }

  /// The metrics over all examples, and accuracy per label, per group value, and per both.
  ///
  /// - Throws: `.badData` if there is not one prediction per example or an example has no label.
  public func score(
    _ predictions: [Prediction], _ examples: [Example], through task: TaskDefinition,
    bootstrap: BootstrapOptions = BootstrapOptions()
  ) throws(GraftError) -> ScoreReport {
    let answers = predictions.map { prediction in
      var answer = prediction
      answer.choice = choice(of: prediction, through: task)
      answer.tiedChoices = prediction.tiedChoices?.map {
        choice(of: Prediction(text: "", choice: $0), through: task) ?? -1
      }
      return answer
    }
    var references: [Reference] = []
    for example in examples {
      guard let index = example.choice else { throw dataSet.unscorable(example) }
      references.append(Reference(text: example.targets, choice: index))
    }
    return try dataSet.score(
      JudgedAnswers(
        examples: examples, answers: answers, references: references, invalid: answers.map { $0.choice == nil },
        groupMetric: Accuracy().name, hasLabels: true,
        otherDecision: summedAnswers(predictions, through: task).map { (Self.summedAccuracy, $0) }),
      through: task.name, collapse: collapse, bootstrap: bootstrap)
  }

  /// The name of accuracy where the probabilities of a label's answers are added up before the decision.
  public static let summedAccuracy = "accuracy-summed"

  /// Answers by the label whose answers' probabilities come to most, which is gentler than collapsing after the
  /// decision: entailment .4, neutral .3, contradiction .3 is then no entailment.
  ///
  /// - Returns: nil without `collapse`, or if not every answer came with the log-probabilities of all choices.
  private func summedAnswers(
    _ predictions: [Prediction], through task: TaskDefinition
  ) -> [Prediction]? {
    guard !collapse.isEmpty, let words = task.choices else { return nil }
    let labels = words.map { choices.exactIndex(of: label($0)) }
    var result: [Prediction] = []
    for prediction in predictions {
      guard let scores = prediction.choiceScores, scores.count == words.count, let highest = scores.max(),
        highest.isFinite
      else { return nil }
      var masses = [Double](repeating: 0, count: choices.count)
      for (label, score) in zip(labels, scores) {
        if let label { masses[label] += exp(score - highest) }
      }
      result.append(Prediction(choices, scores: masses))
    }
    return result
  }
}
