import Records
import Support

extension TaskDefinition {
  /// The rows of a split as prompts and answers, in the order of the files.
  ///
  /// - Parameter limit: at most this many, always the same and spread over the whole split.
  /// - Throws: `.missingInput` for absent files, `.badData` with file and line for rows that cannot be used,
  ///   `.usage` for an unknown split.
  public func examples(
    split: String, data root: DataRoot, limit: Int? = nil
  ) throws(GraftError) -> [Example] {
    try dataSet.examples(split: split, data: root, limit: limit) { (row, identifier) throws(GraftError) in
      try example(row.fields, row.grouping, row.isLabelled, identifier: identifier)
    }
  }

  /// The rows of a split as another task puts its own; targets stay those of this task.
  ///
  /// - Throws: as `examples(split:data:limit:)`, and `.usage` if this task lacks a field of the other's prompts.
  public func examples(
    split: String, through other: TaskDefinition, data root: DataRoot, limit: Int? = nil
  ) throws(GraftError) -> [Example] {
    if let missing = other.inputs.fields.first(where: { !fieldNames.contains($0) }) {
      throw GraftError(
        .usage, "task '\(name)' has no field '\(missing)', which the prompts of task '\(other.name)' need")
    }
    var examples = try examples(split: split, data: root, limit: limit)
    for index in examples.indices {
      examples[index].inputs = try other.inputs.rendered(
        other.dataSet.preprocessed(examples[index].fields, label: labelField))
    }
    return examples
  }

  /// A row as a prompt and its answer.
  ///
  /// - Parameter fields: as they stand in the file, the label put in its place.
  /// - Throws: `.badData` if the answer is none that the task has.
  func example(
    _ fields: [String: String], _ grouping: RowGrouping, _ isLabelled: Bool, identifier: String
  ) throws(GraftError) -> Example {
    let fields = try dataSet.preprocessed(fields, label: labelField)
    let (groups, set) = try grouping.resolved(fields)
    if case .candidates(let templates) = answering {
      return try example(fields, groups, set, choosing: templates, identifier: identifier)
    }
    var example = Example(
      identifier: identifier, inputs: try prompt(fields, identifier: identifier),
      targets: isLabelled ? try targets.rendered(fields) : Self.unlabelledTarget, fields: fields,
      groups: groups, set: set)
    guard isLabelled else { return example }
    switch answering {
    case .free: example.alternatives = alternatives(of: fields, beside: example.targets)
    case .candidates: break
    case .fixed(let words):
      example.choice = words.exactIndex(of: example.targets)
      guard example.choice != nil else {
        throw GraftError(
          .badData, "the answer '\(example.targets)' is none of the choices of task '\(name)'")
      }
    case .judged(let classes, _):
      example.choice = fields[labelField].flatMap { label in classes.exactIndex(of: label) }
    }
    return example
  }

  /// Further right answers, each once; nil if there are none.
  private func alternatives(of fields: [String: String], beside target: String) -> [String]? {
    var found: [String] = []
    for name in alternatives {
      guard let text = fields[name] else { continue }
      // A column with `*` has a line for each element.
      let texts = source.isList(name) ? text.split(atEach: "\n") : [text]
      found += texts.filter { !$0.isEmpty && !$0.isExactly(target) }
    }
    return found.isEmpty ? nil : found.exactlyDistinct
  }

  /// A row with candidates of its own: its templates are filled with each of them in place of the label. A choice that
  /// comes out empty is not offered.
  private func example(
    _ fields: [String: String], _ groups: [String: String], _ set: String?,
    choosing templates: [TextTemplate],
    identifier: String
  ) throws(GraftError) -> Example {
    let label = fields[labelField]
    var texts: [String] = []
    var right: Int?
    for template in templates {
      let text = try template.rendered(fields)
      if text.isEmpty { continue }
      let wanted = source.settings.labels == nil ? text : template.text
      if right == nil, label?.isExactly(wanted) == true { right = texts.count }
      texts.append(text)
    }
    if label != nil, right == nil {
      throw GraftError(
        .badData, "the answer '\(label ?? "")' is none of the row's choices",
        hint: "they are: \(texts.joined(separator: "; ")).")
    }
    guard !texts.isEmpty else { throw GraftError(.badData, "the row has no choices") }
    var candidates: [Candidate] = []
    for text in texts {
      let filled = fields.merging([labelField: text]) { $1 }
      candidates.append(
        Candidate(
          inputs: try prompt(filled, identifier: identifier), targets: try targets.rendered(filled)))
    }
    var fields = fields
    fields[labelField] = right.map { texts[$0] }
    return Example(
      identifier: identifier, inputs: candidates[right ?? 0].inputs,
      targets: right.map { candidates[$0].targets } ?? Self.unlabelledTarget, fields: fields, groups: groups,
      set: set, candidates: candidates, choice: right)
  }
}
