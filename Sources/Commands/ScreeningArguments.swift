import ArgumentParser
import Corpus
import Experiments
import Support
import TaskRegistry
import Training

extension ContaminatedPart: ExpressibleByArgument {}

/// What is done about documents that occur again.
enum DeduplicationChoice: String, CaseIterable, ExpressibleByArgument {
  case none, exact, near
}

/// Flags that take repeated documents and evaluation examples out of a corpus.
struct ScreeningArguments: ParsableArguments {
  @Option(
    help: """
      Documents that are taken out: none, exact (the same text as an earlier one of any source) or near (also those \
      that share most of their runs of five words with one).
      """)
  var deduplicate = DeduplicationChoice.none

  @Option(help: "How similar documents are near at --deduplicate near: Jaccard similarity of runs of words, 0.2 to 1.")
  var similarity = Deduplication.standardThreshold

  @Option(
    parsing: .upToNextOption,
    help: """
      Tasks, suites (their splits for evaluation) and files of whose examples the text must not have 13 words in a \
      row, or all words of texts of 8 to 12.
      """)
  var decontaminate: [String] = []

  @Option(
    help: """
      What --decontaminate takes out: the lines these words stand in, the documents, or none, which only counts.
      """)
  var contaminated = ContaminatedPart.lines

  /// Nil leaves repeated documents.
  var deduplication: Deduplication? {
    switch deduplicate {
    case .none: nil
    case .exact: Deduplication(.exact)
    case .near: Deduplication(.near, threshold: similarity)
    }
  }

  /// Nil if nothing is named.
  var decontamination: Decontamination? {
    decontaminate.isEmpty ? nil : Decontamination(evaluations: decontaminate, part: contaminated)
  }

  /// The texts that are named.
  /// - Throws: as `EvaluationTextReader.texts`.
  func evaluations(_ data: DataArguments) throws(GraftError) -> [EvaluationTexts] {
    guard !decontaminate.isEmpty else { return [] }
    return try EvaluationTextReader(catalog: data.catalog(), data: data.root) { standardError("note: \($0)") }
      .texts(decontaminate)
  }

  /// What is looked for; nil for nothing.
  func options(_ data: DataArguments) throws(GraftError) -> ScreeningOptions? {
    guard deduplication != nil || !decontaminate.isEmpty else { return nil }
    return ScreeningOptions(
      deduplication: deduplication, evaluations: try evaluations(data), contaminated: contaminated)
  }
}
