/// One unit of a state, and how it tells two or more classes apart by one threshold.
public struct UnitThreshold: Sendable, Hashable, Codable {
  /// Its column.
  public var unit: Int
  /// Below and at it one class is answered, above it another.
  public var threshold: Double
  /// The classes, as indices of the task's choices.
  public var below, above: Int
  /// How often that is right of what the threshold was chosen on, 0 to 1.
  public var trainingAccuracy: Double

  /// The answers to some vectors.
  public func answers(_ states: StateMatrix) -> [Int] {
    states.column(unit).map { $0 <= threshold ? below : above }
  }

  /// The best threshold of a unit.
  public init(_ unit: Int, of states: StateMatrix, labels: [Int], classCount: Int) {
    let values = states.column(unit)
    let stump = DecisionStump(values: values, labels: labels, classCount: classCount)
    self.unit = unit
    // No threshold parts anything: JSON has no infinite numbers, and the greatest value says the same.
    threshold = stump.threshold.isFinite ? stump.threshold : values.max() ?? 0
    (below, above) = (stump.below, stump.above)
    trainingAccuracy =
      Double(zip(values, labels).count { stump($0) == $1 }) / Double(max(1, labels.count))
  }

  /// Of two the one that is right more often where its threshold was chosen; of equal ones the lower unit.
  public static func better(_ first: UnitThreshold, _ second: UnitThreshold) -> UnitThreshold {
    (second.trainingAccuracy, -second.unit) > (first.trainingAccuracy, -first.unit) ? second : first
  }
}

/// How the values of a unit are distributed in every class.
public struct UnitHistogram: Sendable, Hashable, Codable {
  /// Bounds of the bins, one more than there are.
  public var edges: [Double]
  /// By class, then by bin.
  public var counts: [[Int]]

  /// - Parameter bins: of equal width, from the least value to the greatest.
  public init(_ values: [Double], labels: [Int], classCount: Int, bins: Int = 24) {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let width = high > low ? (high - low) / Double(bins) : 1 / Double(bins)
    edges = (0...bins).map { low + Double($0) * width }
    counts = [[Int]](repeating: [Int](repeating: 0, count: bins), count: classCount)
    for (value, label) in zip(values, labels) { counts[label][min(bins - 1, Int((value - low) / width))] += 1 }
  }
}
