import Records
import Support

/// What a model is to be shown for one row, to the letter.
struct GoldenPrompt: Sendable {
  static let keys = ["split", "row", "fields", "inputs", "targets", "choices", "renderings", "sha256"]

  struct Text: Sendable {
    var inputs: String
    var targets: String
  }

  /// The split it is of; nil for the first.
  var split: String?
  /// The row's number in the split, as in an example's identifier. Needs the data.
  var row: Int?
  /// A row in place of one from the data, as its file would have it.
  var fields: [String: String]?
  var text: Text?
  /// The targets of the row's candidates.
  var choices: [String]?
  /// The same row in other words.
  var renderings: [String: Text] = [:]
  /// Of inputs, a line break and targets, in place of `text` where that is someone's.
  var digest: String?
  var location: SourceLocation

  init(_ value: YAMLValue) throws(GraftError) {
    location = value.location
    let record = try value.record("a golden prompt", keys: Self.keys)
    split = try record["split"]?.string()
    row = try record["row"]?.integer()
    fields = try record["fields"]?.stringMapping()
    choices = try record["choices"]?.strings()
    digest = try record["sha256"]?.string()
    if let inputs = record["inputs"], let targets = record["targets"] {
      text = Text(inputs: try inputs.string(), targets: try targets.string())
    }
    guard (text == nil) != (digest == nil) else {
      throw value.error(
        "a golden prompt has either 'inputs' and 'targets' or 'sha256'",
        hint: "the latter is of both with a line break between them.")
    }
    guard (row == nil) != (fields == nil) else {
      throw value.error(
        "a golden prompt has either 'row' or 'fields'",
        hint: "`row` is a row of the data; `fields` make a row up, as its file would have it.")
    }
    for entry in try record["renderings"]?.entries() ?? [] {
      let other = try entry.value.record("a rendering of a golden prompt", keys: ["inputs", "targets"])
      guard let inputs = other["inputs"], let targets = try other["targets"]?.string() ?? text?.targets else {
        throw entry.value.error("a rendering of a golden prompt needs 'inputs'")
      }
      renderings[entry.key] = Text(inputs: try inputs.string(), targets: targets)
    }
  }

  /// - Throws: `.badData` that says what the example is instead.
  func check(_ example: Example) throws(GraftError) {
    if let text { try compare(text, example) }
    if let digest, ContentHash.of("\(example.inputs)\n\(example.targets)") != digest {
      throw GraftError(
        .badData, "the golden prompt does not hold: '\(example.identifier)' has another hash",
        hint: "`graft inspect task` shows it; if the change is meant, change the hash, and raise `version`.",
        location: location)
    }
    if let choices {
      let found = (example.candidates ?? []).map(\.targets)
      try compare("choices", choices.joined(separator: "; "), found.joined(separator: "; "))
    }
  }

  func check(_ example: Example, rendering: String) throws(GraftError) {
    if let text = renderings[rendering] { try compare(text, example) }
  }

  private func compare(_ text: Text, _ example: Example) throws(GraftError) {
    try compare("inputs", text.inputs, example.inputs)
    try compare("targets", text.targets, example.targets)
  }

  private func compare(_ what: String, _ expected: String, _ found: String) throws(GraftError) {
    guard !found.utf8.elementsEqual(expected.utf8) else { return }
    throw GraftError(
      .badData, "the golden prompt does not hold: \(what) should be '\(expected)' and are '\(found)'",
      hint: "if the change is meant, change the golden prompt, and raise `version`.", location: location)
  }
}

/// How many examples a split has if its files are as published.
struct SplitCount: Sendable {
  var count: Int
  var location: SourceLocation

  init(_ value: YAMLValue) throws(GraftError) {
    location = value.location
    count = try value.integer()
    guard count >= 0 else { throw value.error("a count is not negative") }
  }

  func problems(_ found: Int, split: String, of owner: String) -> [GraftError] {
    guard found != count else { return [] }
    return [
      GraftError(
        .badData, "split '\(split)' of \(owner) has \(found) examples instead of \(count)",
        hint: "`graft data verify` says which files are not as published.", location: location)
    ]
  }
}

