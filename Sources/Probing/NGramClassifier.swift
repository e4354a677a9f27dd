import Foundation
import Randomness

/// Multinomial logistic regression on the presence of word n-grams, trained by AdaGrad (Duchi et al. 2011).
/// A yardstick: what a model without word order, syntax or pretraining gets out of the same examples.
public struct NGramClassifier: Sendable {
  /// The values are one choice for all tasks: the best mean of the primary metric on the validation splits of
  /// sst2, cola, mrpc, rte and nli among those tried, which Docs/RESULTS.md lists.
  public struct Options: Sendable, Hashable {
    /// The longest n-grams; 2 means words and pairs of words.
    public var order = 2
    public var epochs = 6
    public var learningRate: Float = 0.3
    /// Strength of the L2 penalty, relative to the loss of one example.
    public var penalty: Float = 1e-4
    /// n-grams in fewer training texts than this are left out.
    public var minimumCount = 1
    /// Determines the order of the examples, the only random choice there is.
    public var key = RandomKey(seed: 0)

    public init() {}
  }

  /// Row of each known n-gram.
  private var rows: [UInt64: Int32]
  /// rows × classes.
  private var weights: [Float]
  private var biases: [Float]
  private let features: NGramFeatures

  public var classCount: Int { biases.count }

  /// - Precondition: as many labels as texts, each in `0..<classCount`.
  public static func train(
    texts: [String], labels: [Int], classCount: Int, options: Options = Options()
  ) -> NGramClassifier {
    train(parts: texts.map { [$0] }, labels: labels, classCount: classCount, options: options)
  }

  /// Trains on texts in several parts, such as premise and hypothesis, whose words are told apart.
  ///
  /// - Precondition: as many labels as texts, each in `0..<classCount`.
  public static func train(
    parts texts: [[String]], labels: [Int], classCount: Int, options: Options = Options()
  ) -> NGramClassifier {
    precondition(
      texts.count == labels.count, "NGramClassifier: \(texts.count) texts, \(labels.count) labels")
    precondition(
      labels.allSatisfy { (0..<classCount).contains($0) },
      "NGramClassifier: a label is not in 0..<\(classCount)")
    var model = NGramClassifier(
      rows: [:], weights: [], biases: [Float](repeating: 0, count: classCount),
      features: NGramFeatures(order: max(1, options.order)))
    let hashes = texts.map { model.features($0) }
    model.collect(hashes, minimumCount: options.minimumCount)
    model.weights = [Float](repeating: 0, count: model.rows.count * classCount)
    let examples = hashes.map { model.rows(of: $0) }
    model.fit(examples, labels, options)
    return model
  }

  /// The most probable class; the lowest of equally probable ones.
  public func predict(_ text: String) -> Int { predict(parts: [text]) }

  public func predict(parts: [String]) -> Int {
    let scores = logarithms(parts: parts)
    var best = 0
    for index in scores.indices where scores[index] > scores[best] { best = index }
    return best
  }

  /// Log-probabilities of the classes.
  public func logarithms(parts: [String]) -> [Double] {
    let present = rows(of: features(parts))
    // As in training: the vector of presences has length 1.
    let scale = present.isEmpty ? 0 : 1 / Float(present.count).squareRoot()
    var scores = biases
    for row in present {
      for index in scores.indices { scores[index] += scale * weights[Int(row) * classCount + index] }
    }
    let greatest = Double(scores.max() ?? 0)
    let total = scores.reduce(0.0) { $0 + exp(Double($1) - greatest) }
    return scores.map { Double($0) - greatest - log(total) }
  }

  private mutating func collect(_ hashes: [[UInt64]], minimumCount: Int) {
    var counts: [UInt64: Int32] = [:]
    for text in hashes { for hash in text { counts[hash, default: 0] += 1 } }
    // In order of first appearance, not of the dictionary, which differs from run to run.
    for text in hashes {
      for hash in text where rows[hash] == nil && Int(counts[hash] ?? 0) >= minimumCount {
        rows[hash] = Int32(rows.count)
      }
    }
  }

  private func rows(of hashes: [UInt64]) -> [Int32] { hashes.compactMap { rows[$0] } }

  private mutating func fit(_ examples: [[Int32]], _ labels: [Int], _ options: Options) {
    let classes = classCount
    var squares = [Float](repeating: 1e-8, count: weights.count)
    var biasSquares = [Float](repeating: 1e-8, count: classes)
    var errors = [Float](repeating: 0, count: classes)
    let rate = options.learningRate
    let penalty = options.penalty
    for epoch in 0..<options.epochs {
      var generator = options.key.folded("n-grams").folded(epoch).generator()
      for index in generator.permutation(examples.count) {
        let present = examples[index]
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
