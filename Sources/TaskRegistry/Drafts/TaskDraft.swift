import Support

/// The definition of a task made from a table of examples: which column is the answer, which the text, and what is kept
/// for testing. What `graft new task` writes.
public struct TaskDraft: Sendable {
  /// What a person may decide; nil for what the table suggests.
  public struct Wishes: Sendable {
    public var name: String?
    /// The column of the answer.
    public var label: String?
    /// The columns that a model is shown.
    public var texts: [String]
    /// Of the rows, kept from training.
    public var testShare: Double

    /// All but what is given follows from the table.
    public init(name: String? = nil, label: String? = nil, texts: [String] = [], testShare: Double = 0.2) {
      (self.name, self.label, self.texts, self.testShare) = (name, label, texts, testShare)
    }
  }

  public let name: String
  /// The definition.
  public let yaml: String
  /// What was chosen and why, a line each.
  public let reasons: [String]

  /// Columns of this name are the answer, the first of these that there is.
  private static let labelNames = [
    "label", "labels", "class", "category", "target", "gold", "gold_label", "answer", "sentiment", "topic", "intent",
    "score", "rating", "y",
  ]
  /// Of a column whose name says nothing: a label has no more different values than this.
  private static let mostChoices = 50
  /// More numbers than this are an amount, not the names of classes.
  private static let mostNumberedClasses = 20
  /// More different values than this are no classes, whatever they are.
  private static let mostClasses = 1000

  /// Of a text that many rows share, fewer different ones than this would be too few to keep some of for testing.
  private static let fewestShared = 50

  /// What a model is to give.
  private enum Answer { case choice, number, text }

  /// - Parameters:
  ///   - path: the table; the definition belongs beside it.
  /// - Throws: as reading the table; `.usage` where it does not say what is the answer or the text, or a wish does not
  ///   fit it.
  public init(table path: String, _ wishes: Wishes = Wishes()) throws(GraftError) {
    guard wishes.testShare > 0, wishes.testShare < 1 else {
      throw GraftError(.usage, "the share of rows for testing must lie between 0 and 1")
    }
    let table = try LabelledTable(path)
    let file = Paths.name(of: path)
    name = try Self.taskName(wishes.name ?? file)
    let label = try Self.label(table, wishes, path)
    let texts = try Self.texts(table, label, wishes, path)
    let values = label.counts
    let counts = values.filter { !label.isMissing($0.value) }
    let missing = values.map(\.value).filter(label.isMissing)
    let unlabelled = label.values.count(where: label.isMissing)
    guard counts.count >= 2 else {
      throw GraftError(
        .usage, "column '\(label.name)' has \(counts.count) different values, which leave nothing to learn",
        hint: "`label:` names the column of the answer: \(Self.columns(table)).")
    }
    let answer = Self.answer(label, different: counts.count)
    let fields = Self.fieldNames(texts.map(\.name))
    let shared = Self.shared(texts)
    let dealtBy = shared.map { fields[$0] } ?? fields.joined(separator: ", ")
    var lines = [
      "task: \(name)", "version: 1", "source:", "  folder: .", "  format: \(table.format.rawValue)",
      "  fields: {\(zip(fields + ["label"], texts.map(\.name) + [label.name]).map { "\($0): \($1.yamlScalar)" }.joined(separator: ", "))}",
    ]
    let shown = answer == .choice ? counts.map { Self.choice(label.meaning(of: $0.value)) } : []
    if answer == .choice, shown != counts.map(\.value) {
      let pairs = zip(counts, shown).map { "\($0.value.yamlLiteral): \($1.yamlLiteral)" }
      lines.append("  labels: {\(pairs.joined(separator: ", "))}")
    }
    if !missing.isEmpty {
      lines.append("  drop: {label: [\(missing.map(\.yamlLiteral).joined(separator: ", "))]}")
    }
    lines += [
      "splits:", "  train: \(file.yamlScalar)",
      "  test: {heldOutOf: train, share: \(NumberText.shortest(wishes.testShare)), by: [\(dealtBy)]}",
      "inputs: \(Self.prompt(name, fields).yamlLiteral)", "targets: \"{label}\"",
    ]
    switch answer {
    case .choice:
      lines += [
        "choices: [\(shown.map(\.yamlLiteral).joined(separator: ", "))]", "metrics: [accuracy, macro-f1]",
      ]
    case .number: lines += ["output: number", "metrics: [pearson, spearman]"]
    case .text: lines += ["output: text", "metrics: [bleu, chrf]"]
    }
    yaml = lines.joined(separator: "\n") + "\n"
    let rows = label.values.count
    let kind =
      switch answer {
      case .choice: Self.summary(zip(shown, counts).map { ($0, $1.count) })
      case .number: "a number"
      case .text: "a text that the model learns to write"
      }
    reasons = [
      "answer: column '\(label.name)', \(kind)",
      "text: \(texts.map { "'\($0.name)'" }.joined(separator: " and "))",
      "\(rows - unlabelled) rows" + (unlabelled > 0 ? ", \(unlabelled) more without an answer are left out" : "")
        + "; \(NumberText.shortest(100 * wishes.testShare)) % of them, by "
        + (shared.map { "'\(texts[$0].name)', which many share (\(texts[$0].counts.count) different)" } ?? "their text")
        + ", are kept for the split test",
    ]
  }

