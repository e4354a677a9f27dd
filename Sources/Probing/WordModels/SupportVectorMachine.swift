import Foundation
import Randomness

/// A linear support vector machine, min ½ |w|² + C Σ max(0, 1 − y w·x)² with the constant feature 1 for a bias, by dual
/// coordinate descent (Hsieh et al. 2008, algorithm 1, loss L2).
struct SupportVectorMachine {
  /// How far the greatest and the least slope may be apart at the end; LIBLINEAR's default.
  static let precision = 0.1
  private static let longest = 1000

  private var weights: [Double]
  private var bias = 0.0

  /// - Parameters:
  ///   - chosen: indices of the texts to train on.
  ///   - positive: of all texts, whether they are of the class.
  init(
    _ texts: FeatureRows, chosen: [Int], positive: [Bool], cost: Double, key: RandomKey,
    precision: Double = Self.precision
  ) {
    self.init(texts, chosen, positive, scale: nil, cost, key, precision)
  }

  /// - Parameter scale: what the presence of each feature counts; nil for 1. Weights are without it.
  private init(
    _ texts: FeatureRows, _ chosen: [Int], _ positive: [Bool], scale: [Double]?, _ cost: Double, _ key: RandomKey,
    _ precision: Double
  ) {
    weights = [Double](repeating: 0, count: texts.featureCount)
    let diagonal = 1 / (2 * cost)
    var alphas = [Double](repeating: 0, count: chosen.count)
    let norms = chosen.map { index in
      texts[index].reduce(1 + diagonal) { sum, feature in
        let value = scale?[Int(feature)] ?? 1
        return sum + value * value
      }
    }
    for iteration in 0..<Self.longest {
      var generator = key.folded("svm").folded(iteration).generator()
      var (least, greatest) = (Double.infinity, -Double.infinity)
      for place in generator.permutation(chosen.count) {
        let text = texts[chosen[place]]
        let sign = positive[chosen[place]] ? 1.0 : -1.0
        let gradient = sign * (bias + Self.product(weights, text, scale)) - 1 + diagonal * alphas[place]
        let projected = alphas[place] == 0 ? min(gradient, 0) : gradient
        (least, greatest) = (min(least, projected), max(greatest, projected))
        guard projected != 0 else { continue }
        let before = alphas[place]
        alphas[place] = max(0, before - gradient / norms[place])
        let step = (alphas[place] - before) * sign
        bias += step
        for feature in text { weights[Int(feature)] += step * (scale?[Int(feature)] ?? 1) }
      }
      if greatest - least < precision { break }
    }
  }

  /// NB-SVM: the machine over log-count ratios, w' = (1 − β) w̄ + β w with w̄ the mean of |w| (Wang & Manning 2012,
  /// section 2.3). So that it lies between naive Bayes and the machine as a whole, its bias does likewise,
  /// b' = (1 − β) w̄ log(N₊ / N₋) + β b: with b alone, classes of unequal size are missed.
  init(
    naiveBayes texts: FeatureRows, chosen: [Int], positive: [Bool], _ options: WordModelTexts.Options,
    precision: Double = Self.precision
  ) {
    let isKnown = NaiveBayes.known(texts, chosen)
    let ratios = NaiveBayes.logCountRatios(texts, chosen: chosen, positive: positive, isKnown: isKnown)
    self.init(texts, chosen, positive, scale: ratios, options.cost, options.key, precision)
    let mean = weights.reduce(0) { $0 + abs($1) } / Double(max(1, isKnown.count(where: \.self)))
    let size = Double(chosen.count { positive[$0] })
    let prior = log(max(size, 1) / max(Double(chosen.count) - size, 1))
    bias = (1 - options.interpolation) * mean * prior + options.interpolation * bias
    for feature in weights.indices {
      let weight = (1 - options.interpolation) * mean + options.interpolation * weights[feature]
      weights[feature] = weight * ratios[feature]
    }
  }

  /// Positive for the class.
  func decision(_ features: some Collection<Int32>) -> Double {
    features.reduce(bias) { $0 + weights[Int($1)] }
  }

  private static func product(_ weights: [Double], _ features: ArraySlice<Int32>, _ scale: [Double]?) -> Double {
    guard let scale else { return features.reduce(0) { $0 + weights[Int($1)] } }
    return features.reduce(0) { $0 + weights[Int($1)] * scale[Int($1)] }
  }
}
