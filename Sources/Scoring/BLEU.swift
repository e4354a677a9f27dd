import Foundation
import Records
import Support

/// Corpus BLEU of order 4 (Papineni et al. 2002), exponential smoothing, equal to sacreBLEU (Post 2018). 0 to 100. An
/// n-gram counts as often as the one of several references that has it most; r is the length of the one that is closest
/// to the prediction, of equally close ones the shorter.
///
/// BP · exp(¼ Σ log pₙ), pₙ the share of the predictions' n-grams that the references have, BP = exp(1 − r/h) where the
/// predictions' words h are fewer than the references' r.
public struct BLEU: Metric {
  /// Counts of one sentence, or of many added up; lanes are the orders 1 to 4.
  public struct Counts: Sendable, Hashable {
    /// n-grams of the prediction that the reference has too, clipped to how often it has them.
    public var matches = SIMD4<Int>()
    /// n-grams of the prediction.
    public var totals = SIMD4<Int>()
    /// Words of the prediction.
    public var predictionLength = 0
    /// Words of the reference, of several of the one closest in length.
    public var referenceLength = 0
  }

  /// How texts are cut into words; it is part of the metric's name.
  public let tokenizer: BLEUTokenizer
  /// Whether both texts are brought to lower case first.
  public var lowercase: Bool

  /// BLEU with sacreBLEU's defaults: mteval-v13a words, case as it is.
  public init(tokenizer: BLEUTokenizer = .mteval13a, lowercase: Bool = false) {
    self.tokenizer = tokenizer
    self.lowercase = lowercase
  }

  public static var options: [MetricOption<BLEU>] {
    [.flag("lowercase", \.lowercase)]
  }

  public var name: String {
    switch tokenizer {
    case .mteval13a: "bleu"
    case .international: "bleu-intl"
    case .characters: "bleu-char"
    }
  }

  public var takesSeveralReferences: Bool { true }

  /// In sacreBLEU's format; the version is of this implementation.
  public var signature: String { signature(for: []) }

  public func signature(for references: [Reference]) -> String {
    "nrefs:\(referenceCount(references))|case:\(lowercase ? "lc" : "mixed")|eff:no|tok:\(tokenizer.rawValue)|smooth:exp|version:graft-1"
  }

  public var displayFactor: Double { 1 }

  public func statistic(prediction: Prediction, reference: Reference) -> Counts {
    var numbers = WordNumbers<[Unicode.Scalar]>()
    func words(_ text: String) -> [[Unicode.Scalar]] {
      tokenizer.words(lowercase ? lowercased(text) : text)
    }
    let hypothesis = numbers.number(words(prediction.text))
    let golds = reference.texts.map { numbers.number(words($0)) }
    var counts = Counts()
    counts.predictionLength = hypothesis.count
    counts.referenceLength =
      golds.map(\.count).min { (abs($0 - hypothesis.count), $0) < (abs($1 - hypothesis.count), $1) } ?? 0
    for order in 1...4 {
      counts.totals[order - 1] = max(0, hypothesis.count - order + 1)
      let wanted = golds.reduce(into: [SIMD4<Int32>: Int]()) {
        $0.merge(ngrams($1, order), uniquingKeysWith: max)
      }
      counts.matches[order - 1] = shared(ngrams(hypothesis, order), wanted)
    }
    return counts
  }

  public func score(_ statistics: [Counts], multiplicities: [Int]) -> Double {
    let counts = total(statistics, multiplicities)
    guard multiplicities.contains(where: { $0 > 0 }) else { return .nan }
    let precisions = precisions(counts)
    guard (0..<4).allSatisfy({ precisions[$0] > 0 }) else { return 0 }
    let logarithms = (0..<4).reduce(0.0) { $0 + log(precisions[$1]) }
    return brevityPenalty(counts) * exp(logarithms / 4)
  }

  public func details(_ statistics: [Counts], multiplicities: [Int]) -> [String: Double] {
    let counts = total(statistics, multiplicities)
    let precisions = precisions(counts)
    var result = [
      "brevity-penalty": brevityPenalty(counts),
      "prediction-length": Double(counts.predictionLength),
      "reference-length": Double(counts.referenceLength),
    ]
    for order in 1...4 { result["precision-\(order)"] = precisions[order - 1] }
    return result
  }

  private func total(_ statistics: [Counts], _ multiplicities: [Int]) -> Counts {
    var sum = Counts()
    for (counts, multiplicity) in zip(statistics, multiplicities) where multiplicity > 0 {
      sum.matches &+= counts.matches &* multiplicity
      sum.totals &+= counts.totals &* multiplicity
      sum.predictionLength += counts.predictionLength * multiplicity
      sum.referenceLength += counts.referenceLength * multiplicity
    }
    return sum
  }

  /// In per cent. The k-th order without a match gets 1 / (2^k · n-grams); without any match all are 0.
  private func precisions(_ counts: Counts) -> SIMD4<Double> {
    var result = SIMD4<Double>()
    guard counts.matches != SIMD4<Int>() else { return result }
    var halvings = 1.0
    for order in 0..<4 where counts.totals[order] > 0 {
      if counts.matches[order] == 0 {
        halvings *= 2
        result[order] = 100 / (halvings * Double(counts.totals[order]))
      } else {
        result[order] = 100 * Double(counts.matches[order]) / Double(counts.totals[order])
      }
    }
    return result
  }

  private func brevityPenalty(_ counts: Counts) -> Double {
    if counts.predictionLength >= counts.referenceLength { return 1 }
    if counts.predictionLength == 0 { return 0 }
    return exp(1 - Double(counts.referenceLength) / Double(counts.predictionLength))
  }
}
