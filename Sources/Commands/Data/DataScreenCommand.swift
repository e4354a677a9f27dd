import ArgumentParser
import Corpus
import Reporting
import Support
import TaskRegistry
import Training

/// `graft data screen`
struct DataScreenCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "screen",
    abstract: "Look through a corpus for repeated documents and for evaluation examples.",
    discussion: """
      Nothing is written but the report: what `pretrain` would take out with the same flags. Each --corpus is a \
      source; sources are compared with each other in their order.

      Example:
        graft data screen --corpus wiki/ news/ --deduplicate near --decontaminate blimp sst2 --json screening.json
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files, folders and quoted patterns, also of the folder of the data sets.", valueName: "path"))
  var corpus: [String]

  @OptionGroup(title: "Screening") var screening: ScreeningArguments
  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments

  @Option(help: "Threads, without influence on the result; by default as many as cores.")
  var threads: Int?

  @Option(help: ArgumentHelp("The report with examples as JSON; - for standard output.", valueName: "file"))
  var json: String?

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .screening), reading: screening.decontaminate,
      corpus: corpus.map { data.root.place(ofCorpus: $0) ?? $0 })
  }

  func run() throws {
    guard let options = try screening.options(data) else {
      throw GraftError(
        .usage, "nothing to look for", hint: "give --deduplicate exact or near, or --decontaminate NAME ….")
    }
    if let threads, threads < 1 { throw GraftError(.usage, "--threads must be positive") }
    let sources = corpus.map { [data.corpus($0)] }
    let report = try CorpusScreening.screen(
      sources, reading: try reading.options(), options: options, cacheDirectory: nil, threads: threads
    ).report
    if let json { try JSONOutput.write(report, to: json) }
    if json != "-" { standardOutput(text(report)) }
  }

  private func text(_ report: ScreeningReport) -> String {
    func size(_ removed: ScreeningReport.Removed) -> [String] { ["\(removed.documents)", "\(removed.bytes)"] }
    var sources = Table([
      .init("source"), .init("documents", .right), .init("bytes", .right), .init("exact", .right),
      .init("bytes", .right), .init("near", .right), .init("bytes", .right), .init("contaminated", .right),
      .init("removed", .right), .init("lines", .right), .init("bytes removed", .right),
    ])
    for source in report.sources {
      sources.append(
        [source.path] + size(source.read) + size(source.exactDuplicates) + size(source.nearDuplicates)
          + ["\(source.contaminated.documents)", "\(source.contaminatedRemoved.documents)"]
          + ["\(source.linesRemoved)", "\(source.bytesRemoved)"])
    }
    guard !report.evaluations.isEmpty else { return sources.plainText }
    var evaluations = Table(
      [.init("evaluation"), .init("examples", .right), .init("found", .right)]
        + report.sources.map { .init($0.path, .right) })
    for evaluation in report.evaluations {
      evaluations.append(
        [evaluation.name, "\(evaluation.examples)", "\(evaluation.found)"] + evaluation.documents.map { "\($0)" })
    }
    return sources.plainText + "\n\nexamples found, and documents that share words with them:\n"
      + evaluations.plainText + "\n\nruns of words in more than ten documents, which do not count: \(report.commonRuns)"
  }
}
