import Crypto
import Foundation

/// SHA-256 as lower-case hexadecimal, of bytes in memory or streamed from a file.
public struct ContentHash: Sendable {
  private var state = SHA256()

  /// The hash of nothing yet.
  public init() {}

  /// Goes on with more bytes.
  public mutating func update(_ bytes: some DataProtocol) { state.update(data: bytes) }

  /// Goes on with a text in UTF-8.
  public mutating func update(_ text: String) { state.update(data: Data(text.utf8)) }

  /// Goes on with bytes where they are.
  public mutating func update(bufferPointer: UnsafeRawBufferPointer) {
    state.update(bufferPointer: bufferPointer)
  }

  /// The hash of all bytes so far, 64 digits; more may follow.
  public func hexadecimal() -> String {
    state.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The first half of the hash so far: no two different texts of any corpus will meet.
  public func leading128Bits() -> SIMD2<UInt64> {
    var words = SIMD2<UInt64>()
    for (index, byte) in state.finalize().prefix(16).enumerated() {
      words[index / 8] = words[index / 8] << 8 | UInt64(byte)
    }
    return words
  }

  /// The hash of some bytes.
  public static func of(_ bytes: some DataProtocol) -> String {
    var hash = ContentHash()
    hash.update(bytes)
    return hash.hexadecimal()
  }

  /// The hash of a text in UTF-8.
  public static func of(_ text: String) -> String { of(Data(text.utf8)) }

  /// Streams the file in blocks of 1 MiB.
  public static func ofFile(_ path: String) throws(GraftError) -> String {
    let file = try MappedFile(path)
    return file.withBytes { bytes in
      var hash = ContentHash()
      var offset = 0
      while offset < bytes.count {
        let end = min(offset + 1 << 20, bytes.count)
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
        file.release(offset..<end)
        offset = end
      }
      return hash.hexadecimal()
    }
  }
}
