import Randomness
import Records
import Support
import TaskRegistry

/// One case of a test: the examples a model is to answer.
public struct ChecklistCase: Sendable {
  /// In the order of the checklist.
  public var test: Int
  /// The original first; of a consistency test in the order of its rows. Those that ask about answers are added when
  /// these are known.
  public var examples: [Example]
  let identifier: String
  let filling: [String: Lexicon.Entry]
}

/// A checklist put to a task.
public struct ChecklistRun: Sendable {
  /// A task as which examples are put.
  struct Put: Sendable {
    var task: TaskDefinition
    var shape: TaskShape

    init(_ task: TaskDefinition) throws(GraftError) {
      self.task = task
      shape = try TaskShape(task)
    }
  }

  /// The tests that are put.
  public let checklist: Checklist
  /// In the order of the tests; none of those that the tasks cannot answer.
  public internal(set) var cases: [ChecklistCase]
  let main: Put
  /// Of a checklist of questions, as which those are put that are answered by yes or no; nil for the same.
  let yesOrNo: Put?
  let seed: UInt64

  /// The form of the task that the checklist is put to, of questions the main one.
  public var shape: TaskShape { main.shape }

  /// At most so many variants of a case come from other fillers.
  static let fillersPerCase = 3

  /// - Parameter yesOrNo: of a checklist of questions, another task as which those are put that are answered by yes or
  ///   no; nil for the same.
  /// - Throws: `.usage` if the checklist is for another kind of task; `.badData` with the place for a label that the
  ///   task does not have.
  public init(
    _ checklist: Checklist, task: TaskDefinition, yesOrNo: TaskDefinition? = nil, seed: UInt64
  ) throws(GraftError) {
    main = try Put(task)
    self.yesOrNo = try yesOrNo.map { (task) throws(GraftError) in try Put(task) }
    for put in [main, self.yesOrNo ?? main] where put.shape.kind != checklist.kind {
      throw GraftError(
        .usage,
        "the checklist '\(checklist.name)' is for tasks of \(checklist.kind.rawValue); '\(put.task.name)' is one of"
          + " \(put.shape.kind.rawValue)", hint: "`graft list checklists` says what each is for.")
    }
    self.checklist = checklist
    self.seed = seed
    cases = []
    for (index, test) in checklist.tests.enumerated() {
      if checklist.kind != .question {
        for labels in test.labels { _ = try Self.choices(labels, shape) }
      }
      if canAsk(test) { cases += try builder(of: index).cases() }
    }
  }

  /// Whether the tasks can answer the test: one whose choices are yes and no cannot say how many there are.
  public func canAsk(_ test: ChecklistTest) -> Bool {
    checklist.kind != .question || main.shape.choices.isEmpty
      || (test.kind == .consistency ? test.rows.map(\.name) : [nil]).allSatisfy(test.isYesOrNo)
  }

  /// As what a row of a test is put; nil for the templates of one without rows.
  func put(_ test: ChecklistTest, row: String?) -> Put {
    if let yesOrNo, test.isYesOrNo(row) { yesOrNo } else { main }
  }

  func builder(of index: Int) throws(GraftError) -> CaseBuilder {
    let test = checklist.tests[index]
    return CaseBuilder(
      index: index, test: test, prefix: "\(checklist.name)/\(index + 1)", run: self,
      maker: try StressSetMaker(task: main.task, resources: StressResources(), seed: seed),
      key: RandomKey(seed: seed).folded("checklist").folded(checklist.name).folded(test.name))
  }

  /// The choices of the task that labels of the checklist mean.
  static func choices(_ labels: ChecklistTest.Labels, _ shape: TaskShape) throws(GraftError) -> Set<Int> {
    var indices: Set<Int> = []
    guard labels.patterns.isEmpty else {
      for (index, choice) in shape.choices.map(AnswerText.init).enumerated() {
        for pattern in labels.patterns where pattern.isYesOrNo {
          if try pattern.matches(choice, filled: { _ in nil }) { indices.insert(index) }
        }
      }
      return indices
    }
    for name in labels.names {
      let relation = InferenceLabels.Relation(rawValue: name)
      let word = relation.flatMap { relation in shape.labels.map { $0[relation] } } ?? name
      guard let index = shape.choices.exactIndex(of: word) else {
        throw GraftError.unknownName(
          "label", name, known: shape.choices, location: labels.location, code: .badData)
      }
      indices.insert(index)
    }
    return indices
  }
}

