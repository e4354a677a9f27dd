import Foundation

/// Whole files in memory, decompressed if they are gzip (told by content, not by name).
public enum FileContents {
  /// - Throws: `.missingInput` if there is no such file, `.badData` if its compression is damaged or cut
  ///   short, `.inputOutput` if it cannot be read.
  public static func read(_ path: String) throws(GraftError) -> [UInt8] {
    try MappedFile(path).withBytes { (bytes) throws(GraftError) in
      guard GzipInflater.isGzip(bytes) else { return [UInt8](bytes) }
      let inflater = try GzipInflater(bytes, path: path)
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count * 4)
      while try inflater.read(into: &text, limit: 1 << 18) {}
      return text
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
}
