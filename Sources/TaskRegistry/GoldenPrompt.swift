import Examples
import Support

/// What a model is to be shown for one row, to the letter.
struct GoldenPrompt: Sendable {
  static let keys = ["split", "row", "fields", "rendering", "inputs", "targets", "choices"]

  /// The split it is of; nil for the first.
  var split: String?
  /// The row's number in the split, as in an example's identifier. Needs the data.
  var row: Int?
  /// A row in place of one from the data, as its file would have it.
  var fields: [String: String]?
  var rendering: String?
  var inputs: String
  var targets: String
  /// The targets of the row's candidates.
  var choices: [String]?
  var location: SourceLocation

  init(_ value: YAMLValue) throws(GraftError) {
    location = value.location
    let record = try value.record("a golden prompt", keys: Self.keys)
    split = try record["split"]?.string()
    row = try record["row"]?.integer()
    fields = try record["fields"]?.stringMapping()
    rendering = try record["rendering"]?.string()
    guard let inputs = record["inputs"], let targets = record["targets"] else {
      throw value.error("a golden prompt needs 'inputs' and 'targets'")
    }
    self.inputs = try inputs.string()
    self.targets = try targets.string()
    choices = try record["choices"]?.strings()
    guard (row == nil) != (fields == nil) else {
      throw value.error(
        "a golden prompt has either 'row' or 'fields'",
        hint: "`row` is a row of the data; `fields` make a row up, as its file would have it.")
    }
  }

  /// - Throws: `.badData` that says what the example is instead.
  func check(_ example: Example) throws(GraftError) {
    try compare("inputs", inputs, example.inputs)
    try compare("targets", targets, example.targets)
    if let choices {
      let found = (example.candidates ?? []).map(\.targets)
      try compare("choices", choices.joined(separator: "; "), found.joined(separator: "; "))
    }
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

  func check(_ found: Int, split: String, of owner: String) throws(GraftError) {
    guard found != count else { return }
    throw GraftError(
      .badData, "split '\(split)' of \(owner) has \(found) examples instead of \(count)",
      hint: "`graft data verify` says which files are not as published.", location: location)
  }
}

extension TaskDefinition {
  /// What does not hold of the golden prompts whose rows are made up, so that they need no data.
  public func goldenProblems() -> [GraftError] {
    golden.compactMap { golden in
      guard let fields = golden.fields else { return nil }
      return problem { () throws(GraftError) in
        let settings = source.settings(of: golden.split)
        var row = fields
        try source.settleLabel(&row, settings, golden.location)
        try golden.check(
          golden.location.locating { () throws(GraftError) in
            try inRendering(golden).example(row, [:], settings.unlabelled != true, identifier: name)
          })
      }
    }
  }

  /// What does not hold of a split that was read whole: golden prompts and the number of examples.
  public func problems(in examples: [Example], split: String, data: DataRoot) -> [GraftError] {
    var problems: [GraftError] = []
    for golden in golden where golden.row != nil && (golden.split ?? splitNames[0]) == split {
      let found = problem { () throws(GraftError) in
        let task = try inRendering(golden)
        let examples = golden.rendering == nil ? examples : try task.examples(split: split, data: data)
        try golden.check(try golden.example(among: examples, named: "\(name)/\(split)"))
      }
      if let found { problems.append(found) }
    }
    if let count = counts[split] {
      let found = problem { () throws(GraftError) in
        try count.check(examples.count, split: split, of: "task '\(name)'")
      }
      if let found { problems.append(found) }
    }
    return problems
  }

  private func inRendering(_ golden: GoldenPrompt) throws(GraftError) -> TaskDefinition {
    guard let rendering = golden.rendering else { return self }
    return try golden.location.locating { () throws(GraftError) in try rendered(as: rendering) }
  }
}

extension SuiteDefinition {
  /// As of a task.
  public func goldenProblems(through task: TaskDefinition) -> [GraftError] {
    golden.compactMap { golden in
      guard let fields = golden.fields else { return nil }
      return problem { () throws(GraftError) in
        var row = fields
        try source.settleLabel(&row, source.settings(of: golden.split), golden.location)
        try golden.check(
          golden.location.locating { () throws(GraftError) in
            try example(row, [:], through: task, identifier: name)
          })
      }
    }
  }

  /// As of a task.
  public func problems(in examples: [Example], split: String) -> [GraftError] {
    var problems: [GraftError] = []
    for golden in golden where golden.row != nil && (golden.split ?? splitNames[0]) == split {
      let found = problem { () throws(GraftError) in
        try golden.check(try golden.example(among: examples, named: "\(name)/\(split)"))
      }
      if let found { problems.append(found) }
    }
    if let count = counts[split] {
      let found = problem { () throws(GraftError) in
        try count.check(examples.count, split: split, of: "suite '\(name)'")
      }
      if let found { problems.append(found) }
    }
    return problems
  }
}

extension GoldenPrompt {
  fileprivate func example(among examples: [Example], named prefix: String) throws(GraftError) -> Example {
    let identifier = "\(prefix)/\(row ?? 0)"
    guard let example = examples.first(where: { $0.identifier == identifier }) else {
      throw GraftError(.badData, "there is no example '\(identifier)'", location: location)
    }
    return example
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
