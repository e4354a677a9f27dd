import Compute
import Foundation
import Testing

@testable import Autograd

/// Losses of one number per row: kernels against the twin, the twin against central differences.
@Suite struct ScalarLossTests {
  static let losses: [ScalarLoss] = [.binaryCrossEntropy, .squaredError]

  private func targets(_ loss: ScalarLoss, _ count: Int) -> [Double] {
    (0..<count).map { index in
      switch loss {
      case .binaryCrossEntropy: Double(index % 3 == 1 ? 1 : 0)
      case .squaredError: Double(index) * 0.75 - 1
      }
    }
  }

  @Test(arguments: losses) func theTwinsGradientIsRight(_ loss: ScalarLoss) {
    let twin = Twin.scalarLoss(loss, targets: targets(loss, 4), gradientScale: 0.3)
    let inputs = [
      DoubleMatrix.random(4, 5, seed: 1), .random(1, 5, seed: 2), .random(1, 1, seed: 3),
    ]
    #expect(twin.gradientError(at: inputs) < 1e-7)
  }

  @Test(arguments: TapeLaboratory.precisions, losses)
  func matchesTheTwin(_ precision: Precision, _ loss: ScalarLoss) throws {
    for (rows, columns) in [(1, 1), (3, 7), (17, 33)] {
      let lab = try TapeLaboratory(precision)
      let inputs = [
        DoubleMatrix.random(rows, columns, seed: 1, type: lab.operand, scale: 2),
        .random(1, columns, seed: 2, type: lab.operand), .random(1, 1, seed: 3),
      ]
      let targets = targets(loss, rows)
      let x = lab.tensor(inputs[0])
      let (weight, bias) = (lab.parameter(inputs[1]), lab.parameter(inputs[2]))
      let sum = lab.tape.scalarLoss(
        loss, x, weight, bias: bias, targets: targets.map { Float($0) }, gradientScale: 0.25)
      let twin = Twin.scalarLoss(loss, targets: targets, gradientScale: 0.25)
      let tolerance = TapeLaboratory.tolerance(precision)
      #expect(sum.targetCount == rows)
      let expected = twin.forward(inputs)[0, 0]
      #expect(abs(sum.total * 0.25 - expected) < 1e-4 * max(1, abs(expected)))
      lab.tape.backward()
      let gradients = twin.backward(inputs, .ones(1, 1))
      #expect(relativeDifference(lab.gradient(x), gradients[0], floor: 0.1) < tolerance)
      #expect(relativeDifference(lab.gradient(weight), gradients[1], floor: 0.1) < tolerance)
      #expect(relativeDifference(lab.gradient(bias), gradients[2], floor: 0.1) < tolerance)
    }
  }

  /// A logit far from its label costs its distance, not infinity.
  @Test func confidentMistakesStayFinite() {
    #expect(abs(ScalarLoss.binaryCrossEntropy.value(200, 0) - 200) < 1e-9)
    #expect(abs(ScalarLoss.binaryCrossEntropy.value(-200, 1) - 200) < 1e-9)
    #expect(ScalarLoss.binaryCrossEntropy.value(200, 1) < 1e-9)
  }
}
