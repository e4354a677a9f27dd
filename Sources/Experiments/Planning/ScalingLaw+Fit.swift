import Foundation
import Randomness
import Support

extension FittedScalingLaw {
  /// Fewer runs leave the law's numbers open.
  static let leastRuns = 6
  private static let draws = 50

  /// Fits the law to runs by least squares of the relative errors. For given exponents (and R) the other numbers follow
  /// from linear least squares with none below zero; exponents and R are searched, on a grid that is made finer.
  /// - Throws: `.usage` for too few runs, of fewer than two sizes or amounts of text.
  public init(fitting points: [ScalingPoint]) throws(GraftError) {
    let sizes = Set(points.map(\.parameters))
    let amounts = Set(points.map(\.bytes))
    guard points.count >= Self.leastRuns, sizes.count >= 2, amounts.count >= 2 else {
      throw GraftError(
        .usage,
        "\(points.count) \(points.count == 1 ? "run" : "runs") of \(sizes.count) sizes and \(amounts.count) amounts of"
          + " text do not determine a scaling law",
        hint: "give at least \(Self.leastRuns) runs that differ in the model's size and in the text they read.")
    }
    let fitted = ScalingFit(points).best()
    var resampled: [ScalingLaw] = []
    for draw in 0..<Self.draws {
      var generator = RandomKey(seed: 0).folded("scaling-law").folded(draw).generator()
      let drawn = points.map { _ in points[generator.below(points.count)] }
      // A draw of one size or one amount of text determines nothing.
      guard Set(drawn.map(\.parameters)).count >= 2, Set(drawn.map(\.bytes)).count >= 2 else { continue }
      resampled.append(ScalingFit(drawn).best(near: fitted.law))
    }
    self.init(
      law: fitted.law, resampled: resampled,
      relativeError: (fitted.error / Double(points.count)).squareRoot(), runs: points)
  }
}

/// Least squares of the relative errors of a law at some runs.
private struct ScalingFit {
  typealias Outcome = (law: ScalingLaw, error: Double)

  /// What is searched.
  private struct Shape {
    var size, text: Double
    /// ln R.
    var repetitions: Double?
  }

  /// Text that is read more often than this has been repeated.
  private static let readOnce = 1.05
  private static let exponents = 0.02...1.5
  /// R from a tenth to a thousand repetitions.
  private static let repetitions = log(0.1)...log(1000.0)

  private let points: [ScalingPoint]
  private let repeats: Bool
  private let meanSize, meanBytes: Double

  init(_ points: [ScalingPoint]) {
    self.points = points
    repeats = points.contains { $0.bytes > Self.readOnce * $0.distinct }
    meanSize = exp(points.reduce(0) { $0 + log($1.parameters) } / Double(points.count))
    meanBytes = exp(points.reduce(0) { $0 + log($1.bytes) } / Double(points.count))
  }

  /// From a grid over the whole range.
  func best() -> Outcome {
    let exponents = stride(from: 0.1, through: 1.2, by: 0.1).map { $0 }
    let repetitions: [Double?] = repeats ? [0.5, 2, 5, 15, 50, 200].map { log($0) } : [nil]
    var best: (shape: Shape, outcome: Outcome)?
    for size in exponents {
      for text in exponents {
        for count in repetitions {
          let shape = Shape(size: size, text: text, repetitions: count)
          let outcome = solve(shape)
          if outcome.error < best?.outcome.error ?? .infinity { best = (shape, outcome) }
        }
      }
    }
    guard let best else { preconditionFailure("the grid is empty") }
    return refine(best.shape, best.outcome, step: 0.1)
  }

  /// From a law that fits similar runs.
  func best(near law: ScalingLaw) -> ScalingLaw {
    let shape = Shape(
      size: law.size.exponent, text: law.text.exponent,
      repetitions: repeats ? log(law.repetitions ?? 15) : nil)
    return refine(shape, solve(shape), step: 0.1).law
  }

