import Support

/// Reads a family's sizes key by key. It refuses keys that nobody asked for, and remembers all values with the
/// defaults: what config.json says of the model.
///
/// Worked example: of `{"width": 256}`, reading `width` and then `tied` with the default `true` leaves the values
/// `{"tied": true, "width": 256}`; of `{"widht": 256}` it is an error.
public struct SizeReader {
  private let given: [String: SizeValue]
  private let family: String
  private let source: String?
  private var known: Set<String> = []
  /// What was read so far, as it is written.
  public private(set) var values: [String: SizeValue] = [:]

  /// - Parameter source: the file, for errors.
  public init(_ sizes: [String: SizeValue], of family: String, source: String? = nil) {
    (given, self.family, self.source) = (sizes, family, source)
  }

  /// The error of sizes that do not go together.
  public func failure(_ message: String, hint: String? = nil) -> GraftError {
    GraftError(.badData, message, hint: hint, location: source.map { SourceLocation(file: $0) })
  }

  private mutating func value(_ key: String) -> SizeValue? {
    known.insert(key)
    values[key] = given[key]
    return given[key]
  }

  private func missing(_ key: String) -> GraftError {
    failure("'\(key)' is missing", hint: "a model of the family '\(family)' needs it.")
  }

  /// A whole number within bounds.
  /// - Throws: `.badData` if it is missing without a default, out of bounds or none; likewise the others.
  public mutating func integer(
    _ key: String, in bounds: ClosedRange<Int>, default absent: Int? = nil
  ) throws(GraftError) -> Int {
    if value(key) == nil, let absent { values[key] = .number(Double(absent)) }
    guard let integer = try integer(ifPresent: key, in: bounds) else { throw missing(key) }
    return integer
  }

  /// The same of a key that is not written where it is absent; nil then.
  public mutating func integer(
    ifPresent key: String, in bounds: ClosedRange<Int>
  ) throws(GraftError) -> Int? {
    known.insert(key)
    guard let value = values[key] ?? value(key) else { return nil }
    guard case .number(let number) = value, let integer = Int(exactly: number), bounds.contains(integer) else {
      throw failure("'\(key)' is \(value), expected \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    return integer
  }

  /// A number more than 0.
  /// - Parameter most: it may be at most.
  public mutating func positive(_ key: String, most: Double = .greatestFiniteMagnitude) throws(GraftError) -> Double {
    guard let number = try positive(ifPresent: key, most: most) else { throw missing(key) }
    return number
  }

  /// The same of a key that is not written where it is absent; nil then.
  public mutating func positive(
    ifPresent key: String, most: Double = .greatestFiniteMagnitude
  ) throws(GraftError) -> Double? {
    guard let value = value(key) else { return nil }
    guard case .number(let number) = value, number > 0, number <= most else {
      let bounds = most < .greatestFiniteMagnitude ? "more than 0, at most \(most)" : "a positive, finite number"
      throw failure("'\(key)' is \(value), expected \(bounds)")
    }
    return number
  }

  /// True or false.
  public mutating func boolean(_ key: String, default absent: Bool) throws(GraftError) -> Bool {
    let flag = try boolean(ifPresent: key)
    values[key] = .boolean(flag ?? absent)
    return flag ?? absent
  }

  /// The same of a key that is not written where it is absent; nil then.
  public mutating func boolean(ifPresent key: String) throws(GraftError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .boolean(let flag) = value else {
      throw failure("'\(key)' is \(value), expected true or false")
    }
    return flag
  }

  /// One of some words.
  public mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, of type: Choice.Type = Choice.self
  ) throws(GraftError) -> Choice where Choice.RawValue == String {
    guard let choice = try choice(ifPresent: key, of: type) else { throw missing(key) }
    return choice
  }

  /// The same of a key that is not written where it is absent; nil then.
  public mutating func choice<Choice: RawRepresentable & CaseIterable>(
    ifPresent key: String, of type: Choice.Type = Choice.self
  ) throws(GraftError) -> Choice? where Choice.RawValue == String {
    guard let value = value(key) else { return nil }
    guard case .text(let word) = value, let choice = Choice(rawValue: word) else {
      let words = Choice.allCases.map(\.rawValue)
      if case .text(let word) = value {
        throw .unknownName(
          "'\(key)'", word, known: words, location: source.map { SourceLocation(file: $0) }, code: .badData)
      }
      throw failure("'\(key)' is \(value), expected one of \(words.joined(separator: ", "))")
    }
    return choice
  }

  /// A key that has one value in every member, and is written because earlier versions of Graft read it.
  public mutating func constant(_ key: String, _ wanted: SizeValue) throws(GraftError) {
    let found = value(key) ?? wanted
    guard found == wanted else {
      throw failure("'\(key)' is \(found), which a model of the family '\(family)' cannot have")
    }
    values[key] = wanted
  }

  /// - Throws: `.badData` naming a key that was not read, and the closest one.
  public func requireNothingLeft() throws(GraftError) {
    guard let key = given.keys.sorted().first(where: { !known.contains($0) }) else { return }
    throw .unknownName(
      "key of a \(family) model", key, known: known,
      location: source.map { SourceLocation(file: $0) }, code: .badData)
  }
}
