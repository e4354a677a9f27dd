import Inference
import Records
import Reporting
import Support
import TaskRegistry

/// Has a model answer rows of a person's own.
public struct RowAnswering {
  /// How answers to many rows look together.
  public struct Summary: Sendable {
    /// How many rows there were.
    public var rows = 0
    /// Of how many the model saw a part.
    public var cut = 0
    /// How many were answered with none of the choices.
    public var invalid = 0
    /// How often each answer was given; of texts and numbers empty.
    public var counts: [String: Int] = [:]

    /// Of no rows.
    public init() {}
  }

  /// Rows that are in memory at once.
  private static let groupSize = 1024

  private let evaluator: Evaluator
  private let task: TaskDefinition

  /// - Parameter task: as which the rows are put to the model.
  public init(_ evaluator: Evaluator, task: TaskDefinition) { (self.evaluator, self.task) = (evaluator, task) }

  /// - Parameters:
  ///   - file: what the rows are read from, for errors.
  ///   - take: gets the answers in the order of the rows.
  /// - Throws: as `UnlabelledRows.forEachGroup`, `Evaluator.predictions` and `take`.
  public func answer(
    _ rows: UnlabelledRows, of file: String, _ take: (AnsweredRow) throws(GraftError) -> Void
  ) throws(GraftError) -> Summary {
    var summary = Summary()
    try rows.forEachGroup(of: Self.groupSize) { (group) throws(GraftError) in
      let examples = try group.map { (row) throws(GraftError) in try task.example(of: row, in: file) }
      let answers = try evaluator.predictions(examples, task: task)
      summary.rows += group.count
      summary.cut += evaluator.cutCount(examples, task: task)
      for (row, (example, prediction)) in zip(group, zip(examples, answers)) {
        let answered = answered(row, example, task.interpreted(prediction, to: example))
        if task.output == .choices {
          if answered.choice == nil { summary.invalid += 1 }
          summary.counts[answered.prediction, default: 0] += 1
        }
        try take(answered)
      }
    }
    return summary
  }

  private func answered(_ row: UnlabelledRow, _ example: Example, _ answer: Prediction) -> AnsweredRow {
    var result = AnsweredRow(
      index: row.index, line: row.line, identifier: row.identifier,
      prediction: task.label(of: answer, to: example) ?? answer.text,
      fileLabel: task.fileLabel(of: answer, to: example) ?? answer.text)
    result.fields = row.fields
    result.choice = answer.choice
    result.choices = task.choices ?? example.candidates?.map(\.targets) ?? []
    if let probabilities = answer.choiceProbabilities, probabilities.count == result.choices.count {
      result.probabilities = probabilities
    }
    return result
  }
}

extension RowAnswering.Summary {
  /// What a person should know of the answers, a line each.
  public func notes(_ task: TaskDefinition) -> [String] {
    var notes: [String] = []
    if invalid > 0 {
      notes.append("note: \(invalid) of \(rows) answers are none of the task's choices and stand as they were written")
    }
    if let note = OneAnswer.note(counts, task: task.choices == nil ? nil : "the \(rows) rows") { notes.append(note) }
    return notes
  }
}
