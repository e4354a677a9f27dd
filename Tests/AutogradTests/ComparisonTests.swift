import Compute
import Testing

@testable import Autograd

/// Two vectors beside each other, their distance and their product.
@Suite struct ComparisonTests {
  private static let pairs = [(first: 0, second: 1), (first: 2, second: 2), (first: 4, second: 3)]

  private static var twin: Twin {
    Twin(
      forward: { inputs in
        let (x, columns) = (inputs[0], inputs[0].columns)
        var out = DoubleMatrix(pairs.count, 4 * columns)
        for (row, pair) in pairs.enumerated() {
          for column in 0..<columns {
            let (u, v) = (x[pair.first, column], x[pair.second, column])
            for (part, value) in [u, v, abs(u - v), u * v].enumerated() { out[row, part * columns + column] = value }
          }
        }
        return out
      },
      backward: { inputs, d in
        let (x, columns) = (inputs[0], inputs[0].columns)
        var gradient = DoubleMatrix(x.rows, columns)
        for (row, pair) in pairs.enumerated() {
          for column in 0..<columns {
            let (u, v) = (x[pair.first, column], x[pair.second, column])
            let parts = (0..<4).map { d[row, $0 * columns + column] }
            let sign = u == v ? 0 : u > v ? 1.0 : -1.0
            gradient[pair.first, column] += parts[0] + sign * parts[2] + v * parts[3]
            gradient[pair.second, column] += parts[1] - sign * parts[2] + u * parts[3]
          }
        }
        return [gradient]
      })
  }

  /// Row 5 is in no pair and gets no gradient; row 2 is compared with itself.
  @Test func valuesAndGradients() throws {
    let x = DoubleMatrix.random(6, 7, seed: 1)
    #expect(Self.twin.gradientError(at: [x]) < 1e-6)
    let lab = try TapeLaboratory(.f32)
    let tensor = lab.tensor(x)
    let out = lab.tape.compared(tensor, Self.pairs)
    #expect(relativeDifference(lab.value(out), Self.twin.forward([x])) < 1e-6)
    let upstream = DoubleMatrix.random(3, 28, seed: 2)
    lab.backward(out, upstream)
    #expect(relativeDifference(lab.gradient(tensor), Self.twin.backward([x], upstream)[0]) < 1e-6)
    #expect(lab.gradient(tensor).rows([5]).values.allSatisfy { $0 == 0 })
  }

  @Test func byHand() throws {
    let lab = try TapeLaboratory(.f32)
    let x = lab.tensor(DoubleMatrix(2, 2, [1, 5, 3, 2]))
    let out = lab.tape.compared(x, [(first: 0, second: 1)])
    #expect(lab.value(out).values == [1, 5, 3, 2, 2, 3, 3, 10])
    lab.backward(out, DoubleMatrix(1, 8, [1, 1, 1, 1, 1, 1, 1, 1]))
    #expect(lab.gradient(x).values == [3, 4, 3, 5])
  }
}
