import Examples
import Support

/// Character n-gram F-score of orders 1 to 6 with β = 2 (Popović 2015), white space ignored, pooled over the
/// corpus, equal to sacreBLEU's chrF2. 0 to 100.
public struct ChrF: Metric {
  private static let orders = 6

  /// Per order: n-grams of the prediction, of the reference, and in both.
  public struct Counts: Sendable, Hashable {
    public var prediction = SIMD8<Int>()
    public var reference = SIMD8<Int>()
    public var matches = SIMD8<Int>()
  }

  public let name = "chrf"
  public let signature = "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:graft-1"

  public init() {}

  public var displayFactor: Double { 1 }

  public func statistic(prediction: Prediction, reference: Reference) -> Counts {
    let hypothesis = prediction.text.unicodeScalars.filter { !$0.isSeparator }
    let gold = reference.text.unicodeScalars.filter { !$0.isSeparator }
    let hypothesisScalars = hypothesis.map(\.value)
    let goldScalars = gold.map(\.value)
    var counts = Counts()
    for order in 1...Self.orders {
      let found = ngrams(hypothesisScalars, order)
      let wanted = ngrams(goldScalars, order)
      counts.prediction[order - 1] = max(0, hypothesisScalars.count - order + 1)
      counts.reference[order - 1] = max(0, goldScalars.count - order + 1)
      counts.matches[order - 1] = found.reduce(0) { $0 + min($1.value, wanted[$1.key] ?? 0) }
    }
    return counts
  }

  public func score(_ statistics: [Counts], multiplicities: [Int]) -> Double {
    var sum = Counts()
    var examples = 0
    for (counts, multiplicity) in zip(statistics, multiplicities) where multiplicity > 0 {
      examples += multiplicity
      sum.prediction &+= counts.prediction &* multiplicity
      sum.reference &+= counts.reference &* multiplicity
      sum.matches &+= counts.matches &* multiplicity
    }
    guard examples > 0 else { return .nan }
    var precision = 0.0
    var recall = 0.0
    var effectiveOrders = 0.0
    for order in 0..<Self.orders where sum.prediction[order] > 0 && sum.reference[order] > 0 {
      precision += Double(sum.matches[order]) / Double(sum.prediction[order])
      recall += Double(sum.matches[order]) / Double(sum.reference[order])
      effectiveOrders += 1
    }
    guard precision + recall > 0 else { return 0 }
    precision /= effectiveOrders
    recall /= effectiveOrders
    let factor = 4.0
    return 100 * (1 + factor) * precision * recall / (factor * precision + recall)
  }
}

private func ngrams(_ scalars: [UInt32], _ order: Int) -> [SIMD8<UInt32>: Int] {
  guard scalars.count >= order else { return [:] }
  var counts: [SIMD8<UInt32>: Int] = [:]
  for start in 0...(scalars.count - order) {
    // No scalar has all bits set, so shorter n-grams differ from longer ones.
    var ngram = SIMD8<UInt32>(repeating: .max)
    for place in 0..<order { ngram[place] = scalars[start + place] }
    counts[ngram, default: 0] += 1
  }
  return counts
}
