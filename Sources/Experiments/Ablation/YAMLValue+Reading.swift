import Support

extension YAMLValue {
  func nonEmptyList() throws(GraftError) -> [YAMLValue] {
    let values = try list()
    guard !values.isEmpty else { throw error("expected a list of one or more") }
    return values
  }

  /// A text that is one of `known`.
  func name(_ kind: String, _ known: [String]) throws(GraftError) -> String {
    let text = try string()
    return try location.locating { () throws(GraftError) in
      guard known.contains(text) else { throw .unknownName(kind, text, known: known) }
      return text
    }
  }
}

extension SourceLocation {
  /// Requires a name that can be a folder's and is not taken.
  func requireName(_ name: String, among taken: [String], kind: String) throws(GraftError) {
    func isFit(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        || scalar == "-" || scalar == "." || scalar == "_"
    }
    guard !name.isEmpty, name.unicodeScalars.allSatisfy(isFit), name.first != "." else {
      throw GraftError(
        .badData, "'\(name)' cannot name a \(kind)", hint: "use letters, digits, '-', '_' and '.'.", location: self)
    }
    guard !taken.contains(name) else {
      throw GraftError(
        .badData, "the \(kind) '\(name)' stands twice", hint: "give one of them another name.", location: self)
    }
  }
}
