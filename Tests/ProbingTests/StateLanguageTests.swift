import Foundation
import Randomness
import Testing

@testable import Probing

/// Languages that states are probed on, ridge regression and single units.
@Suite struct StateLanguageTests {
  @Test func depthsAreCounted() {
    #expect(NestingLanguage.depths("a(b)") == [0, 1, 1, 0])
    #expect(NestingLanguage.depths("if(x<3){y=f(z+1);}").max() == 2)
  }

  /// Balanced, of the right kinds, as deep as was asked and no deeper, every depth about as frequent as any.
  @Test(arguments: NestingLanguage.Style.allCases) func bracketsAreBalanced(_ style: NestingLanguage.Style) {
    let language = NestingLanguage(style, deepest: 6, length: 200)
    let key = RandomKey(seed: 1)
    let pairs: [Character: Character] = [")": "(", "]": "[", "}": "{"]
    var counts = [Int](repeating: 0, count: 7)
    for index in 0..<50 {
      let text = language.text(index, key: key)
      #expect(text == language.text(index, key: key) && text != language.text(index + 1, key: key))
      var open: [Character] = []
      for character in text {
        if "([{".contains(character) { open.append(character) }
        if let other = pairs[character] { #expect(open.popLast() == other, "\(text)") }
      }
      #expect(open.isEmpty, "\(text)")
      for depth in NestingLanguage.depths(text) { counts[min(depth, 6)] += depth <= 6 ? 1 : 1_000_000 }
      #expect((200..<400).contains(text.utf8.count))
    }
    let total = counts.reduce(0, +)
    #expect(counts.allSatisfy { $0 < 1_000_000 && 20 * $0 > total }, "\(counts)")
  }

  @Test func copiesEndWithWhatTheyBeginWith() {
    let language = CopyLanguage(longest: 64)
    let key = RandomKey(seed: 2)
    var short = 0
    for index in 0..<400 {
      let text = language.text(index, key: key)
      let distance = text.utf8.count - 3
      #expect((1...64).contains(distance) && text.first == text.last && text.dropLast().last == "=")
      if distance <= 7 { short += 1 }
    }
    // log 8 / log 65 is one half.
    #expect(abs(short - 200) < 40)
    let (prompt, letter) = CopyLanguage.prompt(3, distance: 5, key: key)
    #expect(prompt.count == 7 && prompt.hasPrefix(CopyLanguage.letters[letter]) && prompt.hasSuffix("="))
  }

  /// Numbers that are linear in two of nine columns, and noise of deviation .5: the weights, and errors on others.
  @Test func ridgeRegressionFindsWhatIsLinear() {
    let key = RandomKey(seed: 3)
    let (rows, width) = (500, 9)
    let values = StateClassifierTests.noise(2 * rows, width, key.folded("x"))
    let noise = StateClassifierTests.noise(2 * rows, 1, key.folded("noise"))
    var targets: [Double] = []
    for row in 0..<2 * rows {
      let (second, seventh) = (Double(values[row * width + 2]), Double(values[row * width + 7]))
      targets.append(4 + 2 * second - 3 * seventh + 0.5 * Double(noise[row]))
    }
    let half = rows * width
    let ridge = RidgeRegression(
      StateMatrix(Array(values[..<half]), width: width), targets: Array(targets[..<rows]),
      isHeld: (0..<rows).map { $0 % 5 == 0 })
    let planted: [Double] = [0, 0, 2, 0, 0, 0, 0, -3, 0]
    for (weight, own) in zip(ridge.weights, planted) { #expect(abs(weight - own) < 0.2) }
    let found = ridge.values(StateMatrix(Array(values[half...]), width: width))
    let errors = zip(found, targets[rows...]).map { $0 - $1 }
    let error = errors.reduce(0) { $0 + $1 * $1 } / Double(rows)
    #expect(abs(error - 0.25) < 0.05)
  }

  /// The solution is where the gradient of the penalised error vanishes, and a penalty is chosen for noise.
  @Test func ridgeRegressionIsStationary() {
    let key = RandomKey(seed: 4)
    let (rows, width) = (40, 18)
    let states = StateMatrix(StateClassifierTests.noise(rows, width, key.folded("x")), width: width)
    let targets = StateClassifierTests.noise(rows, 1, key.folded("y")).map { Double($0) }
    let ridge = RidgeRegression(states, targets: targets, isHeld: (0..<rows).map { $0 % 5 == 0 })
    #expect(ridge.strength >= 0.1)
    let standard = states.standardized(by: StateScale(of: states))
    let errors = zip(ridge.values(states), targets).map { $0 - $1 }
    for column in 0..<width {
      let slope = (0..<rows).reduce(0.0) { $0 + errors[$1] * Double(standard[$1, column]) } / Double(rows)
      #expect(abs(slope + ridge.strength * ridge.weights[column]) < 1e-4)
    }
  }

  /// Of several units that with the planted threshold is the best, and what it answers is right.
  @Test func aThresholdIsFound() {
    let key = RandomKey(seed: 5)
    let (rows, width, unit) = (200, 6, 4)
    var values = StateClassifierTests.noise(rows, width, key.folded("x"))
    let labels = StateClassifierTests.labels(rows, key.folded("y"))
    for row in 0..<rows { values[row * width + unit] = (labels[row] == 1 ? 0.2 : 0.6) + 0.1 * values[row * width] }
    let states = StateMatrix(values, width: width)
    let found = (0..<width).map { UnitThreshold($0, of: states, labels: labels, classCount: 2) }
    let best = found.dropFirst().reduce(found[0], UnitThreshold.better)
    #expect(best.unit == unit && best.below == 1 && best.above == 0 && abs(best.threshold - 0.4) < 0.15)
    let right = zip(best.answers(states), labels).count { $0 == $1 }
    #expect(Double(right) / Double(rows) == best.trainingAccuracy && best.trainingAccuracy > 0.94)
    let histogram = UnitHistogram(states.column(unit), labels: labels, classCount: 2, bins: 10)
    let ones = labels.reduce(0, +)
    #expect(histogram.edges.count == 11 && histogram.counts.map { $0.reduce(0, +) } == [rows - ones, ones])
    #expect(UnitHistogram([2, 2], labels: [0, 1], classCount: 2).counts.joined().reduce(0, +) == 2)
  }
}
