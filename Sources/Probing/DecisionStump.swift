/// The best decision by one threshold of one number: one class at or below it, another above it.
///
/// Worked example: values 1 2 3 4 of classes 0 0 1 1: 0 up to 2, 1 above it, four of four right. With values 1 1 1 1
/// nothing can be parted, and the stump is the most frequent class.
struct DecisionStump: Sendable, Hashable {
  /// Infinite where one class is best for all.
  var threshold: Double
  var below: Int
  var above: Int

  /// The stump that is right most often; of equally good ones that with the smallest threshold.
  init(values: [Double], labels: [Int], classCount: Int) {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var right = [Int](repeating: 0, count: classCount)
    for label in labels { right[label] += 1 }
    var left = [Int](repeating: 0, count: classCount)
    let majority = right.greatestCount
    var best = right[majority]
    (threshold, below, above) = (.infinity, majority, majority)
    for (place, index) in order.enumerated() {
      left[labels[index]] += 1
      right[labels[index]] -= 1
      guard place + 1 < order.count, values[order[place + 1]] > values[index] else { continue }
      let (lower, upper) = (left.greatestCount, right.greatestCount)
      if left[lower] + right[upper] > best {
        best = left[lower] + right[upper]
        (threshold, below, above) = (values[index], lower, upper)
      }
    }
  }

  func callAsFunction(_ value: Double) -> Int { value <= threshold ? below : above }
}

/// The area under the ROC curve: the probability that a random positive has a greater value than a random negative,
/// equal values counting one half (Mann and Whitney 1947).
///
/// Worked example: positives 1 3, negatives 2 2: of four pairs two are won, none is tied: .5. Positives 2 3, negatives
/// 1 2: three won, one tied: .875.
enum AreaUnderCurve {
  /// A value with whether it is of a positive.
  struct Cell: Hashable, Sendable {
    var value: Double
    var isPositive: Bool
  }

  /// Of a collection in which `cells[i]` occurs `multiplicities[i]` times; NaN without positives or negatives.
  ///
  /// - Parameter order: of the cells by value.
  static func area(_ cells: [Cell], _ multiplicities: [Int], order: [Int]) -> Double {
    var (won, negatives, positives) = (0.0, 0.0, 0.0)
    var start = 0
    while start < order.count {
      var end = start
      var (tiedPositives, tiedNegatives) = (0.0, 0.0)
      while end < order.count, cells[order[end]].value == cells[order[start]].value {
        let count = Double(multiplicities[order[end]])
        if cells[order[end]].isPositive { tiedPositives += count } else { tiedNegatives += count }
        end += 1
      }
      won += tiedPositives * (negatives + tiedNegatives / 2)
      positives += tiedPositives
      negatives += tiedNegatives
      start = end
    }
    return positives > 0 && negatives > 0 ? won / (positives * negatives) : .nan
  }

  static func order(_ cells: [Cell]) -> [Int] {
    cells.indices.sorted { (cells[$0].value, $0) < (cells[$1].value, $1) }
  }
}

extension [Int] {
  /// The place of the greatest count, the first of equal ones.
  fileprivate var greatestCount: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
