import ModelKit
import Support
import TaskRegistry

/// Which head of an encoder answers a task, and which of its outputs is which choice.
struct HeadChoice: Sendable {
  private let formats: [AnswerFormat]
  private let labels: [String]?

  /// - Parameter labels: what the outputs of the one head stand for; nil for what the model says.
  init(_ formats: [AnswerFormat], labels: [String]?) {
    self.formats = formats
    self.labels = labels
  }

  /// - Returns: the head, and the output of each choice; none for a task of numbers.
  /// - Throws: `.usage` if no head is the task's, `.badData` if its labels are not the task's choices.
  func head(for task: TaskDefinition) throws(GraftError) -> (index: Int, order: [Int]) {
    if let labels { return (0, try order(of: task, statedAs: labels)) }
    guard let index = index(for: task) else { throw noHead(for: task) }
    let format = formats[index]
    guard let choices = task.choices, let found = format.choices else {
      guard task.choices == nil, format.choices == nil else {
        throw GraftError(
          .badData,
          "the model's head gives \(format.choices == nil ? "a number" : "one of \(list(format.choices ?? []))"), "
            + "task '\(task.name)' wants \(task.choices.map { "one of \(list($0))" } ?? "a number")",
          hint: "`graft finetune --checkpoint` gives it a head for the task.")
      }
      return (index, [])
    }
    guard let order = AnswerFormat.order(of: choices, among: found) else {
      throw GraftError(
        .badData,
        "the model's labels are not the choices of task '\(task.name)': \(list(found)) and \(list(choices))",
        hint: found.count == choices.count
          ? "if its outputs stand for these choices, say in which order, which its model card knows: "
            + "`labels:` \(choices.joined(separator: ",")) (as an example); or name them in 'id2label' of its config.json."
          : "a head of \(found.count) outputs cannot answer by \(choices.count) choices; "
            + "`graft finetune --checkpoint` gives the model a head for the task.")
    }
    return (index, order)
  }

  /// The head that is the task's, or any task's; nil for none.
  func index(for task: TaskDefinition) -> Int? {
    if labels != nil { return 0 }
    return formats.firstIndex { $0.task == task.name } ?? formats.firstIndex { $0.task == AnswerFormat.anyTask }
  }

  private func list(_ words: [String]) -> String { "[\(words.joined(separator: ", "))]" }

  private func noHead(for task: TaskDefinition) -> GraftError {
    var hint =
      "it was fine-tuned on \(formats.map(\.task).joined(separator: ", ")); `graft finetune --task"
      + " \(task.name)` adds a head."
    if formats.count == 1, let found = formats[0].choices, let choices = task.choices,
      found.count == choices.count
    {
      let example = AnswerFormat.order(of: choices, among: found).map { order in
        order.indices.map { output in choices[order.firstIndex(of: output) ?? 0] }
      }
      hint +=
        " Its labels are \(list(found)), the task's \(list(choices)): if they mean the same, put the task to it with"
        + " `labels:` \((example ?? choices).joined(separator: ","))\(example == nil ? ", in the outputs' order" : "")."
    }
    return GraftError(.usage, "the model has no head for task '\(task.name)'", hint: hint)
  }

  /// - Throws: `.usage` if the labels are not the task's choices or not as many as the head has.
  private func order(of task: TaskDefinition, statedAs labels: [String]) throws(GraftError) -> [Int] {
    guard formats.count == 1 else {
      throw GraftError(
        .usage, "`labels:` is for a model with one head, this one has \(formats.count)",
        hint: "leave it out: the heads know their tasks.")
    }
    guard let found = formats[0].choices, found.count == labels.count else {
      let outputs = formats[0].choices.map { "\($0.count) outputs: \(list($0))" } ?? "one, a number"
      throw GraftError(
        .usage, "`labels:` names \(labels.count) outputs, the model's head has \(outputs)",
        hint: "name each output once, in their order.")
    }
    guard let choices = task.choices, let order = AnswerFormat.order(of: choices, among: labels) else {
      throw GraftError(
        .usage,
        "`labels:` are not the choices of task '\(task.name)': \(list(labels)) and "
          + (task.choices.map(list) ?? "a number"),
        hint: "give the task's own words, one for each output of the model in their order.")
    }
    return order
  }
}
