import Inference
import Records
import Support
import TaskRegistry

/// A text, or a pair, that is put to a model as one of its tasks.
struct TextQuestion {
  let served: ServedModel
  let task: TaskDefinition
  let fields: [String: String]
  let example: Example

  /// - Throws: `.usage` for an unknown run, task or field; `.badData` for a field that is missing.
  init(_ body: RequestObject, _ api: ServingAPI, keys: [String] = []) throws(GraftError) {
    try body.requireKeys(["run", "task", "fields"] + keys)
    served = try api.model(body.text("run"))
    task = try served.task(body.text("task"))
    let (all, needed) = task.rowFields
    let fields = try body.texts("fields") ?? [:]
    for field in fields.keys.sorted() where !all.contains(field) {
      throw .unknownName("field of task '\(task.name)'", field, known: all)
    }
    if let missing = needed.first(where: { fields[$0] == nil }) {
      throw GraftError(
        .badData, "the field '\(missing)' of task '\(task.name)' is missing",
        hint: "'fields' has \(needed.joined(separator: ", ")).")
    }
    self.fields = fields
    example = try Self.example(fields, task)
  }

  private static func example(_ fields: [String: String], _ task: TaskDefinition) throws(GraftError) -> Example {
    try task.example(of: UnlabelledRow(fields), in: "request")
  }

  /// The answer to the text as it is.
  func answer() throws(GraftError) -> TextAnswer { try answer(to: example, as: task) }

  /// The answer to the text with something taken away.
  func answer(showing partial: PromptRestriction) throws(GraftError) -> TextAnswer {
    let task = try task.restricted(to: partial)
    return try answer(to: Self.example(fields, task), as: task)
  }

  /// - Parameter task: as which the example is put.
  func answer(to example: Example, as task: TaskDefinition) throws(GraftError) -> TextAnswer {
    guard let prediction = try served.model.predictions([example], task: task).first else {
      preconditionFailure("an example without a prediction")
    }
    return TextAnswer(task.interpreted(prediction, to: example), example, task)
  }
}

/// What a model answers.
struct TextAnswer: Encodable {
  struct Probability: Encodable {
    var answer: String
    var probability: Double
  }

  /// In the task's words.
  var answer: String
  /// Of every choice, in the task's order; nil where there is nothing to choose from.
  var probabilities: [Probability]?
  /// The words that stand for the answer in prompts.
  private(set) var word: String

  private enum CodingKeys: String, CodingKey { case answer, probabilities }

  init(_ prediction: Prediction, _ example: Example, _ task: TaskDefinition) {
    answer = task.label(of: prediction, to: example) ?? prediction.text
    word = prediction.text
    probabilities = task.labelledProbabilities(of: prediction, to: example)?.map {
      Probability(answer: $0.label, probability: $0.probability)
    }
  }
}
