#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The lines of a text, one after the other. Memory: the longest line and a piece of a mebibyte.
public struct LineReader {
  /// A line, a cell or a value longer than this is refused.
  public static let longest = 64 << 20

  private let input: TextInput

  /// The lines of what is still unread.
  public init(_ input: TextInput) { self.input = input }

  /// Hands over each line without its line feed, and its number from 1.
  /// - Throws: as the input, `.badData` for a line that is too long, and what `body` throws.
  public func forEachLine(_ body: (ArraySlice<UInt8>, Int) throws(GraftError) -> Void) throws(GraftError) {
    var buffer: [UInt8] = []
    var number = 0
    var searched = 0
    var isAtEnd = false
    while !isAtEnd {
      isAtEnd = try !input.read(into: &buffer)
      var start = 0
      while start < buffer.count {
        let from = max(start, searched)
        guard let end = Self.feed(in: buffer, from: from) ?? (isAtEnd ? buffer.count : nil) else { break }
        number += 1
        try body(buffer[start..<end], number)
        start = end + 1
      }
      buffer.removeFirst(min(start, buffer.count))
      searched = buffer.count
      guard buffer.count <= Self.longest else {
        throw GraftError(
          .badData, "the line is longer than \(Self.longest >> 20) MiB", hint: "is it text at all?",
          location: SourceLocation(file: input.path, line: number + 1))
      }
    }
  }

  private static func feed(in buffer: [UInt8], from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count,
        let place = memchr(base + start, 0x0A, bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(place) - base
    }
  }
}
