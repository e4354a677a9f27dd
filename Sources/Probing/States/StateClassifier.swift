import CKernels
import Foundation
import Randomness

/// Multinomial logistic regression on dense vectors: the mean cross-entropy of the labels and a penalty of the weights,
/// not of the biases, by accelerated proximal gradients (FISTA, Beck & Teboulle 2009) that begin anew where they
/// overshoot (O'Donoghue & Candès 2015). Columns are standardised on the training vectors, so that a penalty weighs all
/// units alike. `LinearClassifier` is for words, of which a text has a few among very many.
public struct StateClassifier: Sendable {
  /// What keeps weights small.
  public enum Penalty: String, Sendable, Hashable, CaseIterable, Codable {
    /// λ Σ|w|, which leaves most weights at 0: the probe uses few units.
    case l1
    /// λ/2 Σw².
    case l2
  }

  /// Strengths λ that are tried, the strongest first.
  static let strengths = 8

  /// classes × stride, in standard deviations of the training vectors.
  let weights: [Float]
  let biases: [Float]
  private let scale: StateScale
  private let stride: Int
  /// λ.
  public let strength: Double

  /// A classifier whose λ is chosen by the cross-entropy of a fifth of the training vectors that the others were
  /// trained without; then it is trained on all. With L2 it is the λ of the least, with L1 the greatest λ within a
  /// standard error of the least (Breiman et al. 1984), so that units are used only for what they are worth.
  ///
  /// - Parameters:
  ///   - labels: one for each row, in `0..<classCount`.
  ///   - key: deals the fifths.
  /// - Precondition: as many labels as rows, at least one.
  public init(_ states: StateMatrix, labels: [Int], classCount: Int, penalty: Penalty, key: RandomKey) {
    precondition(states.rows == labels.count && !labels.isEmpty, "\(states.rows) vectors, \(labels.count) labels")
    let folds = PartialInputModels.folds(labels, count: 5, key: key.folded("penalty"))
    let kept = labels.indices.filter { folds[$0] != 0 }
    let held = labels.indices.filter { folds[$0] == 0 }
    func path(_ rows: [Int]) -> StatePath {
      StatePath(
        states.selecting(rows), labels: rows.map { labels[$0] }, classCount: classCount, penalty: penalty)
    }
    var losses: [(mean: Double, error: Double)] = []
    if !kept.isEmpty, !held.isEmpty {
      var trial = path(kept)
      let heldStates = states.selecting(held)
      let heldLabels = held.map { labels[$0] }
      for _ in 0..<Self.strengths {
        trial.advance()
        losses.append(trial.classifier.loss(heldStates, labels: heldLabels))
      }
    }
    let least = losses.min { $0.mean < $1.mean } ?? (0, 0)
    let most = least.mean + (penalty == .l1 ? least.error : 0)
    var final = path(Array(labels.indices))
    for _ in 0...(losses.firstIndex { $0.mean <= most } ?? 0) { final.advance() }
    self = final.classifier
  }

  init(weights: [Float], biases: [Float], scale: StateScale, stride: Int, strength: Double) {
    (self.weights, self.biases, self.scale) = (weights, biases, scale)
    (self.stride, self.strength) = (stride, strength)
  }

  /// How much each unit counts: the greatest absolute weight that it has in any class, for a change by its standard
  /// deviation.
  public var importances: [Double] {
    let width = scale.means.count
    return (0..<width).map { unit in
      biases.indices.reduce(0) { max($0, Double(abs(weights[$1 * stride + unit]))) }
    }
  }

  /// How many units have a weight.
  public var unitCount: Int { importances.count { $0 > 0 } }

  /// The likeliest class of every vector; the lowest of equally likely ones.
  public func answers(_ states: StateMatrix) -> [Int] {
    let scores = scores(states)
    return (0..<states.rows).map { row in
      biases.indices.reduce(0) { scores[row * biases.count + $1] > scores[row * biases.count + $0] ? $1 : $0 }
    }
  }

  /// The mean cross-entropy in nats, and its standard error.
  func loss(_ states: StateMatrix, labels: [Int]) -> (mean: Double, error: Double) {
    let scores = scores(states)
    let count = biases.count
    let losses = labels.indices.map { row in
      let own = scores[row * count..<(row + 1) * count].map { Double($0) }
      let greatest = own.max() ?? 0
      return greatest + log(own.reduce(0) { $0 + exp($1 - greatest) }) - own[labels[row]]
    }
    let size = Double(max(1, losses.count))
    let mean = losses.reduce(0, +) / size
    let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / size
    return (mean, (variance / size).squareRoot())
  }

  private func scores(_ states: StateMatrix) -> [Float] {
    let standard = states.standardized(by: scale)
    var scores = [Float](repeating: 0, count: states.rows * biases.count)
    scores.withUnsafeMutableBufferPointer { out in
      graft_linear_scores(
        standard.values, Int64(states.rows), Int64(stride), Int64(biases.count), weights, biases, out.baseAddress!)
    }
    return scores
  }
}

/// Solutions for ever weaker penalties, each begun where the last ended.
struct StatePath {
  private let states: StateMatrix
  private let labels: [Int32]
  private let classCount: Int
  private let penalty: StateClassifier.Penalty
  private let scale: StateScale
  /// The greatest slope of the loss where all weights are 0; an L1 penalty of it or more leaves them there.
  private var slope = 0.0
  /// An upper bound of the curvature without penalty.
  private let curvature: Double
  private var steps = 0
  private var weights: [Float]
  private var biases: [Float]

