import Probing
import Randomness
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// Scores of the models of words that papers compare with, on splits or in cross-validation.
public struct WordModelScoring {
  /// Which are trained, in the order of the table.
  public var models = WordModel.allCases
  /// Of the longest n-grams.
  public var order = 2
  /// Every example is answered by models trained on the other parts of so many; nil to score splits.
  public var folds: Int?
  /// Labelled splits but `train` if nil.
  public var splits: [String]?
  /// Of what is drawn.
  public var seed: UInt64 = 0
  var data: DataRoot

  /// All models on all labelled splits, with words and pairs of words.
  public init(data: DataRoot) { self.data = data }

  /// The scores of a task with choices, by every model.
  /// - Throws: `.usage` for a task without fixed choices, or fewer examples than folds; as reading its data.
  public func score(_ task: TaskDefinition) throws(GraftError) -> [ResultEntry] {
    guard let choices = task.choices else {
      throw GraftError(
        .usage, "task '\(task.name)' has no choices that are the same for every row",
        hint: "models of words choose among fixed labels.")
    }
    let training = try task.examples(split: "train", data: data)
    if let folds { return try crossValidated(task, choices, training, folds) }
    var entries: [ResultEntry] = []
    for split in try evaluationSplits(of: task, splits, data, skippingAbsent: false) {
      let test = try task.examples(split: split, data: data)
      let texts = try texts(task, choices, training + test)
      let indices = (0..<training.count, training.count..<(training.count + test.count))
      for model in models {
        let answers = texts.answers(
          model, training: Array(indices.0), test: Array(indices.1), options: options)
        entries += try entriesOf(answers, test, task, choices, split: split, model)
      }
    }
    return entries
  }

  /// Of the training split with what was held out of it.
  private func crossValidated(
    _ task: TaskDefinition, _ choices: [String], _ training: [Example], _ folds: Int
  ) throws(GraftError) -> [ResultEntry] {
    var examples = training
    for split in task.splits(heldOutOf: "train") { examples += try task.examples(split: split, data: data) }
    guard folds >= 2, folds <= examples.count else {
      throw GraftError(
        .usage, "\(examples.count) examples of '\(task.name)' cannot be divided into \(folds) parts",
        hint: "2 to \(examples.count) are possible; 10 is usual.")
    }
    let texts = try texts(task, choices, examples)
    var generator = RandomKey(seed: seed).folded("folds").generator()
    let order = generator.permutation(examples.count)
    var entries: [ResultEntry] = []
    for model in models {
      var answers = [Int](repeating: 0, count: examples.count)
      for fold in 0..<folds {
        let test = order.indices.filter { $0 % folds == fold }.map { order[$0] }
        let rest = order.indices.filter { $0 % folds != fold }.map { order[$0] }
        for (index, answer) in zip(test, texts.answers(model, training: rest, test: test, options: options)) {
          answers[index] = answer
        }
      }
      entries += try entriesOf(answers, examples, task, choices, split: "\(folds) folds", model)
    }
    return entries
  }

  private var options: WordModelTexts.Options {
    var options = WordModelTexts.Options()
    options.key = RandomKey(seed: seed)
    return options
  }

  private func texts(
    _ task: TaskDefinition, _ choices: [String], _ examples: [Example]
  ) throws(GraftError) -> WordModelTexts {
    let labels = examples.compactMap(\.choice)
    guard labels.count == examples.count else {
      throw GraftError(.badData, "task '\(task.name)' has rows without a label among those that are read")
    }
    let fields = task.inputs.fields
    return WordModelTexts(
      examples.map { example in fields.map { example.fields[$0] ?? "" } }, labels: labels, classCount: choices.count,
      order: order)
  }

  private func entriesOf(
    _ answers: [Int], _ examples: [Example], _ task: TaskDefinition, _ choices: [String], split: String,
    _ model: WordModel
  ) throws(GraftError) -> [ResultEntry] {
    let report = try task.score(answers.map { Prediction(text: choices[$0], choice: $0) }, examples)
    return resultEntries(report, split: split, system: model.rawValue)
  }
}
