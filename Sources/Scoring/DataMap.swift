/// What training did to one example (Swayamdipta et al. 2020, "Dataset cartography", section 2, and the authors' code).
///
/// Worked example: p(gold) .2, .6, .7 and wrong, right, right give confidence .5, variability .2160 (the deviation of
/// the population, √(.14/3)), correctness 2, forgetfulness 0 and threshold closeness .25.
public struct DataMapPoint: Sendable, Hashable, Codable {
  /// The forgetfulness of an example that was never answered right.
  public static let neverLearned = 1000

  /// The example's identifier, in the data of its task.
  public var identifier: String
  /// Mean probability of the right answer over the measurements.
  public var confidence: Double
  /// Its standard deviation, that of the population.
  public var variability: Double
  /// In how many measurements the answer was right.
  public var correctness: Int
  /// How often a right answer became a wrong one; 1000 if it never was right (Toneva et al. 2019).
  public var forgetfulness: Int
  /// confidence · (1 − confidence).
  public var thresholdCloseness: Double

  /// - Parameters:
  ///   - gold: the probability of the right answer, by measurement.
  ///   - right: whether the answer was right.
  /// - Precondition: equally many of both, at least one.
  public init(identifier: String, gold: [Double], right: [Bool]) {
    precondition(!gold.isEmpty && gold.count == right.count, "DataMapPoint: \(gold.count), \(right.count)")
    self.identifier = identifier
    let count = Double(gold.count)
    let mean = gold.reduce(0, +) / count
    confidence = mean
    variability = (gold.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    correctness = right.count { $0 }
    thresholdCloseness = mean * (1 - mean)
    forgetfulness =
      right.contains(true)
      ? zip(right, right.dropFirst()).count { before, after in before && !after } : Self.neverLearned
  }
}

/// The examples of a training set by what training did to them.
public struct DataMap: Sendable, Hashable {
  /// The regions of the map. They are shares of a ranking and may overlap.
  public enum Region: String, Sendable, Hashable, Codable, CaseIterable {
    /// The highest confidence.
    case easy
    /// The highest variability.
    case ambiguous
    /// The lowest confidence.
    case hard
  }

  /// In the order of the training data.
  public var points: [DataMapPoint]
  /// How often every example was measured.
  public var measurements: Int

  /// The points of one training run, each over as many measurements.
  public init(_ points: [DataMapPoint], measurements: Int) {
    self.points = points
    self.measurements = measurements
  }

  /// The share of the examples that is furthest in a region, furthest first; of equals the earlier one.
  ///
  /// - Parameter fraction: from 0 to 1; the number of examples is rounded down, as the authors do.
  public func region(_ region: Region, fraction: Double) -> [DataMapPoint] {
    func rank(_ point: DataMapPoint) -> Double {
      switch region {
      case .easy: -point.confidence
      case .ambiguous: -point.variability
      case .hard: point.confidence
      }
    }
    let ranks = points.map(rank)
    let order = points.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
    let count = Int(max(0, min(1, fraction)) * Double(points.count))
    return order.prefix(count).map { points[$0] }
  }
}
