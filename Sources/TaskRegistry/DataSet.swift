import Randomness
import Records
import Scoring
import Support

/// Rows with right answers, and how answers to them are scored: what a task and a suite have in common.
public struct DataSet: Sendable {
  /// The name, unique among tasks, suites and mixtures.
  public let name: String
  /// 1 or more; raised whenever scores before and after cannot be compared.
  public let version: Int
  /// Words for `graft list`, such as `sentiment`.
  public let tags: [String]
  /// The primary metric first.
  public let metricNames: [String]
  /// What is compared with what, beside the metrics.
  public let contrasts: [ContrastSpecification]
  /// What is averaged over groups, beside the metrics.
  public let averages: [AverageSpecification]
  /// From how many seeds on its scores mean something; nil if a single one does.
  public let seeds: Int?
  /// Where the data comes from and may be used: `origin`, `licence`, `citation`, `note`, as far as they are given.
  public let provenance: [String: String]
  /// Of everything that bears on texts, labels and scores.
  public internal(set) var hash: DefinitionHash
  /// The file it was read from.
  public let path: String

  var source: RowSource
  let preprocess: [PreprocessorStep]
  let golden: [GoldenPrompt]
  let counts: [String: SplitCount]
}

/// A task or a suite, by what both have.
public protocol DataSetDefinition: Sendable {
  /// The rows, and how answers to them are scored.
  var dataSet: DataSet { get }
}

extension DataSetDefinition {
  /// The name, unique among tasks, suites and mixtures.
  public var name: String { dataSet.name }
  /// 1 or more; raised whenever scores before and after cannot be compared.
  public var version: Int { dataSet.version }
  /// Words for `graft list`, such as `sentiment`.
  public var tags: [String] { dataSet.tags }
  /// The primary metric first.
  public var metricNames: [String] { dataSet.metricNames }
  /// The metric that stands for the data set in tables.
  public var primaryMetric: String { dataSet.metricNames[0] }
  /// What is compared with what, beside the metrics.
  public var contrasts: [ContrastSpecification] { dataSet.contrasts }
  /// From how many seeds on its scores mean something; nil if a single one does.
  public var seeds: Int? { dataSet.seeds }
  /// Where the data comes from and may be used: `origin`, `licence`, `citation`, `note`, as far as they are given.
  public var provenance: [String: String] { dataSet.provenance }
  /// What files know it by: `2:` and the SHA-256 of everything that bears on texts, labels and scores.
  public var definitionHash: String { dataSet.hash.text }
  /// The file it was read from.
  public var path: String { dataSet.path }

  /// At least one, in the order of the file; those of a definition that it extends come first.
  public var splitNames: [String] { source.splitNames }

  /// The name of the label field.
  public var labelField: String { source.settings.labelField }

  /// Fields that rows have after preprocessing, label included.
  public var fieldNames: [String] { source.fieldNames(after: preprocess) }

  /// How many rows a split has, without making examples of them.
  public func rowCount(split: String, data root: DataRoot) throws(GraftError) -> Int {
    try source.rows(split, root).count
  }

  /// How many examples a split has if its data is as published; nil if the definition does not say.
  public func publishedCount(split: String) -> Int? { dataSet.counts[split]?.count }

  /// The files of a split that are looked for in the data folder.
  public func dataFiles(_ split: String) -> [String] { source.dataFiles(split) }

  /// What is missing to read a split, with where it can be had; nil if its files are here.
  public func absence(split: String, data root: DataRoot) -> GraftError? { source.absence(split, root) }

  /// The error for a split that was read and has no rows, where rows are needed; nil if it has some.
  public func absenceOfRows(_ examples: [Example], split: String, data: DataRoot) -> GraftError? {
    examples.isEmpty ? source.noRows(split, data) : nil
  }

  var source: RowSource { dataSet.source }
  var preprocess: [PreprocessorStep] { dataSet.preprocess }
}

extension DataSet {
  /// The rows of a split as examples, in the order of the files.
  ///
  /// - Parameters:
  ///   - limit: at most this many, always the same and spread over the whole split.
  ///   - example: makes one; what it throws stands at the row.
  func examples(
    split: String, data root: DataRoot, limit: Int?,
    _ example: (_ row: LabelledRow, _ identifier: String) throws(GraftError) -> Example
  ) throws(GraftError) -> [Example] {
    var examples: [Example] = []
    for row in Self.limited(try source.rows(split, root), to: limit) {
      examples.append(
        try row.location.locating { () throws(GraftError) in
          try example(row, "\(name)/\(split)/\(row.number)")
        })
    }
    return examples
  }

  /// The rows whose keyed numbers are the smallest, in their old order: spread over the whole, and a smaller
  /// limit gives a subset of a larger one's.
  private static func limited(_ rows: [LabelledRow], to limit: Int?) -> [LabelledRow] {
    guard let limit, limit < rows.count else { return rows }
    let key = RandomKey(seed: 0).folded("limit")
    let ranked = rows.indices.map { index in
      (rank: key.folded(rows[index].number).order, index: index)
    }
    let chosen = ranked.sorted { $0 < $1 }.prefix(max(0, limit)).map(\.index).sorted()
    return chosen.map { rows[$0] }
  }

  /// - Parameter label: the name of the label field, which may be another's.
  func preprocessed(_ fields: [String: String], label: String) throws(GraftError) -> [String: String] {
    var fields = fields
    for step in preprocess { try step.preprocessor.apply(to: &fields, label: label) }
    return fields
  }
}
