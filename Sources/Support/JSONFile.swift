import Foundation

/// JSON as Graft writes and reads it, in whole files and line by line.
///
/// Keys are sorted and slashes are left alone, so that equal values are equal bytes. A number that is not
/// finite, for which JSON has no word, is the string `"NaN"`, `"Infinity"` or `"-Infinity"`, and is read from
/// it, everywhere: a score that is not defined must not cost a finished study its file. Whatever may not be
/// such a number is checked where it comes from or where it is used.
public enum JSONFile {
  /// A value over several lines, as people read it, with the end of the last; a `KindedFile` with its kind.
  /// - Throws: `.internalError` for what JSON has no form for.
  public static func encode(_ value: some Encodable) throws(GraftError) -> Data {
    if let file = value as? any KindedFile { return try encode(Kinded(file), [.prettyPrinted]) + Data("\n".utf8) }
    return try encode(value, [.prettyPrinted]) + Data("\n".utf8)
  }

  /// A value on one line, without its end.
  /// - Throws: as `encode`.
  public static func line(_ value: some Encodable) throws(GraftError) -> Data { try encode(value, []) }

  /// A value and its kind as one object.
  private struct Kinded: Encodable {
    private enum Key: String, CodingKey { case kind }

    private let file: any KindedFile

    init(_ file: any KindedFile) { self.file = file }

    func encode(to encoder: any Encoder) throws {
      try file.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(type(of: file).kind, forKey: .kind)
    }
  }

  private static func encode(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) throws(GraftError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: nan)
    do {
      return try encoder.encode(value)
    } catch {
      throw GraftError(.internalError, "cannot write \(type(of: value)) as JSON", cause: error)
    }
  }

  /// A value out of bytes that hold nothing else, for callers who know better than `read` what is wrong with
  /// them.
  public static func value<Value: Decodable>(
    _ type: Value.Type, in bytes: some Sequence<UInt8>
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: nan)
    return try decoder.decode(type, from: Data(bytes))
  }

  /// The strings that stand for numbers which are not finite.
  public static let (nan, infinity, negativeInfinity) = ("NaN", "Infinity", "-Infinity")

  /// Writes the file atomically, as `encode` has the value.
  /// - Throws: as `encode`, and `.inputOutput`.
  public static func write(_ value: some Encodable, to path: String) throws(GraftError) {
    try AtomicFile.write(encode(value), to: path)
  }

  /// - Throws: `.missingInput` if there is no such file; `.badData` with the key if it does not hold a
  ///   `Value`.
  public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws(GraftError) -> Value {
    try decode(type, from: MappedFile(path).data(), path: path)
  }

  /// Checks that a file has no keys but those that its value is written with. Absent and null are the same.
  /// - Throws: `.badData` with the key, its place and the closest one.
  public static func requireKeys(of value: some Encodable, in path: String) throws(GraftError) {
    let known = try encode(value)
    guard let expected = try? known.withUnsafeBytes({ try JSONValue(parsing: $0) }) else { return }
    try MappedFile(path).withBytes { (bytes) throws(GraftError) in
      do throws(JSONSyntaxError) {
        try requireKeys(expected, JSONValue(parsing: bytes))
      } catch {
        throw error.graftError(
          in: bytes, file: path,
          hint: "it may be written by a later version of graft; this one would not heed it.")
      }
    }
  }

  private static func requireKeys(_ expected: JSONValue, _ found: JSONValue) throws(JSONSyntaxError) {
    switch (expected.kind, found.kind) {
    case (.object(let known), .object(let members)):
      for (key, value) in members {
        if case .null = value.kind { continue }
        guard let match = known.first(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
          let close = closestName(to: key, in: known.map(\.key)).map { " (did you mean '\($0)'?)" } ?? ""
          throw JSONSyntaxError("unknown key '\(key)'\(close)", at: value.offset)
        }
        try requireKeys(match.value, value)
      }
    case (.array(let known), .array(let elements)):
      for (known, element) in zip(known, elements) { try requireKeys(known, element) }
    default: return
    }
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data, path: String
  ) throws(GraftError) -> Value {
    // The decoder takes the last of two equal keys and does not say where syntax fails.
    if let kind = data.withUnsafeBytes({ ForeignFile($0) }) {
      throw kind.error(path: path, wanted: "JSON")
    }
    var syntax: GraftError?
    data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      do throws(JSONSyntaxError) {
        _ = try JSONValue(parsing: bytes)
      } catch {
        syntax = error.graftError(in: bytes, file: path)
      }
    }
    if let syntax { throw syntax }
    do {
      let text = data.starts(with: byteOrderMark) ? data.dropFirst(byteOrderMark.count) : data
      return try value(type, in: text)
    } catch let error as DecodingError {
      throw GraftError(
        .badData, "'\(path)' is not what it should be: \(explain(error))",
        hint: "it may be damaged, or written by another version of graft.")
    } catch {
      throw GraftError(.badData, "cannot read '\(path)'", cause: error)
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      (context.codingPath + (last.map { [$0] } ?? []))
        .map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "'\(place(context, key))' is missing"
    case .typeMismatch(let type, let context): return "'\(place(context))' is not of type \(type)"
    case .valueNotFound(_, let context): return "'\(place(context))' has no value"
    case .dataCorrupted(let context): return "'\(place(context))': \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}
