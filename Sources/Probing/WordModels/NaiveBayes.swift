import Foundation

/// Multinomial naive Bayes over the presences of features: log P(c) + Σ log P(f | c), P(f | c) = (1 + texts of c with
/// f) / (features + all presences in texts of c). Features that no training text has say nothing.
struct NaiveBayes {
  private let prior: [Double]
  /// features × classes, log P(f | c); 0 for features that were not met.
  private let likelihood: [Double]

  init(_ texts: FeatureRows, chosen: [Int], labels: [Int], classCount: Int) {
    let isKnown = Self.known(texts, chosen)
    let known = Double(isKnown.count(where: \.self))
    var counts = [Double](repeating: 1, count: texts.featureCount * classCount)
    var sizes = [Double](repeating: 0, count: classCount)
    var totals = [Double](repeating: known, count: classCount)
    for index in chosen {
      sizes[labels[index]] += 1
      for feature in texts[index] {
        counts[Int(feature) * classCount + labels[index]] += 1
        totals[labels[index]] += 1
      }
    }
    prior = sizes.map { log($0 / Double(chosen.count)) }
    likelihood = counts.indices.map { isKnown[$0 / classCount] ? log(counts[$0] / totals[$0 % classCount]) : 0 }
  }

  /// Whether some training text has each feature.
  static func known(_ texts: FeatureRows, _ chosen: [Int]) -> [Bool] {
    var isKnown = [Bool](repeating: false, count: texts.featureCount)
    for index in chosen { for feature in texts[index] { isKnown[Int(feature)] = true } }
    return isKnown
  }

  /// Of the classes, up to a term that all share.
  func logarithms(_ features: some Collection<Int32>) -> [Double] {
    var scores = prior
    for feature in features {
      for label in scores.indices { scores[label] += likelihood[Int(feature) * scores.count + label] }
    }
    return scores
  }

  /// log(p / |p|) − log(q / |q|) of each feature, p = 1 + the texts of one class that have it, q of all others
  /// (Wang & Manning 2012, equation 1); 0 for features that no training text has.
  static func logCountRatios(_ texts: FeatureRows, chosen: [Int], positive: [Bool], isKnown: [Bool]) -> [Double] {
    var p = isKnown.map { $0 ? 1.0 : 0 }
    var q = p
    for index in chosen {
      for feature in texts[index] {
        if positive[index] { p[Int(feature)] += 1 } else { q[Int(feature)] += 1 }
      }
    }
    let (sumP, sumQ) = (p.reduce(0, +), q.reduce(0, +))
    return zip(p, q).map { $0 > 0 ? log($0 / sumP) - log($1 / sumQ) : 0 }
  }
}