extension ChecklistTest {
  /// Every label the test names.
  var labels: [Labels] {
    switch expectation {
    case .label(let labels), .mustNot(_, let labels, _): [labels]
    case .invariance: []
    case .consistency(let conditions, let conclusions): (conditions + conclusions).map(\.labels)
    }
  }

  /// Whether the question of a row, or of the templates, is only ever expected to be answered by yes or no.
  func isYesOrNo(_ row: String?) -> Bool {
    let own: [Labels]
    switch expectation {
    case .label(let labels): own = [labels]
    case .consistency(let conditions, let conclusions):
      own = (conditions + conclusions).filter { $0.row == row }.map(\.labels)
    case .invariance, .mustNot: own = []
    }
    return !own.isEmpty && own.allSatisfy { !$0.patterns.isEmpty && $0.patterns.allSatisfy(\.isYesOrNo) }
  }
}

/// Makes the cases of one test.
struct CaseBuilder {
  var index: Int
  var test: ChecklistTest
  var prefix: String
  var run: ChecklistRun
  var maker: StressSetMaker
  var key: RandomKey

  private var lexicon: Lexicon { run.checklist.lexicon }
  private var shape: TaskShape { run.shape }

  func cases() throws(GraftError) -> [ChecklistCase] {
    if test.kind == .consistency { return try consistencyCases() }
    var cases: [ChecklistCase] = []
    // As many cases of each template; the first take what does not divide.
    for (index, template) in test.templates.enumerated() {
      let limit =
        test.caseCount / test.templates.count + (index < test.caseCount % test.templates.count ? 1 : 0)
      let slots =
        try ChecklistTest.slots(of: [template] + test.variants, lexicon, at: test.location) + patternSlots()
      let fillings = lexicon.fillings(slots, limit: limit, key: key.folded(index))
      for (number, filling) in fillings.enumerated() {
        let identifier = "\(prefix)/\(index + 1).\(number + 1)"
        func made(_ examples: [Example]) -> ChecklistCase {
          ChecklistCase(test: self.index, examples: examples, identifier: identifier, filling: filling)
        }
        var examples = [try example(template, filling, identifier)]
        guard test.kind != .minimumFunctionality else {
          cases.append(made(examples))
          continue
        }
        for variant in test.variants {
          examples.append(try example(variant, filling, variantName(identifier, examples)))
        }
        examples += try refilled(
          template, filling, key.folded(index).folded(number), identifier, examples.count)
        for change in test.changes {
          if let changed = try changed(examples[0], by: change) { examples.append(changed) }
        }
        let original = examples[0].inputs
        examples = [examples[0]] + examples.dropFirst().filter { !$0.inputs.isExactly(original) }
        if examples.count > 1 { cases.append(made(examples)) }
      }
    }
    return cases
  }

  private func variantName(_ identifier: String, _ examples: [Example]) -> String {
    "\(identifier)~\(examples.count)"
  }

  /// The slots of what questions are to be answered by.
  private func patternSlots() throws(GraftError) -> [Lexicon.Slot] {
    let rows = test.rows.map(\.name)
    var slots: [Lexicon.Slot] = []
    for labels in test.labels {
      for case .words(let template) in labels.patterns {
        for field in template.fields where AnswerSlot(field, rows: rows) == nil {
          slots.append(try lexicon.slot(field, at: labels.location))
        }
      }
    }
    return slots
  }

