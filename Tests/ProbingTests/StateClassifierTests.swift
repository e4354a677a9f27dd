import CKernels
import Foundation
import Randomness
import TestSupport
import Testing

@testable import Probing

/// Logistic regression on dense vectors.
@Suite struct StateClassifierTests {
  /// Vectors of normal numbers.
  static func noise(_ rows: Int, _ width: Int, _ key: RandomKey) -> [Float] {
    var generator = key.generator()
    return (0..<rows * width).map { _ in Float(generator.normalPair().0) }
  }

  static func labels(_ rows: Int, classes: Int = 2, _ key: RandomKey) -> [Int] {
    var generator = key.generator()
    return (0..<rows).map { _ in generator.below(classes) }
  }

  private func accuracy(_ probe: StateClassifier, _ states: StateMatrix, _ labels: [Int]) -> Double {
    let answers = probe.answers(states)
    return Double(zip(answers, labels).count { $0 == $1 }) / Double(labels.count)
  }

  /// One unit of 24 has the label and noise; it is found, alone but for few, and what it tells is told of others, too.
  @Test(arguments: StateClassifier.Penalty.allCases) func aPlantedUnitIsFound(_ penalty: StateClassifier.Penalty) {
    let key = RandomKey(seed: 3)
    let (rows, width, unit) = (600, 24, 17)
    var values = Self.noise(2 * rows, width, key.folded("values"))
    let labels = Self.labels(2 * rows, key.folded("labels"))
    for row in labels.indices { values[row * width + unit] += 3 * Float(labels[row]) }
    let half = rows * width
    let (states, others) = (
      StateMatrix(Array(values[..<half]), width: width), StateMatrix(Array(values[half...]), width: width)
    )
    let probe = StateClassifier(
      states, labels: Array(labels[..<rows]), classCount: 2, penalty: penalty, key: key)
    #expect(probe.importances.greatestIndex == unit)
    // The best there is: Φ(1.5).
    #expect(abs(accuracy(probe, others, Array(labels[rows...])) - 0.933) < 0.03)
    #expect(penalty == .l1 ? probe.unitCount <= 8 : probe.unitCount == width)
  }

  /// Random labels cannot be told of vectors that the probe was not trained on, though it has as many units as vectors.
  @Test(arguments: StateClassifier.Penalty.allCases) func randomLabelsAreNotFound(_ penalty: StateClassifier.Penalty) {
    let key = RandomKey(seed: 4)
    let (rows, width) = (300, 300)
    let states = StateMatrix(Self.noise(rows, width, key.folded("training")), width: width)
    let others = StateMatrix(Self.noise(4 * rows, width, key.folded("others")), width: width)
    let probe = StateClassifier(
      states, labels: Self.labels(rows, key.folded("a")), classCount: 2, penalty: penalty, key: key)
    // Two standard deviations of 1200 tosses are 0.029.
    #expect(abs(accuracy(probe, others, Self.labels(4 * rows, key.folded("b"))) - 0.5) < 0.045)
  }

  /// Where the slopes of the penalised loss vanish, by central differences of a plain loss in double precision.
  @Test(arguments: StateClassifier.Penalty.allCases) func theSolutionIsStationary(_ penalty: StateClassifier.Penalty) {
    let key = RandomKey(seed: 5)
    let (rows, width, classes) = (120, 5, 3)
    var values = Self.noise(rows, width, key.folded("values"))
    let labels = Self.labels(rows, classes: classes, key.folded("labels"))
    for row in labels.indices { values[row * width + labels[row]] += 1.5 }
    let states = StateMatrix(values, width: width)
    var path = StatePath(states, labels: labels, classCount: classes, penalty: penalty)
    for _ in 0..<4 { path.advance() }
    let probe = path.classifier
    let standard = states.standardized(by: StateScale(of: states))
    func loss(_ weights: [Double]) -> Double {
      var sum = 0.0
      for row in 0..<rows {
        let scores = (0..<classes).map { label in
          (0..<width).reduce(Double(probe.biases[label])) { sum, unit in
            sum + weights[label * width + unit] * Double(standard[row, unit])
          }
        }
        sum += log(scores.reduce(0) { $0 + exp($1) }) - scores[labels[row]]
      }
      return sum / Double(rows)
    }
    let weights = (0..<classes).flatMap { label in
      (0..<width).map { Double(probe.weights[label * states.stride + $0]) }
    }
    var zeros = 0
    for index in weights.indices {
      var (up, down) = (weights, weights)
      up[index] += 1e-4
      down[index] -= 1e-4
      let slope = (loss(up) - loss(down)) / 2e-4
      switch penalty {
      case .l2: #expect(abs(slope + probe.strength * weights[index]) < 2e-3)
      case .l1 where weights[index] == 0:
        zeros += 1
        #expect(abs(slope) <= probe.strength + 2e-3)
      case .l1: #expect(abs(slope + probe.strength * (weights[index] > 0 ? 1 : -1)) < 2e-3)
      }
    }
    if penalty == .l1 { #expect((1..<weights.count).contains(zeros)) }
  }

  /// The kernels beside loops in double precision; no width is a multiple of what they take at once.
  @Test(arguments: [1, 15, 16, 33]) func kernelsAreWhatTheySay(_ width: Int) {
    let (rows, classes) = (7, 3)
    let states = StateMatrix(Self.noise(rows, width, RandomKey(seed: 6)), width: width)
    let stride = states.stride
    let labels = Self.labels(rows, classes: classes, RandomKey(seed: 7)).map { Int32($0) }
    let weights = Self.noise(classes, stride, RandomKey(seed: 8))
    let biases = Self.noise(classes, 1, RandomKey(seed: 9))
    var gradient = [Float](repeating: 1, count: classes * stride)
    var biasGradient = [Float](repeating: 1, count: classes)
    var scratch = [Float](repeating: 0, count: classes)
    let loss = graft_softmax_regression(
      states.values, labels, Int64(rows), Int64(stride), Int64(classes), weights, biases, &gradient, &biasGradient,
      &scratch)
    var products = [Float](repeating: 1, count: stride * stride)
    graft_add_products(states.values, Int64(rows), Int64(stride), &products)
    var (wantedLoss, wanted, wantedBiases) = (
      0.0, [Double](repeating: 1, count: classes * stride), [Double](repeating: 1, count: classes)
    )
    for row in 0..<rows {
      let x = (0..<stride).map { Double(states.values[row * stride + $0]) }
      let scores = (0..<classes).map { label in
        x.indices.reduce(Double(biases[label])) { $0 + x[$1] * Double(weights[label * stride + $1]) }
      }
      let total = scores.reduce(0) { $0 + exp($1) }
      wantedLoss += log(total) - scores[Int(labels[row])]
      for label in 0..<classes {
        let error = exp(scores[label]) / total - (label == Int(labels[row]) ? 1 : 0)
        wantedBiases[label] += error
        for column in x.indices { wanted[label * stride + column] += error * x[column] }
      }
    }
    #expect(abs(loss - wantedLoss) < 1e-4)
    for (value, other) in zip(gradient + biasGradient, wanted + wantedBiases) {
      #expect(abs(Double(value) - other) < 1e-4)
    }
    for i in 0..<width {
      for j in i..<width {
        let sum = (0..<rows).reduce(1.0) { $0 + Double(states[$1, i]) * Double(states[$1, j]) }
        #expect(abs(Double(products[i * stride + j]) - sum) < 1e-4)
      }
    }
  }
}
