/// An operation written naively in `Double`: what it computes, and the gradient of each input given that of
/// the output.
struct Twin {
  var forward: ([DoubleMatrix]) -> DoubleMatrix
  var backward: ([DoubleMatrix], DoubleMatrix) -> [DoubleMatrix]

  /// The largest relative difference between `backward` and central differences of `forward`, over inputs.
  func gradientError(at inputs: [DoubleMatrix], step: Double = 1e-5) -> Double {
    let output = forward(inputs)
    let upstream = DoubleMatrix.random(output.rows, output.columns, seed: 99)
    func objective(_ inputs: [DoubleMatrix]) -> Double {
      zip(forward(inputs).values, upstream.values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradients = backward(inputs, upstream)
    precondition(gradients.count == inputs.count, "a gradient for every input")
    var worst = 0.0
    for (index, input) in inputs.enumerated() {
      var numeric = DoubleMatrix(input.rows, input.columns)
      for i in input.values.indices {
        var moved = inputs
        moved[index].values[i] = input.values[i] + step
        let above = objective(moved)
        moved[index].values[i] = input.values[i] - step
        numeric.values[i] = (above - objective(moved)) / (2 * step)
      }
      worst = max(worst, relativeDifference(gradients[index], numeric, floor: 1e-2))
    }
    return worst
  }
}
