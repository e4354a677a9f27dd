import Foundation
import Support

/// JSON files of Graft's own: sorted keys, so that equal values give equal bytes, and errors that say which
/// file and which key.
public enum JSONFile {
  /// - Throws: `.internalError` that names a number which is not finite: JSON has no word for it, and what it stands for
  ///   is no result.
  public static func encode(_ value: some Encodable) throws(GraftError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(value) + Data("\n".utf8)
    } catch EncodingError.invalidValue(let number as any BinaryFloatingPoint, let context) {
      throw GraftError(
        .internalError, "'\(place(context.codingPath))' of what was to be written is \(number), not a finite number",
        hint: "a model, a loss or a score is not finite; nothing was written.")
    } catch {
      throw GraftError(.internalError, "cannot write \(type(of: value)) as JSON", cause: error)
    }
  }

  public static func write(_ value: some Encodable, to path: String) throws(GraftError) {
    try AtomicFile.write(encode(value), to: path)
  }

  /// - Throws: `.missingInput` if there is no such file; `.badData` with the key if it does not hold a
  ///   `Value`.
  public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws(GraftError) -> Value
  {
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

  static func decode<Value: Decodable>(
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
      return try JSONDecoder().decode(type, from: Data(text))
    } catch let error as DecodingError {
      throw GraftError(
        .badData, "'\(path)' is not what it should be: \(explain(error))",
        hint: "it may be damaged, or written by another version of graft.")
    } catch {
      throw GraftError(.badData, "cannot read '\(path)'", cause: error)
    }
  }

  private static func place(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
  }

  private static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      Self.place(context.codingPath + (last.map { [$0] } ?? []))
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
