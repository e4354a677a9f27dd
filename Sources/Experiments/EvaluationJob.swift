import Compute
import Inference
import ModelKit
import Records
import Reporting
import Support
import TaskRegistry

/// What models are scored on and how: what `graft evaluate` does with each checkpoint, and a grid with each pretrained
/// model.
public struct EvaluationJob {
  /// Scored on `splits`.
  public var tasks: [TaskDefinition]
  /// Nil for every split with labels but `train`.
  public var splits: [String]?
  /// Scored besides, each as its task.
  public var suites: [RoutedSuite]
  /// Where examples are read.
  public var data: DataRoot
  /// How the models answer.
  public var method: EvaluationMethod
  /// Examples of a split at most.
  public var limit: Int?
  /// Operands of matrix products.
  public var precision = Precision.f32
  /// What of its input the model is shown, if not all.
  public var partialInput: PromptRestriction?
  /// The processes that evaluate together; each has all results.
  public var world: any World = Alone()
  /// Parts of splits that are scored by themselves.
  public var subsets: SubsetScoring?
  /// Whether tasks are also scored by the lengths of their texts; see `LengthScoring`.
  public var scoresLengths = false

  /// - Parameters:
  ///   - splits: nil for every split with labels but `train`.
  ///   - suites: scored besides, each as its task.
  ///   - data: where examples are read.
  ///   - method: how the models answer.
  public init(
    tasks: [TaskDefinition], splits: [String]?, suites: [RoutedSuite], data: DataRoot,
    method: EvaluationMethod = .answers()
  ) {
    (self.tasks, self.splits, self.suites, self.data) = (tasks, splits, suites, data)
    self.method = method
  }

  /// Scores a checkpoint, run directory or folder of transformers.
  /// - Parameters:
  ///   - base: where the model of an adapter is; nil for where the adapter says.
  ///   - predictionFolder: where predictions go, if anywhere.
  ///   - note: takes a line for people.
  ///   - observe: takes what was answered to each task.
  /// - Throws: as `Evaluator.init` and `ModelScoring.score`.
  public func results(
    of path: String, base: String? = nil, seed: UInt64?, predictionFolder: String?, note: @escaping (String) -> Void,
    observe: @escaping (_ task: TaskDefinition, _ evaluation: Evaluation) -> Void = { _, _ in }
  ) throws(GraftError) -> [ResultEntry] {
    try results(
      by: Evaluator(opening: path, base: base, method, precision: precision, readers: world), seed: seed,
      predictionFolder: predictionFolder, note: note, observe: observe)
  }

  /// Scores answers that were given elsewhere.
  /// - Throws: as `RecordedAnswers.predictions` and `ModelScoring.score`.
  public func results(
    ofAnswers answers: RecordedAnswers, predictionFolder: String?, note: @escaping (String) -> Void,
    observe: @escaping (_ task: TaskDefinition, _ evaluation: Evaluation) -> Void = { _, _ in }
  ) throws(GraftError) -> [ResultEntry] {
    let evaluator = Evaluator { (examples, task) throws(GraftError) in
      try answers.predictions(examples, task: task)
    }
    return try results(
      by: evaluator, seed: nil, predictionFolder: predictionFolder, note: note, observe: observe)
  }

  private func results(
    by evaluator: Evaluator, seed: UInt64?, predictionFolder: String?, note: @escaping (String) -> Void,
    observe: @escaping (_ task: TaskDefinition, _ evaluation: Evaluation) -> Void
  ) throws(GraftError) -> [ResultEntry] {
    var made = ModelScoring(
      evaluator: evaluator, data: data, system: "model", seed: seed, predictionFolder: predictionFolder, limit: limit,
      note: note)
    made.observe = observe
    made.partialInput = partialInput
    made.subsets = subsets
    made.scoresLengths = scoresLengths
    return try made.score(tasks: tasks, splits: splits, suites: suites)
  }
}
