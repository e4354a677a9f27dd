import Scoring
import Support

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
  /// What of the recipe is not the base's; empty for nothing, nil in reports of earlier grids.
  var changes: String?
  var parameters: Int
  /// Empty for the arm without pretraining.
  var pretraining: [AblationCost]
  /// Seconds of all fine-tuning runs, by seed.
  var fineTuningSeconds: [Double]
  var scores: [AblationScore]
  /// Over the first split of every task that is fine-tuned on, of the seeds that have them all.
  var average: AblationScore?

  func mean(_ value: (AblationCost) -> Double?) -> Double? {
    let values = pretraining.compactMap(value)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

/// A grid's results: `results.json`.
public struct AblationReport: Hashable {
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
  /// The columns of models that were not fine-tuned; nil in reports of earlier grids.
  var asPretrained: [String]?
}

extension AblationReport: StudyReport {
  public static let kind = FileKind.ablation

  public var plainText: String { table().plainText }
  public var picture: (name: String, svg: String)? { ("scores.svg", plot.svg) }
}
