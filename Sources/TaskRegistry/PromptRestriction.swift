import Randomness
import Records
import Support

/// A prompt from which something is taken away, so that what a model can do without it shows: with one field only
/// (hypothesis-only baselines; Gururangan et al. 2018, Poliak et al. 2018), or with the words of each field in random
/// order.
public enum PromptRestriction: Sendable, Hashable, Codable, CustomStringConvertible {
  /// All fields of the prompt but these are empty.
  case only([String])
  /// The words of each field are in an order that depends on the example's identifier alone.
  case shuffledWords

  /// As results are stamped: `only hypothesis`, `shuffled words`.
  public var description: String {
    switch self {
    case .only(let fields): "only \(fields.joined(separator: " "))"
    case .shuffledWords: "shuffled words"
    }
  }

  /// What follows the name of a system that sees no more: `hypothesis`, `shuffled-words`.
  public var suffix: String {
    switch self {
    case .only(let fields): fields.joined(separator: "+")
    case .shuffledWords: "shuffled-words"
    }
  }

  /// - Parameters:
  ///   - prompted: the fields of the prompt.
  ///   - identifier: of the example; the order of its words depends on nothing else.
  func applied(
    to fields: [String: String], prompted: [String], label: String, identifier: String
  ) -> [String: String] {
    var result = fields
    for name in prompted where name != label {
      switch self {
      case .only(let kept):
        if !kept.contains(name) { result[name] = "" }
      case .shuffledWords:
        let key = RandomKey(seed: 0).folded("shuffled-words").folded(identifier).folded(name)
        var generator = key.generator()
        var words = (fields[name] ?? "").split(whereSeparator: \.isWhitespace)
        generator.shuffle(&words)
        result[name] = words.joined(separator: " ")
      }
    }
    return result
  }
}

extension TaskDefinition {
  /// The task with prompts from which something is missing. Answers and metrics are the same; the hash of the
  /// definition is another.
  ///
  /// - Throws: `.usage` for a field that the prompt does not have, or if nothing would be missing.
  public func restricted(to partial: PromptRestriction) throws(GraftError) -> TaskDefinition {
    let prompted = inputs.fields.filter { $0 != labelField }
    if case .only(let fields) = partial {
      for field in fields where !prompted.contains(field) {
        throw .unknownName("field in the prompt of task '\(name)'", field, known: prompted)
      }
      guard prompted.contains(where: { !fields.contains($0) }) else {
        throw GraftError(
          .usage, "the prompt of task '\(name)' has no field but \(fields.joined(separator: ", "))",
          hint: "a partial input leaves something out.")
      }
    }
    guard output != .preference else {
      throw GraftError(.usage, "task '\(name)' compares two texts and has no prompt to take from")
    }
    var task = self
    task.partialInput = partial
    task.dataSet.hash = dataSet.hash.changed("partial input \(partial)")
    return task
  }

  /// What the prompt of an example says without the prompt's words: the text of its one field, or of several the first
  /// and all others, with a space between these. A hypothesis stands behind its premise, as in every published model,
  /// whatever the prompt's order.
  public func texts(of example: Example) -> [String] {
    let fields =
      partialInput?.applied(
        to: example.fields, prompted: inputs.fields, label: labelField, identifier: example.identifier)
      ?? example.fields
    let (premises, hypotheses) = (textFields.filter { $0 != "hypothesis" }, textFields.filter { $0 == "hypothesis" })
    let values = (premises + hypotheses).compactMap { fields[$0] }
    guard let first = values.first else { return [example.inputs] }
    guard values.count > 1 else { return [first] }
    return [first, values.dropFirst().filter { !$0.isEmpty }.joined(separator: " ")]
  }

  /// What the model reads of a row.
  func prompt(_ fields: [String: String], identifier: String) throws(GraftError) -> String {
    guard let partialInput else { return try inputs.rendered(fields) }
    return try inputs.rendered(
      partialInput.applied(
        to: fields, prompted: inputs.fields, label: labelField, identifier: identifier))
  }
}
