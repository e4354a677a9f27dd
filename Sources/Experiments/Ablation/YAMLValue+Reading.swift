import Support

extension YAMLValue {
  func nonEmptyList() throws(GraftError) -> [YAMLValue] {
    let values = try list()
    guard !values.isEmpty else { throw error("expected a list of one or more") }
    return values
  }

  func positive() throws(GraftError) -> Double {
    let value = try number()
    guard value > 0 else { throw error("expected a positive number, got \(value)") }
    return value
  }

  func positiveInteger() throws(GraftError) -> Int {
    let value = try integer()
    guard value > 0 else { throw error("expected a positive number, got \(value)") }
    return value
  }

  /// One of the names of an enumeration.
  func choice<Value: RawRepresentable<String> & CaseIterable>(_ kind: String) throws(GraftError) -> Value {
    let text = try name(kind, Value.allCases.map(\.rawValue))
    guard let value = Value(rawValue: text) else { throw error("unknown \(kind) '\(text)'") }
    return value
  }

  /// A text that is one of `known`.
  func name(_ kind: String, _ known: [String]) throws(GraftError) -> String {
    let text = try string()
    return try location.locating { () throws(GraftError) in
      guard known.contains(text) else { throw .unknownName(kind, text, known: known) }
      return text
    }
  }

  /// Requires a name that can be a folder's and is not taken.
  func requireName(_ name: String, among taken: [String], kind: String) throws(GraftError) {
    func isFit(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        || scalar == "-" || scalar == "." || scalar == "_"
    }
    guard !name.isEmpty, name.unicodeScalars.allSatisfy(isFit), name.first != "." else {
      throw error("'\(name)' cannot name a \(kind)", hint: "use letters, digits, '-', '_' and '.'.")
    }
    guard !taken.contains(name) else {
      throw error("the \(kind) '\(name)' stands twice", hint: "give one of them another 'name'.")
    }
  }
}
