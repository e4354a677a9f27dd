import Records
import Support

/// The JSON object of a request's body.
struct RequestObject {
  private let members: [(key: String, value: JSONValue)]
  private let limits: ServingLimits

  /// - Throws: `.badData` for what is no JSON object.
  init(_ body: [UInt8], limits: ServingLimits) throws(GraftError) {
    self.limits = limits
    var value: JSONValue?
    var failure: JSONSyntaxError?
    body.withUnsafeBytes { bytes in
      do throws(JSONSyntaxError) { value = try JSONValue(parsing: bytes) } catch { failure = error }
    }
    if let failure {
      throw GraftError(.badData, "the body is not JSON: \(failure.message) (byte \(failure.offset + 1))")
    }
    guard let value, case .object(let members) = value.kind else {
      throw GraftError(.badData, "the body is not a JSON object", hint: "send {\"run\": …}.")
    }
    self.members = members
  }

  /// - Throws: `.usage` for a key that is none of `known`.
  func requireKeys(_ known: [String]) throws(GraftError) {
    for (key, _) in members where !known.contains(key) { throw .unknownName("key", key, known: known) }
  }

  /// Nil where the key is absent or null.
  subscript(key: String) -> JSONValue? {
    guard let value = members.first(where: { $0.key == key })?.value else { return nil }
    if case .null = value.kind { return nil }
    return value
  }

  private func mismatch(_ key: String, _ wanted: String, _ found: JSONValue) -> GraftError {
    GraftError(.badData, "'\(key)' is \(found.kind.name), not \(wanted)")
  }

  func text(_ key: String) throws(GraftError) -> String? {
    guard let value = self[key] else { return nil }
    guard case .string(let text) = value.kind else { throw mismatch(key, "a string", value) }
    return try bounded(text, key)
  }

  private func bounded(_ text: String, _ key: String) throws(GraftError) -> String {
    guard text.utf8.count <= limits.textBytes else {
      throw GraftError(
        .usage, "'\(key)' has \(text.utf8.count) bytes; \(limits.textBytes) are read", hint: "send a shorter text.")
    }
    return text
  }

  func boolean(_ key: String) throws(GraftError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard case .boolean(let flag) = value.kind else { throw mismatch(key, "true or false", value) }
    return flag
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws(GraftError) -> Double? {
    guard let value = self[key] else { return nil }
    guard case .number(let number) = value.kind else { throw mismatch(key, "a number", value) }
    guard range.contains(number) else {
      throw GraftError(.usage, "'\(key)' is \(number)", hint: "give \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws(GraftError) -> Int? {
    guard let number = try number(key, in: -Double.infinity...Double.infinity) else { return nil }
    guard let integer = Int(exactly: number), range.contains(integer) else {
      throw GraftError(
        .usage, "'\(key)' is \(NumberText.shortest(number))",
        hint: "give a whole number, \(range.lowerBound) to \(range.upperBound).")
    }
    return integer
  }

  /// An object of texts.
  func texts(_ key: String) throws(GraftError) -> [String: String]? {
    guard let value = self[key] else { return nil }
    guard case .object(let members) = value.kind else { throw mismatch(key, "an object of strings", value) }
    var texts: [String: String] = [:]
    for (name, value) in members {
      guard case .string(let text) = value.kind else { throw mismatch("\(key).\(name)", "a string", value) }
      texts[name] = try bounded(text, "\(key).\(name)")
    }
    return texts
  }

  /// A string or an array of strings.
  func strings(_ key: String) throws(GraftError) -> [String] {
    guard let value = self[key] else { return [] }
    switch value.kind {
    case .string(let text): return [try bounded(text, key)]
    case .array(let elements):
      return try elements.map { (element) throws(GraftError) in
        guard case .string(let text) = element.kind else { throw mismatch(key, "an array of strings", value) }
        return try bounded(text, key)
      }
    default: throw mismatch(key, "a string or an array of strings", value)
    }
  }

  /// An array of token ids; empty where the key is absent.
  func tokens(_ key: String, below size: Int) throws(GraftError) -> [TokenID] {
    try self[key].map { (value) throws(GraftError) in try tokens(value, key, below: size) } ?? []
  }

  func tokens(_ value: JSONValue, _ key: String, below size: Int) throws(GraftError) -> [TokenID] {
    guard case .array(let elements) = value.kind else { throw mismatch(key, "an array of token ids", value) }
    return try elements.map { (element) throws(GraftError) in
      guard case .number(let number) = element.kind, let id = Int(exactly: number), (0..<size).contains(id) else {
        throw GraftError(
          .badData, "'\(key)' has an element that is no token of the model", hint: "ids are 0 to \(size - 1).")
      }
      return TokenID(id)
    }
  }
}
