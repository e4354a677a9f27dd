import Foundation
import Yams

/// A node of a YAML file together with its place, read strictly: a key nobody asked for is an error.
public struct YAMLValue: Sendable {
  private enum Content: Sendable {
    case scalar(text: String, plain: Bool)
    case sequence([YAMLValue])
    case mapping([(key: String, location: SourceLocation, value: YAMLValue)])
  }

  /// Where the value begins.
  public let location: SourceLocation
  private let content: Content

  /// - Throws: `.badData` with line and column if the text is not YAML; `.missingInput` without the file.
  public static func file(_ path: String) throws(GraftError) -> YAMLValue {
    let bytes = try FileContents.read(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw GraftError(
        .badData, "not valid UTF-8", hint: "save the file as UTF-8.", location: SourceLocation(file: path))
    }
    return try YAMLValue(parsing: text, file: path)
  }

  /// - Parameter file: what errors call the text's file.
  /// - Throws: `.badData` with line and column if the text is not YAML, or is nested or multiplied by aliases
  ///   beyond measure.
  public init(parsing text: String, file: String) throws(GraftError) {
    // A byte-order mark is no part of the text.
    let scalars = text.unicodeScalars
    let bare = scalars.first == "\u{FEFF}" ? String(scalars.dropFirst()) : text
    let covered = CanonicalCover.covered(bare)
    let node: Node?
    try YAMLBudget.checkKeys(text, file: file)
    do {
      node = try compose(yaml: covered ?? bare)
    } catch let error as YamlError {
      throw GraftError(yaml: error, file: file)
    } catch {
      throw GraftError(
        .badData, "not readable as YAML", location: SourceLocation(file: file), cause: error)
    }
    guard let node else {
      throw GraftError(.badData, "the file is empty", location: SourceLocation(file: file))
    }
    var budget = YAMLBudget(text)
    self = try YAMLValue(node, file: file, isCovered: covered != nil, &budget)
  }

  private init(
    _ node: Node, file: String, isCovered: Bool, _ budget: inout YAMLBudget
  ) throws(GraftError) {
    func text(_ scalar: Node.Scalar) -> String {
      isCovered ? CanonicalCover.uncovered(scalar.string) : scalar.string
    }
    location = SourceLocation(file: file, line: node.mark?.line, column: node.mark?.column)
    try budget.enter(location)
    defer { budget.leave() }
    switch node {
    case .scalar(let scalar):
      content = .scalar(text: text(scalar), plain: scalar.style == .plain || scalar.style == .any)
    case .sequence(let sequence):
      var values: [YAMLValue] = []
      for element in sequence {
        values.append(try YAMLValue(element, file: file, isCovered: isCovered, &budget))
      }
      content = .sequence(values)
    case .mapping(let mapping):
      var entries: [(key: String, location: SourceLocation, value: YAMLValue)] = []
      for (key, value) in mapping {
        let place = SourceLocation(file: file, line: key.mark?.line, column: key.mark?.column)
        guard case .scalar(let scalar) = key else {
          throw GraftError(.badData, "a key must be a plain word", location: place)
        }
        entries.append((text(scalar), place, try YAMLValue(value, file: file, isCovered: isCovered, &budget)))
      }
      content = .mapping(entries)
    case .alias:
      throw GraftError(.badData, "an alias that points nowhere", location: location)
    }
  }

  /// Whether the value is `null`, `~` or absent after its key.
  public var isNull: Bool {
    guard case .scalar(let text, let plain) = content, plain else { return false }
    return text.isEmpty || text == "~" || text.lowercased() == "null"
  }

  /// Whether it is a mapping, whatever its keys.
  public var isMapping: Bool { if case .mapping = content { true } else { false } }
  /// Whether it is a list.
  public var isSequence: Bool { if case .sequence = content { true } else { false } }

  /// An error at this value.
  public func error(_ message: String, hint: String? = nil) -> GraftError {
    GraftError(.badData, message, hint: hint, location: location)
  }

  /// The error for a name at this value that is none of `known`, with the closest one as a hint.
  public func unknown(_ kind: String, _ name: String, known: [String]) -> GraftError {
    return GraftError.unknownName(kind, name, known: known, location: location, code: .badData)
  }

