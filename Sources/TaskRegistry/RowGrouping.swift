import Support

/// Which examples belong to one set: those for which a template over the fields comes out the same, those that stand
/// in the same block of rows, or both.
struct SetSpecification: Sendable, Hashable {
  var by: TextTemplate?
  /// How many rows of a part follow one another in a set.
  var rows: Int?

  /// A template, or a mapping with `by` and `rows`.
  init(_ value: YAMLValue) throws(GraftError) {
    guard value.isMapping else {
      by = try TextTemplate(value.string(), location: value.location)
      try check(value)
      return
    }
    let record = try value.record("'set'", keys: ["by", "rows"])
    if let text = record["by"] { by = try TextTemplate(text.string(), location: text.location) }
    if let count = record["rows"] {
      let number = try count.integer()
      guard number >= 1 else { throw count.error("a set has 1 row or more") }
      rows = number
    }
    try check(value)
  }

  private func check(_ value: YAMLValue) throws(GraftError) {
    guard by?.fields.isEmpty != false, rows == nil else { return }
    throw value.error(
      "the set is the same for every row",
      hint: "write set: \"{field}\", or set: {rows: 2} for pairs of rows.")
  }

  /// For the former hash of a definition.
  var description: String { "by \(by?.text.debugDescription ?? "") rows \(rows ?? 0)" }

  /// - Parameter index: the row's place in its part, from 0.
  func name(_ fields: [String: String], index: Int) throws(GraftError) -> String {
    var parts: [String] = []
    if let by { parts.append(try by.rendered(fields)) }
    if let rows { parts.append("\(index / rows + 1)") }
    return parts.joined(separator: "/")
  }
}

/// What a row's groups and set are made of; some of it is known only once its fields are preprocessed.
struct RowGrouping: Sendable {
  /// Values that stand in columns.
  var values: [String: String] = [:]
  var templates: [String: TextTemplate] = [:]
  var set: SetSpecification?
  /// The row's place in its part, from 0.
  var index = 0

  /// - Parameter fields: after preprocessing.
  func resolved(
    _ fields: [String: String]
  ) throws(GraftError) -> (groups: [String: String], set: String?) {
    var groups = values
    for (name, template) in templates { groups[name] = try template.rendered(fields) }
    return (groups, try set?.name(fields, index: index))
  }
}