  /// Steps along one exponent at a time as long as one helps, then half as wide ones.
  private func refine(_ start: Shape, _ first: Outcome, step: Double) -> Outcome {
    var (shape, outcome, step) = (start, first, step)
    while step > 1e-3 {
      var improved = false
      for candidate in neighbours(shape, step) {
        let tried = solve(candidate)
        if tried.error < outcome.error * (1 - 1e-9) { (shape, outcome, improved) = (candidate, tried, true) }
      }
      if !improved { step /= 2 }
    }
    return outcome
  }

  private func neighbours(_ shape: Shape, _ step: Double) -> [Shape] {
    var all: [Shape] = []
    for sign in [-1.0, 1] {
      for (size, text) in [(1.0, 0.0), (0, 1), (1, 1), (1, -1)] {
        var next = shape
        next.size = Self.clamp(shape.size + sign * size * step, Self.exponents)
        next.text = Self.clamp(shape.text + sign * text * step, Self.exponents)
        all.append(next)
      }
      if let repetitions = shape.repetitions {
        var next = shape
        next.repetitions = Self.clamp(repetitions + sign * 5 * step, Self.repetitions)
        all.append(next)
      }
    }
    return all
  }

  private static func clamp(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max(value, range.lowerBound), range.upperBound)
  }

  /// The best E, A and B for given exponents.
  private func solve(_ shape: Shape) -> Outcome {
    let repetitions = shape.repetitions.map { exp($0) }
    let rows = points.map { point -> [Double] in
      let text =
        repetitions.map { ScalingLaw.effective(bytes: point.bytes, distinct: point.distinct, repetitions: $0) }
        ?? point.bytes
      return [1, pow(point.parameters / meanSize, -shape.size), pow(text / meanBytes, -shape.text)]
        .map { $0 / point.loss }
    }
    let (values, error) = NonNegativeLeastSquares.solve(rows)
    let law = ScalingLaw(
      irreducible: values[0],
      size: .init(value: values[1], reference: meanSize, exponent: shape.size),
      text: .init(value: values[2], reference: meanBytes, exponent: shape.text), repetitions: repetitions)
    return (law, error)
  }
}

/// The vector x ≥ 0 of few entries for which the rows' products with it are closest to 1.
enum NonNegativeLeastSquares {
  /// Tries every choice of the entries that are not zero, of which there are few.
  /// - Parameter rows: of equal length, at most 8.
  /// - Returns: x, and the sum of squares that is left.
  static func solve(_ rows: [[Double]]) -> (values: [Double], error: Double) {
    let count = rows.first?.count ?? 0
    precondition(count <= 8, "\(count) unknowns are too many to try all choices")
    var best = (values: [Double](repeating: 0, count: count), error: Double(rows.count))
    for chosen in 1..<(1 << count) {
      let columns = (0..<count).filter { chosen >> $0 & 1 == 1 }
      guard let solution = solve(rows, columns), solution.allSatisfy({ $0 >= 0 }) else { continue }
      var values = [Double](repeating: 0, count: count)
      for (column, value) in zip(columns, solution) { values[column] = value }
      let error = rows.reduce(0.0) { sum, row in
        let rest = zip(row, values).reduce(-1.0) { $0 + $1.0 * $1.1 }
        return sum + rest * rest
      }
      if error < best.error { best = (values, error) }
    }
    return best
  }

  /// The normal equations of some columns, by elimination with the largest pivot; nil where they determine nothing.
  private static func solve(_ rows: [[Double]], _ columns: [Int]) -> [Double]? {
    var matrix = columns.map { a in
      columns.map { b in rows.reduce(0.0) { $0 + $1[a] * $1[b] } } + [rows.reduce(0.0) { $0 + $1[a] }]
    }
    let size = columns.count
    for pivot in 0..<size {
      guard let largest = (pivot..<size).max(by: { abs(matrix[$0][pivot]) < abs(matrix[$1][pivot]) }),
        abs(matrix[largest][pivot]) > 1e-12
      else { return nil }
      matrix.swapAt(pivot, largest)
      for row in 0..<size where row != pivot {
        let factor = matrix[row][pivot] / matrix[pivot][pivot]
        for column in pivot...size { matrix[row][column] -= factor * matrix[pivot][column] }
      }
    }
    return (0..<size).map { matrix[$0][size] / matrix[$0][$0] }
  }
}
