import CZlib
import Foundation

/// Whole files in memory, decompressed if they are gzip (told by content, not by name).
public enum FileContents {
  /// - Throws: `.missingInput` if there is no such file, `.badData` if its compression is damaged or cut
  ///   short, `.inputOutput` if it cannot be read.
  public static func read(_ path: String) throws(GraftError) -> [UInt8] {
    try MappedFile(path).withBytes { (bytes) throws(GraftError) in
      guard bytes.count >= 2, bytes[0] == 0x1f, bytes[1] == 0x8b else { return [UInt8](bytes) }
      return try inflated(bytes, path: path)
    }
  }

  /// The lines of a text file, also empty ones, without their line ends; a byte-order mark is dropped.
  ///
  /// - Throws: as `read`, and `.badData` with the line for bytes that are not UTF-8.
  public static func lines(_ path: String) throws(GraftError) -> [String] {
    var bytes = try read(path)[...]
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
    if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() } else if bytes.isEmpty { return [] }
    var lines: [String] = []
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let text = String(validating: content, as: UTF8.self) else {
        throw GraftError(
          .badData, "not valid UTF-8", hint: "convert the file, for instance with iconv.",
          location: SourceLocation(file: path, line: lines.count + 1))
      }
      lines.append(text)
    }
    return lines
  }

  /// All members of a gzip file, one after another, as `zcat` gives them.
  private static func inflated(
    _ compressed: UnsafeRawBufferPointer, path: String
  ) throws(GraftError) -> [UInt8] {
    var stream = z_stream()
    // 15 is the largest window, 16 asks for the gzip wrapper; the macro inflateInit2 is not imported.
    let started = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else {
      throw GraftError(.internalError, "zlib does not start (\(started))")
    }
    defer { inflateEnd(&stream) }

    var output: [UInt8] = []
    output.reserveCapacity(compressed.count * 4)
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      let available = min(compressed.count - offset, 1 << 30)
      let (status, consumed, produced) = block.withUnsafeMutableBytes { buffer in
        let start = compressed.baseAddress.map { $0 + offset }
        stream.next_in = UnsafeMutablePointer(
          mutating: start?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(available)
        stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(buffer.count)
        let status = inflate(&stream, Z_NO_FLUSH)
        return (status, available - Int(stream.avail_in), buffer.count - Int(stream.avail_out))
      }
      offset += consumed
      output.append(contentsOf: block[..<produced])
      switch status {
      case Z_STREAM_END:
        // Another member may follow; anything else after the end is padding, as gzip itself has it.
        guard offset + 1 < compressed.count, compressed[offset] == 0x1f, compressed[offset + 1] == 0x8b
        else { return output }
        guard inflateReset(&stream) == Z_OK else { throw damaged(path) }
      case Z_OK where consumed > 0 || produced > 0:
        continue
      default:
        throw damaged(path)
      }
    }
  }

  private static func damaged(_ path: String) -> GraftError {
    GraftError(
      .badData, "'\(path)' is a damaged or truncated gzip file",
      hint: "`gzip -t` on it says more; fetch or write it again.")
  }
}
