import Foundation
import Randomness

/// Multinomial logistic regression on the presence of features, trained by AdaGrad (Duchi et al. 2011).
struct LinearClassifier: Sendable {
  /// features × classes.
  private var weights: [Float]
  private var biases: [Float]
  /// Whether a training text had the feature; one that none had says nothing and is left out of a text's length.
  private var isKnown: [Bool]

  var classCount: Int { biases.count }

  /// A classifier that finds all classes equally probable.
  init(featureCount: Int, classCount: Int) {
    weights = [Float](repeating: 0, count: featureCount * classCount)
    biases = [Float](repeating: 0, count: classCount)
    isKnown = [Bool](repeating: false, count: featureCount)
  }

  /// Trained on some of the texts.
  ///
  /// - Parameters:
  ///   - chosen: indices of the texts to train on.
  ///   - labels: of all texts.
  init(
    _ texts: FeatureRows, chosen: [Int], labels: [Int], classCount: Int, options: NGramClassifier.Options
  ) {
    self.init(featureCount: texts.featureCount, classCount: classCount)
    for index in chosen { for row in texts[index] { isKnown[Int(row)] = true } }
    fit(texts, chosen, labels, options)
  }

  /// Log-probabilities of the classes.
  func logarithms(_ features: some Collection<Int32>) -> [Double] {
    let present = features.count { isKnown[Int($0)] }
    // As in training: the vector of presences has length 1.
    let scale = present == 0 ? 0 : 1 / Float(present).squareRoot()
    var scores = biases
    for row in features where isKnown[Int(row)] {
      let base = Int(row) * classCount
      for label in scores.indices { scores[label] += scale * weights[base + label] }
    }
    let greatest = Double(scores.max() ?? 0)
    let total = scores.reduce(0.0) { $0 + exp(Double($1) - greatest) }
    return scores.map { Double($0) - greatest - log(total) }
  }

  private mutating func fit(
    _ texts: FeatureRows, _ chosen: [Int], _ labels: [Int], _ options: NGramClassifier.Options
  ) {
    let classes = classCount
    var squares = [Float](repeating: 1e-8, count: weights.count)
    var biasSquares = [Float](repeating: 1e-8, count: classes)
    var errors = [Float](repeating: 0, count: classes)
    let rate = options.learningRate
    let penalty = options.penalty
    for epoch in 0..<options.epochs {
      var generator = options.key.folded("n-grams").folded(epoch).generator()
      for place in generator.permutation(chosen.count) {
        let index = chosen[place]
        let present = texts[index]
        let scale = present.isEmpty ? 0 : 1 / Float(present.count).squareRoot()
        weights.withUnsafeMutableBufferPointer { weights in
          squares.withUnsafeMutableBufferPointer { squares in
            errors.withUnsafeMutableBufferPointer { errors in
              for label in 0..<classes { errors[label] = biases[label] }
              for row in present {
                let base = Int(row) * classes
                for label in 0..<classes { errors[label] += scale * weights[base + label] }
              }
              var greatest = errors[0]
              for label in 0..<classes { greatest = max(greatest, errors[label]) }
              var total: Float = 0
              for label in 0..<classes {
                errors[label] = exp(errors[label] - greatest)
                total += errors[label]
              }
              for label in 0..<classes { errors[label] /= total }
              errors[labels[index]] -= 1
              for row in present {
                let base = Int(row) * classes
                for label in 0..<classes {
                  let place = base + label
                  let gradient = scale * errors[label] + penalty * weights[place]
                  squares[place] += gradient * gradient
                  weights[place] -= rate * gradient / squares[place].squareRoot()
                }
              }
            }
          }
        }
        for label in 0..<classes {
          biasSquares[label] += errors[label] * errors[label]
          biases[label] -= rate * errors[label] / biasSquares[label].squareRoot()
        }
      }
    }
  }
}
