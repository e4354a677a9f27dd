import Foundation

/// A file of JSON with a value a line, each as `JSONFile` writes it.
public struct JSONLines: Sendable {
  private var bytes = Data()

  /// A file without lines.
  public init() {}

  /// - Throws: as `JSONFile.encode`.
  public mutating func append(_ value: some Encodable) throws(GraftError) {
    bytes += try JSONFile.line(value)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Writes the file atomically.
  public func write(to path: String) throws(GraftError) { try AtomicFile.write(bytes, to: path) }
}
