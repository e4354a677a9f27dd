import Foundation
import Support

/// Standard input as bytes, whether they are text or not.
enum StandardInput {
  /// Hands over what is there, part by part as it comes in.
  static func forEachPart(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    while true {
      let part: Data
      do {
        part = try FileHandle.standardInput.read(upToCount: 1 << 20) ?? Data()
      } catch {
        throw GraftError(.inputOutput, "cannot read standard input", cause: error)
      }
      guard !part.isEmpty else { return }
      try part.withUnsafeBytes(body)
    }
  }

  /// Hands over one line after the other, without its line feed.
  static func forEachLine(_ body: ([UInt8]) throws -> Void) throws {
    var rest: [UInt8] = []
    try forEachPart { part in
      var start = 0
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
