import Crypto
import Foundation

/// SHA-256 as lower-case hexadecimal, of bytes in memory or streamed from a file.
public struct ContentHash: Sendable {
  private var state = SHA256()

  public init() {}

  public mutating func update(_ bytes: some DataProtocol) { state.update(data: bytes) }

  public mutating func update(_ text: String) { state.update(data: Data(text.utf8)) }

  public mutating func update(bufferPointer: UnsafeRawBufferPointer) {
    state.update(bufferPointer: bufferPointer)
  }

  public func hexadecimal() -> String {
    state.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  public static func of(_ bytes: some DataProtocol) -> String {
    var hash = ContentHash()
    hash.update(bytes)
    return hash.hexadecimal()
  }

  public static func of(_ text: String) -> String { of(Data(text.utf8)) }

  /// Streams the file in blocks of 1 MiB.
  public static func ofFile(_ path: String) throws(GraftError) -> String {
    try MappedFile(path).withBytes { bytes in
      var hash = ContentHash()
      var offset = 0
      while offset < bytes.count {
        let end = min(offset + 1 << 20, bytes.count)
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
        offset = end
      }
      return hash.hexadecimal()
    }
  }
}
