import Foundation

/// Standard input as bytes, whether they are text or not.
public enum StandardInput {
  /// What has come in since the last part, at most a mebibyte; nil at the end.
  public static func nextPart() throws(GraftError) -> Data? {
    do {
      let part = try FileHandle.standardInput.read(upToCount: 1 << 20) ?? Data()
      return part.isEmpty ? nil : part
    } catch {
      throw GraftError(.inputOutput, "cannot read standard input", cause: error)
    }
  }

  /// Hands over one line after the other, without its line feed.
  public static func forEachLine(_ body: ([UInt8]) throws -> Void) throws {
    var rest: [UInt8] = []
    while let part = try nextPart() {
      var start = part.startIndex
      while let end = part[start...].firstIndex(of: 0x0A) {
        try body(rest + part[start..<end])
        rest = []
        start = end + 1
      }
      rest += part[start...]
    }
    if !rest.isEmpty { try body(rest) }
  }
}
