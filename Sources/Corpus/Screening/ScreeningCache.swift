import Foundation
import Support

/// Where the outcome of a screening is kept. What cannot be read is made again.
struct ScreeningCache {
  /// What it is searched by changes with it.
  private static let version = 1

  private let path: String
  private let files: [[String]]

  private struct Record: Codable {
    /// What is left out of a file.
    struct File: Codable {
      var dropped: [Int]
      var lines: [String: [Int]]
    }

    var report: ScreeningReport
    var files: [[File]]
  }

  /// - Throws: `.missingInput` or `.inputOutput` for a file that cannot be read.
  init(
    directory: String, files: [[String]], reading: CorpusOptions, options: ScreeningOptions
  ) throws(GraftError) {
    self.files = files
    var hash = ContentHash()
    hash.update("screening \(Self.version)\n\(reading.signature)\n\(options.signature)\n")
    for source in files {
      hash.update("source\n")
      for file in source {
        let form = try DocumentReader(path: file, options: reading).form
        // The report names the files.
        hash.update("\(form.name) \(try ContentHash.ofFile(file)) \(file.jsonLiteral)\n")
      }
    }
    path = Paths.join(directory, "\(hash.hexadecimal()).screening.json")
  }

  func read() -> CorpusScreening? {
    guard access(path, F_OK) == 0, let record = try? JSONFile.read(Record.self, from: path),
      record.files.map(\.count) == files.map(\.count)
    else { return nil }
    return CorpusScreening(
      report: record.report,
      selections: record.files.map { source in
        source.map { file in
          var selection = DocumentSelection()
          selection.dropped = Set(file.dropped)
          for (document, lines) in file.lines {
            if let document = Int(document) { selection.droppedLines[document] = lines }
          }
          return selection
        }
      })
  }

  func write(_ screening: CorpusScreening) throws(GraftError) {
    try JSONFile.write(
      Record(
        report: screening.report,
        files: screening.selections.map { source in
          source.map { file in
            let lines = file.droppedLines.map { ("\($0.key)", $0.value) }
            return Record.File(
              dropped: file.dropped.sorted(), lines: Dictionary(lines, uniquingKeysWith: { first, _ in first }))
          }
        }), to: path)
  }
}
