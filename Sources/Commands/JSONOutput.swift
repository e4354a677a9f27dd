import Checkpointing
import Support

/// Results as JSON, for programs.
enum JSONOutput {
  /// Of several processes rank 0 writes.
  /// - Parameter path: `-` for standard output.
  static func write(_ value: some Encodable, to path: String) throws(GraftError) {
    guard ProcessWorld.speaks else { return }
    guard path == "-" else { return try JSONFile.write(value, to: path) }
    standardOutput(String(decoding: try JSONFile.encode(value), as: UTF8.self), terminator: "")
  }
}
