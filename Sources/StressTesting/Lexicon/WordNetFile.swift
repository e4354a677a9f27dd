import Support

/// A text file whose lines are in the order of their bytes, looked up by bisection, as WordNet's are made to be.
struct WordNetFile: Sendable {
  let path: String
  private let bytes: [UInt8]

  init(_ path: String) throws(GraftError) {
    self.path = path
    bytes = try FileContents.read(path)
  }

  /// Every line that begins with these bytes.
  func lines(beginningWith prefix: String) -> [ArraySlice<UInt8>] {
    let prefix = Array(prefix.utf8)
    var low = 0
    var high = bytes.count
    // The first line that is not before the prefix begins in low...high.
    while low < high {
      let start = lineStart((low + high) / 2)
      let line = line(at: start)
      if line.lexicographicallyPrecedes(prefix) { low = line.endIndex + 1 } else { high = start }
    }
    var found: [ArraySlice<UInt8>] = []
    while low < bytes.count {
      let line = line(at: low)
      guard line.starts(with: prefix) else { break }
      found.append(line)
      low = line.endIndex + 1
    }
    return found
  }

  /// The line that begins at an offset; nil if none does.
  func line(startingAt offset: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, offset < bytes.count, offset == 0 || bytes[offset - 1] == UInt8(ascii: "\n") else {
      return nil
    }
    return line(at: offset)
  }

  private func lineStart(_ offset: Int) -> Int {
    var start = offset
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    return start
  }

  private func line(at start: Int) -> ArraySlice<UInt8> {
    guard start < bytes.count else { return [] }
    return bytes[start..<(bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count)]
  }

  func error(_ message: String) -> GraftError {
    GraftError(
      .badData, message,
      hint: "the folder should hold the files of WordNet 3, as Debian's wordnet-base has them.",
      location: SourceLocation(file: path))
  }
}
