import Records
import Support

/// A JSON object whose keys are all known, read field by field; errors name the key.
struct JSONFields {
  /// What messages call the object.
  let name: String
  let offset: Int
  private let members: [(key: String, value: JSONValue)]

  /// - Parameter known: the keys there may be; nil if that is for others to say.
  init(_ value: JSONValue, _ name: String, known: [String]?) throws(JSONSyntaxError) {
    guard case .object(let members) = value.kind else {
      throw JSONSyntaxError("\(name) is \(value.kind.name), not an object", at: value.offset)
    }
    if let known, let member = members.first(where: { !known.contains($0.key) }) {
      let close = closestName(to: member.key, in: known).map { " (did you mean '\($0)'?)" } ?? ""
      throw JSONSyntaxError("\(name) has the unknown key '\(member.key)'\(close)", at: member.value.offset)
    }
    self.name = name
    self.offset = value.offset
    self.members = members
  }

  private func optional(_ key: String) -> JSONValue? {
    guard let value = members.first(where: { $0.key == key })?.value else { return nil }
    if case .null = value.kind { return nil }
    return value
  }

  private func required(_ key: String) throws(JSONSyntaxError) -> JSONValue {
    guard let value = optional(key) else { throw JSONSyntaxError("\(name) lacks '\(key)'", at: offset) }
    return value
  }

  private func mismatch(_ key: String, _ value: JSONValue, _ wanted: String) -> JSONSyntaxError {
    JSONSyntaxError("'\(key)' is \(value.kind.name), not \(wanted)", at: value.offset)
  }

  /// True if the key is there and not null.
  func isPresent(_ key: String) -> Bool { optional(key) != nil }

  func requireAbsentOrNull(_ key: String) throws(JSONSyntaxError) {
    guard let value = optional(key) else { return }
    throw mismatch(key, value, "null")
  }

  /// The key must have this value; `default` is what its absence means.
  func require(_ key: String, _ wanted: Bool, default absent: Bool) throws(JSONSyntaxError) {
    let value = optional(key)
    guard let value else {
      guard absent == wanted else { throw JSONSyntaxError("\(name) lacks '\(key)': \(wanted)", at: offset) }
      return
    }
    guard case .boolean(let found) = value.kind else { throw mismatch(key, value, "a boolean") }
    guard found == wanted else {
      throw JSONSyntaxError("'\(key)' of \(name) is \(found), Graft needs \(wanted)", at: value.offset)
    }
  }

  /// The value of a key that must be there and not null.
  func value(_ key: String) throws(JSONSyntaxError) -> JSONValue { try required(key) }

  func boolean(_ key: String, default absent: Bool) throws(JSONSyntaxError) -> Bool {
    guard let value = optional(key) else { return absent }
    guard case .boolean(let found) = value.kind else { throw mismatch(key, value, "a boolean") }
    return found
  }

  /// The member `type` of the object at a key.
  func type(_ key: String) throws(JSONSyntaxError) -> (value: String, offset: Int) {
    try JSONFields(try required(key), "'\(key)'", known: nil).string("type")
  }

  func string(_ key: String) throws(JSONSyntaxError) -> (value: String, offset: Int) {
    let value = try required(key)
    guard case .string(let text) = value.kind else { throw mismatch(key, value, "a string") }
    return (text, value.offset)
  }

  func array(_ key: String) throws(JSONSyntaxError) -> (value: [JSONValue], offset: Int) {
    let value = try required(key)
    guard case .array(let elements) = value.kind else { throw mismatch(key, value, "an array") }
    return (elements, value.offset)
  }

  func object(_ key: String, known: [String]) throws(JSONSyntaxError) -> JSONFields {
    try JSONFields(try required(key), "'\(key)'", known: known)
  }

  /// An object whose keys are data.
  func members(
    _ key: String
  ) throws(JSONSyntaxError) -> (value: [(key: String, value: JSONValue)], offset: Int) {
    let value = try required(key)
    guard case .object(let members) = value.kind else { throw mismatch(key, value, "an object") }
    return (members, value.offset)
  }

  func identifier(_ key: String) throws(JSONSyntaxError) -> (value: TokenID, offset: Int) {
    let value = try required(key)
    return (try Self.identifier(value, "'\(key)'"), value.offset)
  }

  static func identifier(
    _ value: JSONValue, _ name: @autoclosure () -> String
  ) throws(JSONSyntaxError) -> TokenID {
    guard case .number(let number) = value.kind, let id = TokenID(exactly: number), id >= 0 else {
      throw JSONSyntaxError("\(name()) is not a whole number from 0", at: value.offset)
    }
    return id
  }
}
