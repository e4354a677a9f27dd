import Examples
import Randomness
import Support
import TaskRegistry

/// One case of a test: the examples a model is to answer.
public struct ChecklistCase: Sendable {
  /// In the order of the checklist.
  public var test: Int
  /// The original first; of a consistency test in the order of its rows.
  public var examples: [Example]
}

/// A checklist put to a task.
public struct ChecklistRun: Sendable {
  public let checklist: Checklist
  public let shape: TaskShape
  public let cases: [ChecklistCase]

  /// At most so many variants of a case come from other fillers.
  static let fillersPerCase = 3

  /// - Throws: `.usage` if the checklist is for another kind of task; `.badData` with the place for a label that the
  ///   task does not have.
  public init(_ checklist: Checklist, task: TaskDefinition, seed: UInt64) throws(GraftError) {
    let shape = try TaskShape(task)
    guard checklist.kind == shape.kind else {
      throw GraftError(
        .usage,
        "the checklist '\(checklist.name)' is for tasks of \(checklist.kind.rawValue); '\(task.name)' is one of"
          + " \(shape.kind.rawValue)", hint: "`graft list checklists` says what each is for.")
    }
    self.checklist = checklist
    self.shape = shape
    let maker = try StressSetMaker(task: task, resources: StressResources(), seed: seed)
    let key = RandomKey(seed: seed).folded("checklist").folded(checklist.name)
    var cases: [ChecklistCase] = []
    for (index, test) in checklist.tests.enumerated() {
      for labels in test.labels { _ = try Self.choices(labels, shape) }
      let builder = CaseBuilder(
        test: test, prefix: "\(checklist.name)/\(index + 1)", lexicon: checklist.lexicon, task: task,
        shape: shape,
        maker: maker, key: key.folded(test.name))
      for examples in try builder.cases() { cases.append(ChecklistCase(test: index, examples: examples)) }
    }
    self.cases = cases
  }

  /// The choices of the task that labels of the checklist mean.
  static func choices(_ labels: ChecklistTest.Labels, _ shape: TaskShape) throws(GraftError) -> Set<Int> {
    var indices: Set<Int> = []
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
}

/// Makes the cases of one test.
private struct CaseBuilder {
  var test: ChecklistTest
  var prefix: String
  var lexicon: Lexicon
  var task: TaskDefinition
  var shape: TaskShape
  var maker: StressSetMaker
  var key: RandomKey

  func cases() throws(GraftError) -> [[Example]] {
    if test.kind == .consistency { return try consistencyCases() }
    var cases: [[Example]] = []
    // As many cases of each template; the first take what does not divide.
    for (index, template) in test.templates.enumerated() {
      let limit =
        test.caseCount / test.templates.count + (index < test.caseCount % test.templates.count ? 1 : 0)
      let slots = try ChecklistTest.slots(of: [template] + test.variants, lexicon, at: test.location)
      let fillings = lexicon.fillings(slots, limit: limit, key: key.folded(index))
      for (number, filling) in fillings.enumerated() {
        let identifier = "\(prefix)/\(index + 1).\(number + 1)"
        var examples = [try example(template, filling, identifier)]
        guard test.kind != .minimumFunctionality else {
          cases.append(examples)
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
        if examples.count > 1 { cases.append(examples) }
      }
    }
    return cases
  }

  private func variantName(_ identifier: String, _ examples: [Example]) -> String {
    "\(identifier)~\(examples.count)"
  }

  private func consistencyCases() throws(GraftError) -> [[Example]] {
    let slots = try ChecklistTest.slots(of: test.rows.map(\.texts), lexicon, at: test.location)
    var cases: [[Example]] = []
    for (number, filling) in lexicon.fillings(slots, limit: test.caseCount, key: key).enumerated() {
      var examples: [Example] = []
      for row in test.rows {
        examples.append(try example(row.texts, filling, "\(prefix)/\(number + 1)~\(row.name)"))
      }
      cases.append(examples)
    }
    return cases
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

  private func example(
    _ texts: ChecklistTest.Texts, _ filling: [String: Lexicon.Entry], _ identifier: String
  ) throws(GraftError) -> Example {
    var fields: [String: String] = [:]
    for (role, template) in texts {
      var slots: [String: Lexicon.Slot] = [:]
      for field in template.fields { slots[field] = try lexicon.slot(field, at: test.location) }
      fields[shape.field(role)] = try template.filled(filling, slots)
    }
    var label = TaskDefinition.unlabelledTarget
    if case .label(let labels) = test.expectation, let right = try ChecklistRun.choices(labels, shape).min() {
      label = shape.choices[right]
    }
    return try test.location.locating { () throws(GraftError) in
      try task.prompt(
        fields, label: label, groups: ["capability": test.capability, "test": test.name],
        identifier: identifier)
    }
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
    return try task.prompt(
      fields, label: example.targets, groups: example.groups, identifier: "\(example.identifier)+\(name)")
  }
}
