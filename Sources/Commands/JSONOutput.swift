import Foundation
import Support

/// Results as JSON, for programs.
enum JSONOutput {
  /// - Parameter path: `-` for standard output.
  static func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    if path == "-" { print(text) } else { try AtomicFile.write(text + "\n", to: path) }
  }
}
