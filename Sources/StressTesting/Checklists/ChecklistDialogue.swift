import Records
import Support
import TaskRegistry

/// Puts cases to a model row by row, since a row may ask about the answer to another.
extension ChecklistRun {
  /// What a model answers to examples put as those of a task.
  public typealias Model = (_ examples: [Example], _ task: TaskDefinition) throws(GraftError) -> [Prediction]

  /// The answers to the examples of all cases, those that ask about answers included; these are added to the cases.
  /// Where a condition is not met, or an answer leaves nothing to ask about, a case ends before its last row.
  ///
  /// - Returns: by case, one for each of its examples.
  public mutating func answers(of model: Model) throws(GraftError) -> [[Prediction]] {
    var answers = [[Prediction]](repeating: [], count: cases.count)
    var isDone = false
    while !isDone {
      try ask(model, &answers)
      isDone = true
      for number in cases.indices {
        guard let next = try followUp(of: number, answers[number]) else { continue }
        cases[number].examples.append(next)
        isDone = false
      }
    }
    return answers
  }

  /// Asks what has no answer yet, everything that is put as one task at once.
  private func ask(_ model: Model, _ answers: inout [[Prediction]]) throws(GraftError) {
    var open: [(number: Int, task: TaskDefinition, example: Example)] = []
    for number in cases.indices {
      let test = checklist.tests[cases[number].test]
      for index in answers[number].count..<cases[number].examples.count {
        let row = test.kind == .consistency ? test.rows[index].name : nil
        open.append((number, put(test, row: row).task, cases[number].examples[index]))
      }
    }
    var found = [Prediction](repeating: Prediction(text: ""), count: open.count)
    for task in [main.task] + (yesOrNo.map { [$0.task] } ?? []) {
      let own = open.indices.filter { open[$0].task.name == task.name }
      guard !own.isEmpty else { continue }
      for (index, answer) in zip(own, try model(own.map { open[$0].example }, task)) { found[index] = answer }
    }
    for (question, answer) in zip(open, found) { answers[question.number].append(answer) }
  }

  private func followUp(of number: Int, _ answers: [Prediction]) throws(GraftError) -> Example? {
    let item = cases[number]
    let test = checklist.tests[item.test]
    guard test.kind == .consistency, answers.count < test.rows.count, answers.count == item.examples.count,
      case .consistency(let conditions, _) = test.expectation
    else { return nil }
    let asked = test.rows[..<answers.count].map(\.name)
    for condition in conditions where asked.contains(condition.row) {
      guard try holds(condition, test, item, answers) else { return nil }
    }
    return try builder(of: item.test).followUp(item, answers)
  }

  /// Whether the answer to a row is as a rule has it.
  func holds(
    _ rule: (row: String, labels: ChecklistTest.Labels), _ test: ChecklistTest, _ item: ChecklistCase,
    _ answers: [Prediction]
  ) throws(GraftError) -> Bool {
    guard let index = test.rows.firstIndex(where: { $0.name == rule.row }) else { return false }
    return try matches(rule.labels, index, test, item, answers)
  }

  func matches(
    _ labels: ChecklistTest.Labels, _ index: Int, _ test: ChecklistTest, _ item: ChecklistCase,
    _ answers: [Prediction]
  ) throws(GraftError) -> Bool {
    guard !labels.patterns.isEmpty else {
      return try answers[index].choice.map(Self.choices(labels, shape).contains) == true
    }
    let answer = AnswerText(answers[index].text)
    for pattern in labels.patterns {
      let isMet = try pattern.matches(answer) { (template) throws(GraftError) -> String? in
        guard let words = answerWords(of: template, test, Array(answers[..<index])) else { return nil }
        return try template.filled(item.filling, checklist.lexicon, words, at: labels.location)
      }
      if isMet { return true }
    }
    return false
  }

  /// What the fields of a template that stand for answers are filled with.
  ///
  /// - Returns: nil if one of them cannot be.
  func answerWords(of template: TextTemplate, _ test: ChecklistTest, _ answers: [Prediction]) -> [String: String]? {
    let rows = test.rows[..<min(test.rows.count, answers.count)].map(\.name)
    var words: [String: String] = [:]
    for field in template.fields {
      guard let slot = AnswerSlot(field, rows: rows), let index = rows.exactIndex(of: slot.row) else { continue }
      let answer = AnswerText(answers[index].text)
      let word = slot.isOther ? answer.other(in: checklist.lexicon) : answer.quoted
      guard let word, !word.isEmpty else { return nil }
      words[field] = word
    }
    return words
  }
}
