import Foundation

/// Whole files in memory, also those that are part of the executable (`BuiltInFiles`), decompressed if they are gzip
/// (told by content, not by name), but not if the text is more than 64 times as long as the file and over 64 MiB.
public enum FileContents {
  /// Whether there is a file or folder.
  public static func exists(_ path: String) -> Bool {
    BuiltInFiles.isOne(path)
      ? !BuiltInFiles.paths(under: path).isEmpty : FileManager.default.fileExists(atPath: path)
  }

  /// - Throws: `.missingInput` if there is no such file, `.badData` if its compression is damaged or cut
  ///   short, `.inputOutput` if it cannot be read.
  public static func read(_ path: String) throws(GraftError) -> [UInt8] {
    try MappedFile(path).withBytes { (bytes) throws(GraftError) in
      guard GzipInflater.isGzip(bytes) else { return [UInt8](bytes) }
      let inflater = try GzipInflater(bytes, path: path)
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count * 4)
      while try inflater.read(into: &text, limit: 1 << 18) {
        try TextInput.checkExpansion(of: bytes.count, to: text.count, path: path)
      }
      return text
    }
  }

  /// The lines of a text file, also empty ones, without their line ends; read as `TextInput` reads, also from a pipe,
  /// and from standard input for `-`.
  ///
  /// Memory: the lines, of at most 64 MiB each.
  /// - Throws: as `read`, and `.badData` with the line for bytes that are not UTF-8.
  public static func lines(_ path: String) throws(GraftError) -> [String] {
    var lines: [String] = []
    try LineReader(try TextInput(path)).forEachLine { (line, _) throws(GraftError) in
      let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let text = String(validating: content, as: UTF8.self) else {
        throw GraftError(
          .badData, "not valid UTF-8", hint: "convert the file, for instance with iconv.",
          location: SourceLocation(file: path, line: lines.count + 1))
      }
      lines.append(text)
    }
    if lines.count == 1, lines[0].utf8.contains(UInt8(ascii: "\r")) {
      throw GraftError(
        .badData, "the lines end in carriage returns alone", hint: "`tr '\\r' '\\n'` makes lines of them.",
        location: SourceLocation(file: path, line: 1))
    }
    return lines
  }
}