  private func mismatch(_ expected: String) -> GraftError {
    let got =
      switch content {
      case .scalar(let text, _): text.isEmpty ? "nothing" : "'\(GraftError.shown(text, limit: GraftError.longestName))'"
      case .sequence: "a list"
      case .mapping: "a mapping"
      }
    return error("expected \(expected), got \(got)")
  }

  /// The text of a scalar, as written: `1` and `true` count as text too.
  public func string() throws(GraftError) -> String {
    guard case .scalar(let text, _) = content, !isNull else { throw mismatch("text") }
    return text
  }

  /// A whole number in decimal.
  /// - Throws: `.badData` with the place for anything else.
  public func integer() throws(GraftError) -> Int {
    guard case .scalar(let text, _) = content, let value = Int(text) else {
      throw mismatch("a whole number")
    }
    return value
  }

  /// A finite number.
  /// - Throws: `.badData` with the place for anything else.
  public func number() throws(GraftError) -> Double {
    guard case .scalar(let text, _) = content, let value = Double(text), value.isFinite else {
      throw mismatch("a number")
    }
    return value
  }

  /// `true` or `false` in any case, not in quotation marks.
  /// - Throws: `.badData` with the place for anything else.
  public func boolean() throws(GraftError) -> Bool {
    guard case .scalar(let text, let plain) = content, plain else { throw mismatch("true or false") }
    switch text.lowercased() {
    case "true": return true
    case "false": return false
    default: throw mismatch("true or false")
    }
  }

  /// The elements of a list.
  /// - Throws: `.badData` with the place if it is none.
  public func list() throws(GraftError) -> [YAMLValue] {
    guard case .sequence(let values) = content else { throw mismatch("a list") }
    return values
  }

  /// The elements of a list of texts.
  /// - Throws: `.badData` with the place if it is none.
  public func strings() throws(GraftError) -> [String] {
    var result: [String] = []
    for value in try list() { result.append(try value.string()) }
    return result
  }

  /// The entries of a mapping whose keys are free, in file order.
  public func entries() throws(GraftError) -> [(key: String, location: SourceLocation, value: YAMLValue)] {
    guard case .mapping(let entries) = content else { throw mismatch("a mapping") }
    return entries
  }

  /// The entries of a mapping to texts, whose keys are names; keys of data want `textMapping`.
  /// - Throws: `.badData` with the place if it is none.
  public func stringMapping() throws(GraftError) -> [String: String] {
    var result: [String: String] = [:]
    for entry in try entries() { result[entry.key] = try entry.value.string() }
    return result
  }

  /// The entries of a mapping whose keys are texts of data, such as labels, and the same only if their bytes are.
  public func textMapping() throws(GraftError) -> [ByteString: String] {
    var result: [ByteString: String] = [:]
    for entry in try entries() { result[ByteString(entry.key)] = try entry.value.string() }
    return result
  }

  /// The entries of a mapping whose keys are known beforehand.
  ///
  /// - Throws: `.badData` with line, column and the closest known key for any other.
  public func record(_ kind: String, keys: [String]) throws(GraftError) -> [String: YAMLValue] {
    var result: [String: YAMLValue] = [:]
    for entry in try entries() {
      guard keys.containsExactly(entry.key) else {
        throw GraftError.unknownName(
          "key of \(kind)", entry.key, known: keys, location: entry.location, code: .badData)
      }
      result[entry.key] = entry.value
    }
    return result
  }
}

extension YAMLValue: CustomStringConvertible {
  /// The value in one line with sorted keys, whatever way it was written: equal values, equal texts.
  public var description: String {
    switch content {
    case .scalar(let text, _): text.debugDescription
    case .sequence(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    case .mapping(let entries):
      "{"
        + entries.sorted { ByteString($0.key) < ByteString($1.key) }.map { "\($0.key): \($0.value)" }.joined(
          separator: ", ") + "}"
    }
  }
}

extension GraftError {
  /// A YAML syntax error in this project's form.
  fileprivate init(yaml error: YamlError, file: String) {
    func located(_ message: String, _ mark: Mark?) -> GraftError {
      GraftError(
        .badData, CanonicalCover.uncovered(message),
        location: SourceLocation(file: file, line: mark?.line, column: mark?.column))
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self = located("not readable as YAML: \(problem)", mark)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
      self = located("key \(names) stands twice in one mapping", context.mark)
    default:
      self = located("not readable as YAML: \(error)", nil)
    }
  }
}
