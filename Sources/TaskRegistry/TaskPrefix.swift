import Support

extension TaskDefinition {
  /// The words that tell a model which task it is on: what stands before the first field, without that field's name.
  /// `sst2 sentence: {sentence}` has `sst2`, `translate English to German: {english}` all of its words. Empty if a
  /// prompt begins with a field.
  public var prefix: String { inputs.prefix }

  /// The task with `words` in place of its prefix; none if they are empty. Examples, choices and metrics are the same;
  /// the hash of the definition is another.
  ///
  /// - Throws: `.usage` for words with braces, which templates give a meaning, and for a task without prefix.
  public func prefixed(by words: String) throws(GraftError) -> TaskDefinition {
    guard !prefix.isEmpty else {
      throw GraftError(
        .usage, "the prompts of task '\(name)' begin with a field and have no prefix to replace",
        hint: "`graft inspect task \(name)` shows them.")
    }
    guard !words.contains("{"), !words.contains("}") else {
      throw GraftError(.usage, "a prefix cannot hold braces: '\(words)'")
    }
    let rest = inputs.text.dropFirst(prefix.count).drop { $0 == " " }
    var task = self
    task.inputs = try TextTemplate(words.isEmpty ? String(rest) : "\(words) \(rest)")
    task.dataSet.hash = dataSet.hash.changed("inputs \(task.inputs.text.debugDescription)")
    return task
  }
}

extension TextTemplate {
  fileprivate var prefix: String {
    guard let field = fields.first, let brace = text.firstIndex(of: "{") else { return "" }
    var literal = text[..<brace]
    let name = "\(field): "
    if literal.hasSuffix(name) { literal = literal.dropLast(name.count) }
    return String(literal.drop { $0 == " " }.trimmingSuffix { $0 == " " })
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> Substring {
    var end = endIndex
    while end > startIndex, isDropped(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
