import Foundation

/// A file of JSON with a value a line, keys sorted, so that equal values are equal bytes.
public struct JSONLines: Sendable {
  private var bytes = Data()

  public init() {}

  /// Numbers that JSON has no words for are written as `"NaN"`, `"Infinity"` and `"-Infinity"`.
  /// - Throws: `.internalError` for a value that cannot be written as JSON.
  public mutating func append(_ value: some Encodable) throws(GraftError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      bytes += try encoder.encode(value)
      bytes.append(UInt8(ascii: "\n"))
    } catch {
      throw GraftError(.internalError, "cannot write a value as JSON", cause: error)
    }
  }

  /// Writes the file atomically.
  public func write(to path: String) throws(GraftError) { try AtomicFile.write(bytes, to: path) }
}
