import Scoring

/// How studies tell whether their models differ.
enum Scoreboard {
  /// Resamples behind each interval, and behind each test.
  static let draws = 2000

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
