import Records
import Support

/// Character n-gram F-score of orders 1 to 6 with β = 2 (Popović 2015), white space ignored, pooled over the
/// corpus, equal to sacreBLEU's chrF2. 0 to 100. Of several references the one with which the prediction alone scores
/// best counts, of equals the first.
///
/// (1 + β²) P R / (β² P + R), where P and R are means over the orders that both sides have.
public struct ChrF: Metric {
  private static let orders = 6

  /// Per order: n-grams of the prediction, of the reference, and in both.
  public struct Counts: Sendable, Hashable {
    /// n-grams of the prediction; lane k is order k + 1, the last two lanes stay 0.
    public var prediction = SIMD8<Int>()
    /// n-grams of the reference.
    public var reference = SIMD8<Int>()
    /// n-grams in both, each as often as in the text that has it less often.
    public var matches = SIMD8<Int>()
  }

  /// Whether both texts are brought to lower case first.
  public var lowercase: Bool

  /// chrF2 as sacreBLEU has it by default, with case as it is.
  public init(lowercase: Bool = false) { self.lowercase = lowercase }

  public static var options: [MetricOption<ChrF>] {
    [.flag("lowercase", \.lowercase)]
  }

  public var name: String { "chrf" }

  public var takesSeveralReferences: Bool { true }

  /// In sacreBLEU's format; the version is of this implementation.
  public var signature: String { signature(for: []) }

  public func signature(for references: [Reference]) -> String {
    "nrefs:\(referenceCount(references))|case:\(lowercase ? "lc" : "mixed")|eff:yes|nc:6|nw:0|space:no|version:graft-1"
  }

  public var displayFactor: Double { 1 }

  public func statistic(prediction: Prediction, reference: Reference) -> Counts {
    let counts = reference.texts.map { statistic(prediction.text, $0) }
    guard counts.count > 1 else { return counts[0] }
    let scores = counts.map { score([$0], multiplicities: [1]) }
    return counts[scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }]
  }

  private func statistic(_ prediction: String, _ reference: String) -> Counts {
    func characters(_ text: String) -> [UInt32] {
      (lowercase ? lowercased(text) : text).unicodeScalars.filter { !$0.isSeparator }.map(\.value)
    }
    let hypothesis = characters(prediction)
    let gold = characters(reference)
    var counts = Counts()
    for order in 1...Self.orders {
      // A reference too short for an order says nothing about the prediction's n-grams of that order, so that they
      // do not count, as in sacreBLEU.
      guard gold.count >= order else { break }
      counts.prediction[order - 1] = max(0, hypothesis.count - order + 1)
      counts.reference[order - 1] = gold.count - order + 1
      counts.matches[order - 1] = shared(ngrams(hypothesis, order), ngrams(gold, order))
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
