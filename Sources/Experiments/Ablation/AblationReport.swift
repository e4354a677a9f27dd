import Scoring

/// What pretraining with one seed took and how well it went.
struct AblationCost: Codable, Sendable, Hashable {
  var seed: UInt64
  var steps: Int
  var tokens: Int
  var flops: Double
  var seconds: Double
  var heldOut: Double?
  var bitsPerByte: Double?
  var unigramReference: Double?
}

/// One figure of a row, over seeds.
struct AblationScore: Codable, Sendable, Hashable {
  /// The task or suite, with its split where it is not the first; `average` for the mean over tasks.
  var column: String
  var metric: String
  var seeds: [UInt64]
  /// In points of the table, one per seed.
  var values: [Double]
  var mean: Double
  /// Sample standard deviation over seeds; nil for one seed.
  var standardDeviation: Double?
  var versusBaseline: SeededDifference?
}

/// A row of the table: one cell.
struct AblationRow: Codable, Sendable, Hashable {
  var cell: String
  var objective: String
  var backbone: String
  var parameters: Int
  /// Empty for the arm without pretraining.
  var pretraining: [AblationCost]
  /// Seconds of all fine-tuning runs, by seed.
  var fineTuningSeconds: [Double]
  var scores: [AblationScore]
  /// Over the first split of every task, of the seeds that have them all.
  var average: AblationScore?

  func mean(_ value: (AblationCost) -> Double?) -> Double? {
    let values = pretraining.compactMap(value)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

/// A grid's results: `results.json`.
public struct AblationReport: Codable, Sendable, Hashable {
  struct Misfit: Codable, Sendable, Hashable {
    var cell: String
    var reason: String
  }

  struct Failure: Codable, Sendable, Hashable {
    var cell: String
    var seed: UInt64
    var stage: String
    var error: String
  }

  var format = 1
  var baseline: String
  var budget: String
  var seeds: [UInt64]
  var rows: [AblationRow]
  var doesNotFit: [Misfit]
  /// Stages that are not done and whose last attempt failed.
  var failures: [Failure]
  /// Stages that are not done for another reason.
  var missing: Int
}

extension AblationReport: KindedFile {
  public static let kind = FileKind.ablation
}
