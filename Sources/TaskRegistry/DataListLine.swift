import Support

/// A line of a list of data files that stands beside task definitions.
struct DataListLine {
  let text: Substring
  let location: SourceLocation

  /// The lines that say something, of the file in each folder that has one.
  static func all(of fileName: String, in directories: [String]) throws(GraftError) -> [DataListLine] {
    var all: [DataListLine] = []
    for path in directories.map({ Paths.join($0, fileName) }) where FileContents.exists(path) {
      let text = String(decoding: try FileContents.read(path), as: UTF8.self)
      let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      for (index, line) in lines.enumerated() where !line.isEmpty {
        all.append(DataListLine(text: line, location: SourceLocation(file: path, line: index + 1)))
      }
    }
    return all
  }
}
