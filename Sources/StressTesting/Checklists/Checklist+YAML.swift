import Support
import TaskRegistry

extension Checklist {
  /// - Throws: `.badData` with file, line and column; `.missingInput` without the file.
  public init(path: String) throws(GraftError) { try self.init(YAMLValue.file(path), path: path) }

  init(_ root: YAMLValue, path: String) throws(GraftError) {
    let record = try root.record(
      "a checklist", keys: ["checklist", "version", "for", "description", "lexicon", "tests"])
    func required(_ key: String) throws(GraftError) -> YAMLValue {
      guard let value = record[key] else {
        throw root.error("the checklist lacks the key '\(key)'", hint: "Docs/STRESS-TESTS.md lists all keys.")
      }
      return value
    }
    let nameValue = try required("checklist")
    let name = try nameValue.string()
    guard Self.isName(name) else {
      throw nameValue.error(
        "'\(name)' cannot name a checklist", hint: "use lower-case letters, digits and '-'.")
    }
    let versionValue = try required("version")
    let version = try versionValue.integer()
    guard version >= 1 else { throw versionValue.error("a version is 1 or more") }
    let kindValue = try required("for")
    let kindName = try kindValue.string()
    guard let kind = TaskShape.Kind(rawValue: kindName) else {
      throw kindValue.unknown("kind of task", kindName, known: TaskShape.Kind.allCases.map(\.rawValue))
    }
    let lexicon = try Lexicon(record["lexicon"])
    var tests: [ChecklistTest] = []
    for value in try required("tests").list() {
      let test = try ChecklistTest(value, kind: kind, lexicon: lexicon)
      guard !tests.contains(where: { $0.name == test.name }) else {
        throw value.error("the name '\(test.name)' is taken by another test", hint: "rename one of them.")
      }
      tests.append(test)
    }
    guard !tests.isEmpty else { throw try required("tests").error("the checklist has no tests") }
    self.init(
      name: name, version: version, kind: kind, description: try record["description"]?.string() ?? "",
      tests: tests,
      lexicon: lexicon, path: path)
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-")
      && text.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: "-")
      }
  }
}

extension ChecklistTest {
  private static let sharedKeys = ["name", "capability", "type", "cases"]
  private static let largestCaseCount = 100_000

  init(_ value: YAMLValue, kind taskKind: TaskShape.Kind, lexicon: Lexicon) throws(GraftError) {
    let all = [
      "templates", "variants", "change", "vary", "rows", "expect", "tolerance", "if", "then",
    ]
    let record = try value.record("a test", keys: Self.sharedKeys + all)
    func required(_ key: String) throws(GraftError) -> YAMLValue {
      guard let found = record[key] else {
        throw value.error(
          "the test lacks the key '\(key)'", hint: "Docs/STRESS-TESTS.md lists the keys of each type.")
      }
      return found
    }
    let typeValue = try required("type")
    let typeName = try typeValue.string()
    guard let kind = Kind(rawValue: typeName) else {
      throw typeValue.unknown("type of test", typeName, known: Kind.allCases.map(\.rawValue))
    }
    guard taskKind != .question || [.minimumFunctionality, .consistency].contains(kind) else {
      throw typeValue.error(
        "a test of questions is one of minimum-functionality or consistency",
        hint: "what must not change is a consistency: if one is answered so, then the other, too.")
    }
    let own: [String]
    switch kind {
    case .minimumFunctionality: own = ["templates", "expect"]
    case .invariance: own = ["templates", "variants", "change", "vary", "tolerance"]
    case .directional: own = ["templates", "variants", "expect", "tolerance"]
    case .consistency: own = ["rows", "if", "then"]
    }
    _ = try value.record("a test of \(typeName)", keys: Self.sharedKeys + own)

    func texts(_ value: YAMLValue, after rows: [String] = []) throws(GraftError) -> Texts {
      try Self.texts(value, roles: taskKind.roles, lexicon: lexicon, rows: rows)
    }
    func list(_ key: String) throws(GraftError) -> [Texts] {
      var result: [Texts] = []
      for element in try record[key]?.list() ?? [] { result.append(try texts(element)) }
      return result
    }
    func labels(_ value: YAMLValue, after rows: [String] = []) throws(GraftError) -> Labels {
      try Self.labels(value, taskKind, lexicon: lexicon, rows: rows)
    }
    func rule(_ key: String, _ rows: [Row]) throws(GraftError)
      -> [(row: String, labels: Labels)]
    {
      let found = try required(key)
      var result: [(row: String, labels: Labels)] = []
      for entry in try found.entries() {
        guard let index = rows.firstIndex(where: { $0.name == entry.key }) else {
          throw GraftError.unknownName(
            "row", entry.key, known: rows.map(\.name), location: entry.location, code: .badData)
        }
        result.append((entry.key, try labels(entry.value, after: rows[..<index].map(\.name))))
      }
      guard !result.isEmpty else { throw found.error("'\(key)' names no row") }
      return result
    }

    name = try required("name").string()
    capability = try required("capability").string()
    self.kind = kind
    location = value.location
    if let count = record["cases"] {
      caseCount = try count.integer()
      guard (1...Self.largestCaseCount).contains(caseCount) else {
        throw count.error("'cases' is from 1 to \(Self.largestCaseCount)")
      }
    } else {
      caseCount = 200
    }
    var tolerance = Probabilities.tolerance
    if let found = record["tolerance"] {
      tolerance = try found.number()
      guard (0...1).contains(tolerance) else { throw found.error("a tolerance is from 0 to 1") }
    }
    variants = try list("variants")
    var changes: [String] = []
    for element in try record["change"]?.list() ?? [] {
      changes.append(try Self.change(element, taskKind))
    }
    self.changes = changes
    var rows: [Row] = []
    if kind == .consistency {
      templates = []
      for entry in try required("rows").entries() {
        let names = taskKind == .question ? rows.map(\.name) : []
        let texts = try texts(entry.value, after: names)
        let isFollowUp = texts.values.contains { $0.fields.contains { AnswerSlot($0, rows: names) != nil } }
        guard isFollowUp || rows.last?.isFollowUp != true else {
          throw entry.value.error(
            "the row '\(entry.key)' asks about no answer, and comes after one that does",
            hint: "put the rows that ask about answers last.")
        }
        rows.append(Row(name: entry.key, texts: texts, isFollowUp: isFollowUp))
      }
      guard rows.count >= 2 else {
        throw try required("rows").error("a test of consistency has two rows or more")
      }
    } else {
      templates = try list("templates")
      guard !templates.isEmpty else { throw try required("templates").error("the test has no templates") }
    }
    self.rows = rows
    var vary: [Lexicon.Slot] = []
    let used = try Self.slots(of: templates, lexicon, at: value.location)
    for element in try record["vary"]?.list() ?? [] {
      let name = try element.string()
      guard let slot = used.first(where: { $0.entry == name }) else {
        throw element.unknown("slot of the templates", name, known: Set(used.map(\.entry)).sorted())
      }
      vary.append(slot)
    }
    self.vary = vary

    switch kind {
    case .minimumFunctionality: expectation = .label(try labels(required("expect")))
    case .invariance:
      guard !variants.isEmpty || !changes.isEmpty || !vary.isEmpty else {
        throw value.error(
          "a test of invariance says what changes", hint: "with 'variants', 'change' or 'vary'.")
      }
      expectation = .invariance(tolerance: tolerance)
    case .directional:
      guard !variants.isEmpty else { throw value.error("a directional test needs 'variants'") }
      let expect = try required("expect")
      let record = try expect.record("'expect'", keys: ["probability", "must-not"])
      guard let probability = record["probability"], let movement = record["must-not"] else {
        throw expect.error("a directional test expects 'probability' and 'must-not'")
      }
      let word = try movement.string()
      guard let movement = Movement(rawValue: word) else {
        throw movement.unknown("movement", word, known: Movement.allCases.map(\.rawValue))
      }
      expectation = .mustNot(movement, of: try labels(probability), tolerance: tolerance)
    case .consistency:
      expectation = .consistency(if: try rule("if", rows), then: try rule("then", rows))
    }
  }