extension DataSet {
  /// What does not hold of the golden prompts whose rows are made up.
  ///
  /// - Parameter check: of a row as its file would have it, with the label put in its place.
  fileprivate func goldenProblems(
    _ check: (_ golden: GoldenPrompt, _ row: [String: String], _ isLabelled: Bool) throws(GraftError) -> Void
  ) -> [GraftError] {
    golden.compactMap { golden in
      guard let fields = golden.fields else { return nil }
      return problem { () throws(GraftError) in
        let settings = source.settings(of: golden.split)
        var row = fields
        try source.settleLabel(&row, settings, golden.location)
        try check(golden, row, settings.unlabelled != true)
      }
    }
  }

  /// What does not hold of a split that was read whole: golden prompts and the number of examples.
  fileprivate func problems(in examples: [Example], split: String) -> [GraftError] {
    golden.problems(in: examples, "\(name)/\(split)", of: split, default: source.splitNames[0])
      + (counts[split]?.problems(examples.count, split: split, of: source.owner) ?? [])
  }
}

extension TaskDefinition {
  /// What does not hold of the golden prompts whose rows are made up, so that they need no data.
  public func goldenProblems() -> [GraftError] {
    dataSet.goldenProblems { (golden, row, isLabelled) throws(GraftError) in
      func example(of task: TaskDefinition) throws(GraftError) -> Example {
        try golden.location.locating { () throws(GraftError) in
          try task.example(row, RowGrouping(), isLabelled, identifier: name)
        }
      }
      try golden.check(try example(of: self))
      for rendering in golden.renderings.keys.sorted() {
        try golden.check(try example(of: rendered(as: rendering)), rendering: rendering)
      }
    }
  }

  /// What does not hold of a split that was read whole: golden prompts, the number of examples, and whether every
  /// choice can be learned from the training split.
  /// - Parameter data: where it was read.
  public func problems(in examples: [Example], split: String, data: DataRoot) -> [GraftError] {
    if let problem = absenceOfRows(examples, split: split, data: data) { return [problem] }
    return dataSet.problems(in: examples, split: split) + missingChoices(in: examples, split: split)
  }

  private func missingChoices(in examples: [Example], split: String) -> [GraftError] {
    guard split == "train", let choices, !examples.isEmpty else { return [] }
    let found = Set(examples.map(\.choice))
    let missing = choices.indices.filter { !found.contains($0) }.map { choices[$0] }
    guard !missing.isEmpty else { return [] }
    return [
      GraftError(
        .badData,
        "no example of split 'train' of task '\(name)' has the answer '\(missing.joined(separator: "' or '"))'",
        hint: "is `labels` complete, and `choices` not too long?", location: SourceLocation(file: path))
    ]
  }
}

extension SuiteDefinition {
  /// As of a task.
  public func goldenProblems(through task: TaskDefinition) -> [GraftError] {
    dataSet.goldenProblems { (golden, row, _) throws(GraftError) in
      try golden.check(
        golden.location.locating { () throws(GraftError) in
          try example(row, RowGrouping(), through: task, identifier: name)
        })
    }
  }

  /// As of a task.
  public func problems(in examples: [Example], split: String, data: DataRoot) -> [GraftError] {
    absenceOfRows(examples, split: split, data: data).map { [$0] } ?? dataSet.problems(in: examples, split: split)
  }
}

extension [GoldenPrompt] {
  /// What does not hold of those that are rows of one split.
  fileprivate func problems(
    in examples: [Example], _ prefix: String, of split: String, default first: String
  ) -> [GraftError] {
    compactMap { golden in
      guard let row = golden.row, (golden.split ?? first) == split else { return nil }
      return problem { () throws(GraftError) in
        let identifier = "\(prefix)/\(row)"
        guard let example = examples.first(where: { $0.identifier == identifier }) else {
          throw GraftError(.badData, "there is no example '\(identifier)'", location: golden.location)
        }
        try golden.check(example)
      }
    }
  }
}

/// The error of `body`, if it has one.
private func problem(_ body: () throws(GraftError) -> Void) -> GraftError? {
  do throws(GraftError) {
    try body()
    return nil
  } catch {
    return error
  }
}