  private func consistencyCases() throws(GraftError) -> [ChecklistCase] {
    let slots =
      try ChecklistTest.slots(
        of: test.rows.map(\.texts), lexicon, rows: test.rows.map(\.name), at: test.location) + patternSlots()
    var cases: [ChecklistCase] = []
    for (number, filling) in lexicon.fillings(slots, limit: test.caseCount, key: key).enumerated() {
      let identifier = "\(prefix)/\(number + 1)"
      var examples: [Example] = []
      for row in test.rows where !row.isFollowUp {
        examples.append(try example(row.texts, filling, "\(identifier)~\(row.name)", row: row.name))
      }
      cases.append(
        ChecklistCase(test: index, examples: examples, identifier: identifier, filling: filling))
    }
    return cases
  }

  /// The next row of a case, which asks about answers to those before.
  ///
  /// - Returns: nil if an answer leaves nothing to ask about.
  func followUp(_ item: ChecklistCase, _ answers: [Prediction]) throws(GraftError) -> Example? {
    let row = test.rows[answers.count]
    var words: [String: String] = [:]
    for template in row.texts.values {
      guard let found = run.answerWords(of: template, test, answers) else { return nil }
      words.merge(found) { $1 }
    }
    return try example(
      row.texts, item.filling, "\(item.identifier)~\(row.name)", row: row.name, answers: words)
  }

  /// The template with other fillers in the slots that vary.
  private func refilled(
    _ template: ChecklistTest.Texts, _ filling: [String: Lexicon.Entry], _ key: RandomKey,
    _ identifier: String,
    _ count: Int
  ) throws(GraftError) -> [Example] {
    var examples: [Example] = []
    for slot in test.vary {
      let taken = Set(filling.values)
      let others = (lexicon.lists[slot.list] ?? []).filter { !taken.contains($0) }
      guard filling[slot.entry] != nil, !others.isEmpty else { continue }
      var generator = key.folded(slot.entry).generator()
      for index in generator.permutation(others.count).prefix(ChecklistRun.fillersPerCase).sorted() {
        let other = filling.merging([slot.entry: others[index]]) { $1 }
        examples.append(try example(template, other, "\(identifier)~\(count + examples.count)"))
      }
    }
    return examples
  }

  /// - Parameters:
  ///   - row: of a consistency test, the row that it is.
  ///   - answers: what fields that stand for answers are filled with.
  private func example(
    _ texts: ChecklistTest.Texts, _ filling: [String: Lexicon.Entry], _ identifier: String, row: String? = nil,
    answers: [String: String] = [:]
  ) throws(GraftError) -> Example {
    let put = run.put(test, row: row)
    var fields: [String: String] = [:]
    for (role, template) in texts {
      fields[put.shape.field(role)] = try template.filled(filling, lexicon, answers, at: test.location)
    }
    return try test.location.locating { () throws(GraftError) in
      try put.task.prompt(
        fields, label: label(put, filling), groups: ["capability": test.capability, "test": test.name],
        identifier: identifier)
    }
  }

  /// The right answer, as far as there is one.
  private func label(_ put: ChecklistRun.Put, _ filling: [String: Lexicon.Entry]) throws(GraftError) -> String {
    guard case .label(let labels) = test.expectation else { return TaskDefinition.unlabelledTarget }
    if let right = try ChecklistRun.choices(labels, put.shape).min() { return put.shape.choices[right] }
    guard case .words(let template)? = labels.patterns.first else { return TaskDefinition.unlabelledTarget }
    return try template.filled(filling, lexicon, [:], at: labels.location)
  }

  /// What a transform makes of an example; nil if it does not apply or would change the label.
  private func changed(_ example: Example, by name: String) throws(GraftError) -> Example? {
    let transform = try maker.transform(named: name)
    let input = StressInput(example, shape: shape)
    guard
      case .changed(let texts, .labelPreserved) = try transform(
        input, maker.resources, at: key.folded(name).folded(example.identifier))
    else { return nil }
    var fields = example.fields
    for (role, text) in texts { fields[shape.field(role)] = text }
    return try run.main.task.prompt(
      fields, label: example.targets, groups: example.groups, identifier: "\(example.identifier)+\(name)")
  }
}