  /// The slots of templates, in order of appearance.
  static func slots(
    of templates: [Texts], _ lexicon: Lexicon, rows: [String] = [], at location: SourceLocation
  ) throws(GraftError) -> [Lexicon.Slot] {
    var slots: [Lexicon.Slot] = []
    for texts in templates {
      for role in TextRole.allCases {
        for field in texts[role]?.fields ?? [] where AnswerSlot(field, rows: rows) == nil {
          slots.append(try lexicon.slot(field, at: location))
        }
      }
    }
    return slots
  }

  private static func texts(
    _ value: YAMLValue, roles: [TextRole], lexicon: Lexicon, rows: [String]
  ) throws(GraftError) -> Texts {
    func template(_ value: YAMLValue) throws(GraftError) -> TextTemplate {
      let template = try TextTemplate(value.string(), location: value.location)
      for field in template.fields where AnswerSlot(field, rows: rows) == nil {
        _ = try lexicon.slot(field, at: value.location)
      }
      return template
    }
    guard value.isMapping else {
      guard roles.count == 1 else {
        throw value.error("a template has the texts \(roles.map(\.rawValue).joined(separator: " and "))")
      }
      return [roles[0]: try template(value)]
    }
    let record = try value.record("a template", keys: roles.map(\.rawValue))
    var texts: Texts = [:]
    for role in roles {
      guard let text = record[role.rawValue] else {
        throw value.error("the template lacks '\(role.rawValue)'")
      }
      texts[role] = try template(text)
    }
    return texts
  }

  /// - Parameter rows: those whose answers may be spoken of.
  private static func labels(
    _ value: YAMLValue, _ kind: TaskShape.Kind, lexicon: Lexicon, rows: [String]
  ) throws(GraftError) -> Labels {
    let names = value.isSequence ? try value.strings() : [try value.string()]
    guard !names.isEmpty else { throw value.error("there is no label here") }
    if kind == .inference {
      let known = InferenceLabels.Relation.allCases.map(\.rawValue)
      for name in names where !known.contains(name) { throw value.unknown("label", name, known: known) }
    }
    var patterns: [AnswerPattern] = []
    for name in kind == .question ? names : [] {
      let pattern = try AnswerPattern(name, location: value.location)
      if case .words(let template) = pattern {
        for field in template.fields where AnswerSlot(field, rows: rows) == nil {
          _ = try lexicon.slot(field, at: value.location)
        }
      }
      patterns.append(pattern)
    }
    return Labels(names: names, location: value.location, patterns: patterns)
  }

  private static func change(_ value: YAMLValue, _ kind: TaskShape.Kind) throws(GraftError) -> String {
    let name = try value.string()
    let fitting = StressSetMaker.transforms(fitting: kind)
    let transform = try value.location.locating { () throws(GraftError) in try StressTransforms.registry(name) }
    guard fitting.contains(name), !transform.needsWordNet else {
      throw value.error("the transform '\(name)' cannot be used in a checklist for \(kind.rawValue)")
    }
    return name
  }
}
