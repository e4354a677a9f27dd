import Randomness
import Records
import Scoring
import Support

/// The scores of a study: a row for each arm, a column for each thing that is scored, in each cell a score per seed and
/// how the row differs from the baseline's there. The tables of studies are made of it.
struct Scoreboard {
  struct Column {
    var name: String
    var metric: any Metric
    /// What is right, by example; nil for a column whose differences are not tested.
    var references: [Reference]?
    /// Whether it counts in the average of a row.
    var isAveraged = false
  }

  /// A score over seeds.
  struct Cell {
    var seeds: [UInt64]
    /// In points of the table.
    var summary: SeedSummary
    /// Against the baseline on the same examples with the same seeds.
    var versus: SeededDifference?
    /// 95 % Student t interval of the differences of equal seeds: whether other seeds would agree.
    var overSeeds: Interval?

    /// Nil for no seeds.
    init?(_ scores: [(seed: UInt64, value: Double)]) {
      guard let summary = SeedSummary(scores.map(\.value)) else { return nil }
      (seeds, self.summary) = (scores.map(\.seed), summary)
    }

    func value(_ seed: UInt64) -> Double? { seeds.firstIndex(of: seed).map { summary.values[$0] } }
  }

  /// Resamples behind each interval, and behind each test.
  static let draws = 2000

  let columns: [Column]
  /// By row and column; nil where nothing is scored yet.
  private(set) var cells: [[Cell?]]
  /// By row, over the averaged columns of the seeds that have them all; nil where no seed has.
  private(set) var averages: [Cell?]
  /// Where the study draws its random numbers.
  private let key: RandomKey

  /// - Parameters:
  ///   - study: names the random numbers.
  ///   - rows: how many there are.
  ///   - scores: in points of the table, by row and column.
  init(
    _ study: String, columns: [Column], rows: Int,
    scores: (_ row: Int, _ column: Int) throws(GraftError) -> [(seed: UInt64, value: Double)]
  ) throws(GraftError) {
    self.columns = columns
    key = RandomKey(seed: 0).folded(study)
    (cells, averages) = ([], [])
    let averaged = columns.indices.filter { columns[$0].isAveraged }
    for row in 0..<rows {
      var line: [Cell?] = []
      for column in columns.indices { line.append(Cell(try scores(row, column))) }
      cells.append(line)
      let parts = averaged.compactMap { line[$0] }
      guard parts.count == averaged.count, let first = parts.first else {
        averages.append(nil)
        continue
      }
      averages.append(
        Cell(
          first.seeds.compactMap { seed in
            let values = parts.compactMap { $0.value(seed) }
            return values.count == parts.count ? (seed, values.reduce(0, +) / Double(values.count)) : nil
          }))
    }
  }

  /// Compares every row with one of them, Holm's adjustment over the rows of each column.
  /// - Parameter answers: of a row with a seed, in the order of the column's references.
  mutating func compare(
    with baseline: Int,
    answers: (_ row: Int, _ column: Int, _ seed: UInt64) throws(GraftError) -> [Prediction]
  ) throws(GraftError) {
    var baselines: [String: [Prediction]] = [:]
    func comparison(_ row: Int, _ column: Int, _ seeds: [UInt64]) throws(GraftError) -> SeededComparison? {
      guard let references = columns[column].references else { return nil }
      var (first, second): ([[Prediction]], [[Prediction]]) = ([], [])
      for seed in seeds {
        let place = "\(column) \(seed)"
        let known = if let found = baselines[place] { found } else { try answers(baseline, column, seed) }
        baselines[place] = known
        first.append(known)
        second.append(try answers(row, column, seed))
      }
      return try Self.comparison(
        columns[column].metric, first, second, references, key: key.folded(columns[column].name))
    }
    for row in cells.indices where row != baseline {
      // The seeds and the comparison of each averaged column, to be used again for the average.
      var found: [Int: (seeds: [UInt64], comparison: SeededComparison)] = [:]
      for column in columns.indices {
        guard let own = cells[row][column], let other = cells[baseline][column] else { continue }
        let shared = own.seeds.filter(other.seeds.contains)
        guard !shared.isEmpty, let made = try comparison(row, column, shared) else { continue }
        found[column] = (shared, made)
        cells[row][column]?.versus = SeededDifference(made, shared)
        let differences = shared.compactMap { seed in
          own.value(seed).flatMap { value in other.value(seed).map { value - $0 } }
        }
        cells[row][column]?.overSeeds = SeedSummary(differences)?.interval
      }
      guard let own = averages[row], let other = averages[baseline] else { continue }
      let shared = own.seeds.filter(other.seeds.contains)
      guard !shared.isEmpty else { continue }
      var parts: [SeededComparison] = []
      let averaged = columns.indices.filter { columns[$0].isAveraged }
      for column in averaged {
        if let known = found[column], known.seeds == shared {
          parts.append(known.comparison)
        } else if let made = try comparison(row, column, shared) {
          parts.append(made)
        }
      }
      guard parts.count == averaged.count, let mean = SeededComparison.mean(parts) else { continue }
      averages[row]?.versus = SeededDifference(mean, shared)
    }
    for column in columns.indices {
      let adjusted = Self.adjusted(cells.map { $0[column]?.versus })
      for row in cells.indices { cells[row][column]?.versus = adjusted[row] }
    }
    let adjusted = Self.adjusted(averages.map { $0?.versus })
    for row in cells.indices { averages[row]?.versus = adjusted[row] }
  }

  /// How the second models differ from the first, seed by seed, in points of the table; nil if that cannot be tested.
  static func comparison(
    _ metric: any Metric, _ first: [[Prediction]], _ second: [[Prediction]], _ references: [Reference], key: RandomKey
  ) throws(GraftError) -> SeededComparison? {
    try metric.compare(
      seeds: first, second, references, bootstrap: BootstrapOptions(resamples: draws, key: key)
    )?.scaled(by: metric.displayFactor)
  }

  /// The same with Holm's adjustment over all of them; nil stays nil and does not count.
  static func adjusted(_ differences: [SeededDifference?]) -> [SeededDifference?] {
    var rest = holmAdjusted(differences.compactMap { $0?.p })[...]
    return differences.map { difference in
      guard var difference else { return nil }
      difference.holm = rest.removeFirst()
      return difference
    }
  }
}

/// How a model differs from the baseline on the same examples with the same seeds.
struct SeededDifference: Codable, Sendable, Hashable {
  /// In points of the table, model − baseline, mean over the seeds both have.
  var difference: Double
  /// Over resampled examples.
  var interval: Interval?
  /// Two-sided, of approximate randomisation over examples.
  var p: Double
  /// The same after Holm's adjustment over the rows of the table.
  var holm: Double
  var seeds: [UInt64]

  var isSignificant: Bool { holm < 0.05 }

  init(_ found: SeededComparison, _ seeds: [UInt64]) {
    (difference, interval, p, holm) = (found.difference, found.interval, found.p, found.p)
    self.seeds = seeds
  }
}