  private static let longest = 400
  /// How small, beside the greatest slope at 0, all slopes are at the end.
  private static let precision = 1e-3

  init(_ states: StateMatrix, labels: [Int], classCount: Int, penalty: StateClassifier.Penalty) {
    scale = StateScale(of: states)
    self.states = states.standardized(by: scale)
    self.labels = labels.map { Int32($0) }
    (self.classCount, self.penalty) = (classCount, penalty)
    weights = [Float](repeating: 0, count: classCount * states.stride)
    // Log-frequencies are the best biases without weights; a class that does not occur counts as half a time.
    var counts = [Double](repeating: 0.5, count: classCount)
    for label in labels { counts[label] += 1 }
    biases = counts.map { Float(log($0 / Double(labels.count))) }
    curvature = Self.curvature(of: self.states)
    slope = gradient(at: weights, biases).weights.reduce(0) { max($0, abs(Double($1))) }
  }

  /// λ of the last solution: half a power of ten less than that before.
  private var strength: Double { (penalty == .l1 ? slope : 1) * pow(10, -Double(steps) / 2) }

  var classifier: StateClassifier {
    StateClassifier(weights: weights, biases: biases, scale: scale, stride: states.stride, strength: strength)
  }

  /// Solves for the next λ.
  mutating func advance() {
    steps += 1
    guard slope > 0 else { return }
    let lambda = strength
    let rate = Float(1 / (curvature + (penalty == .l2 ? lambda : 0)))
    let threshold = penalty == .l1 ? Float(lambda) * rate : 0
    let shrinking = penalty == .l2 ? Float(lambda) : 0
    var (ahead, aheadBiases) = (weights, biases)
    var momentum = 1.0
    for _ in 0..<Self.longest {
      let found = gradient(at: ahead, aheadBiases)
      var (moved, turned) = (0.0, 0.0)
      let next = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
      let carried = Float((momentum - 1) / next)
      func step(_ from: Float, _ slope: Float, _ before: Float, _ threshold: Float, _ shrinking: Float) -> Float {
        let reached = from - rate * (slope + shrinking * from)
        let value = reached > threshold ? reached - threshold : reached < -threshold ? reached + threshold : 0
        moved = max(moved, Double(abs(value - from)))
        turned += Double(from - value) * Double(value - before)
        return value
      }
      var (values, valueBiases) = (weights, biases)
      for index in values.indices {
        values[index] = step(ahead[index], found.weights[index], weights[index], threshold, shrinking)
      }
      for index in valueBiases.indices {
        valueBiases[index] = step(aheadBiases[index], found.biases[index], biases[index], 0, 0)
      }
      if turned > 0 {
        (ahead, aheadBiases, momentum) = (values, valueBiases, 1)
      } else {
        for index in values.indices { ahead[index] = values[index] + carried * (values[index] - weights[index]) }
        for index in biases.indices {
          aheadBiases[index] = valueBiases[index] + carried * (valueBiases[index] - biases[index])
        }
        momentum = next
      }
      (weights, biases) = (values, valueBiases)
      if moved < Double(rate) * Self.precision * slope { break }
    }
  }

  /// Of the mean cross-entropy.
  private func gradient(at weights: [Float], _ biases: [Float]) -> (weights: [Float], biases: [Float]) {
    var sums = [Double](repeating: 0, count: weights.count + biases.count)
    var part = [Float](repeating: 0, count: sums.count)
    var scratch = [Float](repeating: 0, count: classCount)
    // Few rows at a time are added in single precision.
    let block = 512
    states.values.withUnsafeBufferPointer { values in
      labels.withUnsafeBufferPointer { labels in
        part.withUnsafeMutableBufferPointer { part in
          for start in Swift.stride(from: 0, to: states.rows, by: block) {
            part.update(repeating: 0)
            _ = graft_softmax_regression(
              values.baseAddress! + start * states.stride, labels.baseAddress! + start,
              Int64(min(block, states.rows - start)), Int64(states.stride), Int64(classCount), weights, biases,
              part.baseAddress!, part.baseAddress! + weights.count, &scratch)
            for index in part.indices { sums[index] += Double(part[index]) }
          }
        }
      }
    }
    let mean = sums.map { Float($0 / Double(states.rows)) }
    return (Array(mean.prefix(weights.count)), Array(mean.suffix(biases.count)))
  }

  /// Half the greatest eigenvalue of XᵀX / n with a column of ones, for the Hessian of softmax's logarithm has none
  /// above ½ (Böhning 1992); by powers of a fixed vector, and a little more.
  private static func curvature(of states: StateMatrix) -> Double {
    let width = states.stride
    var direction = (0...width).map { Double($0 % 7) + 1 }
    var value = 1.0
    states.values.withUnsafeBufferPointer { values in
      for _ in 0..<20 {
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let unit = direction.map { Float($0 / length) }
        var sums = [Double](repeating: 0, count: width + 1)
        let bias = [unit[width]]
        unit.withUnsafeBufferPointer { unit in
          sums.withUnsafeMutableBufferPointer { sums in
            for row in 0..<states.rows {
              let vector = values.baseAddress! + row * width
              var product: Float = 0
              graft_linear_scores(vector, 1, Int64(width), 1, unit.baseAddress!, bias, &product)
              for column in 0..<width { sums[column] += Double(product * vector[column]) }
              sums[width] += Double(product)
            }
          }
        }
        direction = sums.map { $0 / Double(states.rows) }
        value = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard value > 0 else { break }
      }
    }
    return 0.5 * 1.1 * max(value, 1e-6)
  }
}
