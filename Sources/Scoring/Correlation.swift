import Records
import Support

/// A predicted number beside the true one.
public struct NumberPair: Sendable, Hashable {
  /// What was answered; −1 for an answer that is no number.
  public var prediction: Double
  /// The true number; finite.
  public var reference: Double

  /// A predicted number and the true one.
  public init(prediction: Double, reference: Double) {
    self.prediction = prediction
    self.reference = reference
  }

  /// An answer that is not a number counts as −1, as T5 has it.
  init(_ prediction: Prediction, _ reference: Reference, metric: String) throws(GraftError) {
    guard let gold = reference.number, gold.isFinite else {
      throw GraftError(.badData, "\(metric) needs references that are numbers; got '\(reference.text)'")
    }
    self.init(prediction: parsedNumber(prediction.text) ?? -1, reference: gold)
  }
}

/// The finite number a text spells, white space around it aside.
public func parsedNumber(_ text: String) -> Double? {
  let trimmed = text.drop { $0.isWhitespace }
  guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }),
    let value = Double(trimmed[...last]), value.isFinite
  else { return nil }
  return value
}

/// Pearson's r; undefined where either side is constant, as in scipy.
public struct Pearson: Metric {
  public let name = "pearson"
  public let signature = "pearson|invalid:-1"
  public var input: MetricInput { .numbers }

  /// There is nothing to choose.
  public init() {}

  public func statistic(
    prediction: Prediction, reference: Reference
  ) throws(GraftError) -> NumberPair {
    try NumberPair(prediction, reference, metric: name)
  }

  public func score(_ statistics: [NumberPair], multiplicities: [Int]) -> Double {
    correlation(statistics, multiplicities)
  }
}

/// Spearman's rho: Pearson's r of the ranks, ties by average rank, as in scipy.
public struct Spearman: Metric {
  public let name = "spearman"
  public let signature = "spearman|ties:average|invalid:-1"
  public var input: MetricInput { .numbers }

  /// There is nothing to choose.
  public init() {}

  public func statistic(
    prediction: Prediction, reference: Reference
  ) throws(GraftError) -> NumberPair {
    try NumberPair(prediction, reference, metric: name)
  }

  public func score(_ statistics: [NumberPair], multiplicities: [Int]) -> Double {
    let predictions = ranks(statistics.map(\.prediction), multiplicities)
    let references = ranks(statistics.map(\.reference), multiplicities)
    let pairs = zip(predictions, references).map { NumberPair(prediction: $0, reference: $1) }
    return correlation(pairs, multiplicities)
  }
}

/// Average ranks, from 1, of values that occur several times each.
///
/// Worked example: values [7 3 7] occurring [1 2 1] times are 3 3 7 7, so their ranks are [3.5 1.5 3.5].
func ranks(_ values: [Double], _ multiplicities: [Int]) -> [Double] {
  var order = Array(values.indices)
  order.sort { values[$0] < values[$1] }
  var result = [Double](repeating: 0, count: values.count)
  var below = 0
  var start = 0
  while start < order.count {
    var end = start
    var tied = 0
    while end < order.count, values[order[end]] == values[order[start]] {
      tied += multiplicities[order[end]]
      end += 1
    }
    let rank = Double(below) + Double(tied + 1) / 2
    for place in start..<end { result[order[place]] = rank }
    below += tied
    start = end
  }
  return result
}

/// The numbers of a side brought to about 1 by a power of two, which rounds nothing and leaves a correlation what it
/// is, so that squares neither overflow nor vanish.
private func scaled(_ pairs: [NumberPair], _ side: WritableKeyPath<NumberPair, Double>) -> [NumberPair] {
  let greatest = pairs.reduce(0) { max($0, abs($1[keyPath: side])) }
  guard greatest > 0 else { return pairs }
  return pairs.map { pair in
    var pair = pair
    pair[keyPath: side] = Double(
      sign: .plus, exponent: -greatest.exponent, significand: pair[keyPath: side])
    return pair
  }
}

private func correlation(_ pairs: [NumberPair], _ multiplicities: [Int]) -> Double {
  let pairs = scaled(scaled(pairs, \.prediction), \.reference)
  var total = 0.0
  var predictionSum = 0.0
  var referenceSum = 0.0
  var first: NumberPair?
  var predictionVaries = false
  var referenceVaries = false
  for (pair, multiplicity) in zip(pairs, multiplicities) where multiplicity > 0 {
    if let first {
      predictionVaries = predictionVaries || pair.prediction != first.prediction
      referenceVaries = referenceVaries || pair.reference != first.reference
    } else {
      first = pair
    }
    total += Double(multiplicity)
    predictionSum += Double(multiplicity) * pair.prediction
    referenceSum += Double(multiplicity) * pair.reference
  }
  // Compared exactly: a rounded mean can leave a constant side with a tiny spread.
  guard predictionVaries, referenceVaries else { return .nan }
  let predictionMean = predictionSum / total
  let referenceMean = referenceSum / total
  var covariance = 0.0
  var predictionSpread = 0.0
  var referenceSpread = 0.0
  for (pair, multiplicity) in zip(pairs, multiplicities) {
    let x = pair.prediction - predictionMean
    let y = pair.reference - referenceMean
    covariance += Double(multiplicity) * x * y
    predictionSpread += Double(multiplicity) * x * x
    referenceSpread += Double(multiplicity) * y * y
  }
  let value = covariance / (predictionSpread.squareRoot() * referenceSpread.squareRoot())
  return max(-1, min(1, value))
}
