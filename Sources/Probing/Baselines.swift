import Randomness
import Records
import Scoring
import Support
import TaskRegistry

/// Always the most frequent training label; of equally frequent ones the first.
public struct MajorityBaseline: Sendable, Hashable {
  /// The index among the task's choices that the baseline always answers.
  public let label: Int

  /// - Precondition: each label is in `0..<classCount`.
  public init(labels: [Int], classCount: Int) {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[label] += 1 }
    label = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
  }
}

/// How one baseline scored.
public struct BaselineScore: Sendable, Hashable, Codable {
  /// `majority`, `n-grams`, or `n-grams:FIELD` for the classifier that sees one field only.
  public var name: String
  /// The baseline's score on the split or suite.
  public var report: ScoreReport

  /// A baseline's score under the name it is shown by.
  public init(name: String, report: ScoreReport) {
    self.name = name
    self.report = report
  }
}

/// The baselines of a task on one split, or on a suite.
public struct BaselineReport: Sendable, Hashable, Codable {
  /// The name of the task that the baselines were trained on.
  public var task: String
  /// The split they were trained on.
  public var trainingSplit: String
  /// The examples they were trained on.
  public var trainingCount: Int
  /// The split that was scored, or the name of the suite.
  public var split: String
  /// The majority class first, then the n-gram classifiers.
  public var scores: [BaselineScore]

  /// The score of the baseline called `name`, if it was trained.
  public subscript(name: String) -> ScoreReport? { scores.first { $0.name == name }?.report }
}

/// Baselines trained once on a task, to be scored on any of its splits and on suites.
public struct Baselines: Sendable {
  private enum View: Sendable {
    case majority(Int)
    /// On the prompt's fields, told apart, or on one of them.
    case ngrams(NGramClassifier, fields: [String])
  }

  /// The task that the baselines answer.
  public let task: TaskDefinition
  /// The split that they were trained on.
  public let trainingSplit: String
  /// The examples that they were trained on.
  public let trainingCount: Int
  private let views: [(name: String, view: View)]

  /// - Parameters:
  ///   - fields: the fields to train a classifier on alone; by default, each of the prompt's fields if there
  ///     are several. For NLI `hypothesis` is the one to watch: whatever is right without the premise was
  ///     given away by the annotators.
  ///   - limit: as in `TaskDefinition.examples`.
  ///   - shots: so many examples of each class, as `TaskDefinition.shots` draws them by the seed; nil for all.
  /// - Throws: `.usage` for a task without choices, `.badData` for a training split without rows.
  public init(
    task: TaskDefinition, data: DataRoot, trainingSplit: String = "train", fields: [String]? = nil,
    limit: Int? = nil, shots: (count: Int, seed: UInt64)? = nil,
    options: NGramClassifier.Options = NGramClassifier.Options()
  ) throws(GraftError) {
    guard let choices = task.choices else {
      throw GraftError(.usage, "baselines are for tasks with choices; '\(task.name)' has none")
    }
    let examples =
      if let shots {
        try task.shots(shots.count, split: trainingSplit, data: data, seed: shots.seed).examples
      } else {
        try task.examples(split: trainingSplit, data: data, limit: limit)
      }
    let labels = examples.compactMap(\.choice)
    guard labels.count == examples.count, !labels.isEmpty else {
      throw GraftError(
        .badData, "split '\(trainingSplit)' of task '\(task.name)' has no labelled rows to train on")
    }
    let promptFields = task.inputs.fields
    let single = fields ?? (promptFields.count > 1 ? promptFields : [])
    for field in single where !task.fieldNames.contains(field) {
      throw .unknownName("field of task '\(task.name)'", field, known: task.fieldNames)
    }
    func view(_ fields: [String]) -> View {
      let classifier = NGramClassifier.train(
        parts: examples.map { Self.parts($0, fields) }, labels: labels, classCount: choices.count,
        options: options)
      return .ngrams(classifier, fields: fields)
    }
    var views: [(name: String, view: View)] = [
      (
        "majority",
        .majority(MajorityBaseline(labels: labels, classCount: choices.count).label)
      ),
      ("n-grams", view(promptFields)),
    ]
    for field in single { views.append(("n-grams:\(field)", view([field]))) }
    self.task = task
    self.trainingSplit = trainingSplit
    self.trainingCount = examples.count
    self.views = views
  }

  /// The baselines on a split of the task they were trained on.
  public func report(
    split: String, data: DataRoot, limit: Int? = nil, bootstrap: BootstrapOptions = BootstrapOptions()
  ) throws(GraftError) -> BaselineReport {
    let examples = try task.examples(split: split, data: data, limit: limit)
    return try report(split, examples) { (predictions) throws(GraftError) in
      try task.score(predictions, examples, bootstrap: bootstrap)
    }
  }

  /// The baselines on a suite, put as the task would put it.
  public func report(
    suite: SuiteDefinition, data: DataRoot, limit: Int? = nil,
    bootstrap: BootstrapOptions = BootstrapOptions()
  ) throws(GraftError) -> BaselineReport {
    let examples = try suite.examples(through: task, data: data, limit: limit)
    return try report(suite.name, examples) { (predictions) throws(GraftError) in
      try suite.score(predictions, examples, through: task, bootstrap: bootstrap)
    }
  }

  /// The baselines' answers to any examples of the task, by name.
  public func predictions(_ examples: [Example]) -> [(name: String, predictions: [Prediction])] {
    views.map { name, view in
      (name, examples.map { prediction(view, $0) })
    }
  }

  private func report(
    _ split: String, _ examples: [Example],
    _ score: ([Prediction]) throws(GraftError) -> ScoreReport
  ) throws(GraftError) -> BaselineReport {
    var scores: [BaselineScore] = []
    for (name, predictions) in predictions(examples) {
      scores.append(BaselineScore(name: name, report: try score(predictions)))
    }
    return BaselineReport(
      task: task.name, trainingSplit: trainingSplit, trainingCount: trainingCount, split: split,
      scores: scores)
  }

  private func prediction(_ view: View, _ example: Example) -> Prediction {
    let index: Int
    var scores: [Double]?
    switch view {
    case .majority(let label): index = label
    case .ngrams(let classifier, let fields):
      let logarithms = classifier.logarithms(parts: Self.parts(example, fields))
      index = logarithms.indices.reduce(0) { logarithms[$1] > logarithms[$0] ? $1 : $0 }
      scores = logarithms
    }
    return Prediction(text: task.choices?[index] ?? "", choice: index, choiceScores: scores)
  }

  private static func parts(_ example: Example, _ fields: [String]) -> [String] {
    fields.map { example.fields[$0] ?? "" }
  }
}
