import Inference
import ModelKit
import Records
import Support
import TaskRegistry

/// Makes tasks' examples what a model trains on: text to text, or text to answer for an encoder with heads.
struct TaskCoder: Sendable {
  let codec: TextCodec
  /// The heads of an encoder, nil for a model that writes.
  let answers: [AnswerFormat]?
  /// How a decoder that stands alone or an encoder is shown texts; nil for any other model.
  var reading: TextReading?

  /// How an encoder answers `tasks`.
  /// - Parameters:
  ///   - comparing: whether new heads compare the texts of a task that has two.
  ///   - saved: the heads that there are, which go on as they began.
  /// - Throws: `.usage` for a task that wants a text, or has other choices in every row.
  static func answerFormats(
    _ tasks: [TaskDefinition], comparing: Bool = false, saved: [AnswerFormat] = []
  ) throws(GraftError) -> [AnswerFormat] {
    var formats: [AnswerFormat] = []
    for task in tasks {
      if task.choicesVary {
        throw GraftError(
          .usage,
          "the choices of task '\(task.name)' differ from row to row, and an encoder's head has fixed ones",
          hint: "take a t5 or gpt model.")
      }
      guard task.choices != nil || task.output == .number else {
        throw GraftError(
          .usage, "task '\(task.name)' wants a text, which an encoder cannot write",
          hint: "take a t5 or gpt model.")
      }
      let compares =
        saved.first { $0.task == task.name }.map { $0.comparesTexts == true }
        ?? (comparing && task.textFields.count == 2)
      formats.append(AnswerFormat(task: task.name, choices: task.choices, comparesTexts: compares))
    }
    return formats
  }

  /// - Throws: `.badData` for a target that is not an answer of the task's kind.
  func examples(_ examples: [Example], of task: TaskDefinition) throws(GraftError) -> [TokenExample] {
    guard let answers, let head = answers.firstIndex(where: { $0.task == task.name }) else {
      guard let reading else { return codec.tokenExamples(examples) }
      let layout = reading.layout(ofTask: task.name, wanted: task.layout)
      return codec.laidOut(layout, reading).tokenExamples(examples)
    }
    let layout = answers[head].layout(or: reading?.layout(ofTask: task.name, wanted: nil) ?? .prompt)
    var result: [TokenExample] = []
    for example in examples {
      guard let value = example.choice.map(Float.init) ?? Float(example.targets) else {
        throw GraftError(.badData, "\(example.identifier): the target '\(example.targets)' is not a number")
      }
      result.append(codec.example(example, of: task, in: layout, answer: Answer(head: head, value: value)))
    }
    return result
  }
}
