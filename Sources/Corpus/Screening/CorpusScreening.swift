import Foundation
import Support

/// Looks through all sources of a corpus for repeated documents and for what a model will be evaluated on, before
/// anything is tokenised.
///
/// Sources come in their order, and their files and documents in theirs; of documents that repeat each other the
/// first is kept. The result depends on the texts and the options, not on the number of threads. Documents come
/// whole, cleaned as they will be read.
///
/// Memory: that of the reader, some MiB of documents, `DuplicateFinder`'s share for each document, and the words and
/// runs of the evaluation texts.
public struct CorpusScreening: Sendable {
  /// What was found.
  public let report: ScreeningReport
  /// For each source, for each of its files as `CorpusFiles` lists them, what is left out.
  public let selections: [[DocumentSelection]]

  init(report: ScreeningReport, selections: [[DocumentSelection]]) {
    (self.report, self.selections) = (report, selections)
  }

  /// - Parameters:
  ///   - sources: files, directories and patterns (see `CorpusFiles.expand`) of each source.
  ///   - reading: how they become documents.
  ///   - cacheDirectory: where the outcome is kept, under a name made from everything that it depends on; nil for
  ///     nowhere.
  ///   - threads: by default as many as cores; without influence on the result.
  ///   - progress: takes the name of each file that is looked through.
  /// - Throws: `.missingInput`, `.badData` naming file and place, `.inputOutput`, `.usage` for impossible options.
  public static func screen(
    _ sources: [[String]], reading: CorpusOptions, options: ScreeningOptions, cacheDirectory: String?,
    threads: Int? = nil, progress: (String) -> Void = { _ in }
  ) throws(GraftError) -> CorpusScreening {
    try reading.validate()
    try options.deduplication?.validate()
    var files: [[String]] = []
    for source in sources { files.append(try CorpusFiles.expand(source)) }
    let names = sources.map { $0.joined(separator: " ") }
    func search() throws(GraftError) -> CorpusScreening {
      var work = ScreeningSearch(
        names: names, files: files, reading, options,
        threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
      try work.run(progress)
      return work.result()
    }
    guard let cacheDirectory else { return try search() }
    try makeFolder(cacheDirectory)
    let cache = try ScreeningCache(
      directory: cacheDirectory, files: files, reading: reading, options: options)
    if let saved = cache.read() { return saved }
    let result = try search()
    try cache.write(result)
    return result
  }
}
