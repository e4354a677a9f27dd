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

  static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data, path: String
  ) throws(GraftError) -> Value {
    // The decoder takes the last of two equal keys and does not say where syntax fails.
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
      return try JSONDecoder().decode(type, from: data)
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