  /// Which of several texts stands in several rows, such as a claim with all that was found about it: a model tested on
  /// one that it was trained on would be right without reading the other.
  private static func shared(_ texts: [LabelledTable.Column]) -> Int? {
    guard texts.count > 1 else { return nil }
    let different = texts.map(\.counts.count)
    let least = texts.indices.min { different[$0] < different[$1] } ?? 0
    let isShared = different[least] >= fewestShared && 2 * different[least] <= texts[least].values.count
    return isShared ? least : nil
  }

  /// Texts are what hardly any row shares with another and has more than a word, as translations do.
  private static func answer(_ label: LabelledTable.Column, different: Int) -> Answer {
    if label.isNumeric, label.classNames == nil, different > mostNumberedClasses { return .number }
    let isProse = label.meanWords >= 2 && 2 * different > label.values.count
    return isProse || different > mostClasses ? .text : .choice
  }

  /// An answer as a model is shown it: a brace would begin the name of a field.
  private static func choice(_ value: String) -> String {
    let trimmed = value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return String(trimmed.map { $0 == "{" ? "(" : $0 == "}" ? ")" : $0 })
  }

  private static func summary(_ counts: [(choice: String, count: Int)]) -> String {
    let shown = counts.prefix(5).map { "\($0.choice) (\($0.count))" }.joined(separator: ", ")
    return "\(counts.count) classes: \(shown)\(counts.count > 5 ? ", …" : "")"
  }

  /// The name of the task of a file, or one that was given: without endings, in lower-case letters, digits and dashes.
  /// - Throws: `.usage` for a name without letters and digits.
  public static func taskName(_ text: String) throws(GraftError) -> String {
    let stem = text.split(separator: ".", omittingEmptySubsequences: true).first.map(String.init) ?? ""
    let name = identifier(stem, "-")
    guard !name.isEmpty else {
      throw GraftError(
        .usage, "'\(text)' has no letters to name a task by", hint: "`name:` gives the task a name.")
    }
    return name
  }

  private static func identifier(_ text: String, _ joint: Character) -> String {
    let mapped = text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : joint }
    return String(mapped).split(separator: joint).joined(separator: String(joint))
  }

  private static func fieldNames(_ columns: [String]) -> [String] {
    var names: [String] = []
    for (index, column) in columns.enumerated() {
      let name = identifier(column, "_")
      let isFit = name.first?.isLetter == true && name != "label" && !names.contains(name)
      names.append(isFit ? name : "text\(index + 1)")
    }
    return names
  }

  private static func prompt(_ name: String, _ fields: [String]) -> String {
    ([name] + fields.map { "\($0): {\($0)}" }).joined(separator: " ")
  }

  private static func columns(_ table: LabelledTable) -> String {
    table.columns.map { "'\($0.name)' (\($0.counts.count) different)" }.joined(separator: ", ")
  }

  private static func column(
    _ name: String, of table: LabelledTable, _ path: String
  ) throws(GraftError) -> LabelledTable.Column {
    guard let column = table.columns.first(where: { $0.name == name }) else {
      throw .unknownName("column", name, known: table.columns.map(\.name), location: SourceLocation(file: path))
    }
    return column
  }

  private static func label(
    _ table: LabelledTable, _ wishes: Wishes, _ path: String
  ) throws(GraftError) -> LabelledTable.Column {
    if let name = wishes.label { return try column(name, of: table, path) }
    for name in labelNames {
      if let found = table.columns.first(where: { $0.name.lowercased() == name }) { return found }
    }
    let likely = table.columns.filter { column in
      let count = column.counts.count
      return count >= 2 && count <= min(mostChoices, column.values.count / 2) && column.meanWords <= 3
        && !wishes.texts.contains(column.name)
    }
    guard likely.count == 1 else {
      throw GraftError(
        .usage, "it is not clear which column of '\(path)' is the answer",
        hint: "`label:` names it, also where it is a text to be written: \(columns(table)).")
    }
    return likely[0]
  }

  private static func texts(
    _ table: LabelledTable, _ label: LabelledTable.Column, _ wishes: Wishes, _ path: String
  ) throws(GraftError) -> [LabelledTable.Column] {
    var chosen: [LabelledTable.Column] = []
    for name in wishes.texts { chosen.append(try column(name, of: table, path)) }
    guard !chosen.contains(where: { $0.name == label.name }) else {
      throw GraftError(.usage, "column '\(label.name)' is the answer, so it cannot be shown as text")
    }
    guard chosen.isEmpty else { return chosen }
    let others = table.columns.filter { $0.name != label.name && !$0.isCounter }
    // Besides texts there may be dates, names and further labels.
    let prose = others.filter { $0.meanWords >= 3 }
    let found = prose.isEmpty ? others.filter { !$0.isNumeric } : prose
    guard !found.isEmpty else {
      throw GraftError(
        .usage, "no column of '\(path)' looks like text", hint: "`text:` names those to show: \(columns(table)).")
    }
    return found
  }
}
