import Compute
import Testing

@testable import Autograd

/// Means of runs of rows.
@Suite struct PoolingTests {
  private static let runs = [0..<3, 3..<4, 5..<10]

  private static func mean(_ runs: [Range<Int>]) -> Twin {
    Twin(
      forward: { inputs in
        var out = DoubleMatrix(runs.count, inputs[0].columns)
        for (index, run) in runs.enumerated() {
          for row in run {
            for column in 0..<out.columns { out[index, column] += inputs[0][row, column] / Double(run.count) }
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradient = DoubleMatrix(inputs[0].rows, inputs[0].columns)
        for (index, run) in runs.enumerated() {
          for row in run {
            for column in 0..<d.columns { gradient[row, column] = d[index, column] / Double(run.count) }
          }
        }
        return [gradient]
      })
  }

  /// Row 4 is in no run and gets no gradient.
  @Test(arguments: TapeLaboratory.precisions)
  func meansOfRuns(_ precision: Precision) throws {
    let twin = Self.mean(Self.runs)
    let x = DoubleMatrix.random(11, 19, seed: 1)
    #expect(twin.gradientError(at: [.random(11, 2, seed: 3)]) < 1e-6)
    let lab = try TapeLaboratory(precision)
    let tensor = lab.tensor(x)
    let out = lab.tape.mean(tensor, over: Self.runs)
    let tolerance = precision == .f32 ? 1e-6 : 1e-2
    #expect(relativeDifference(lab.value(out), twin.forward([x])) < tolerance)
    let upstream = DoubleMatrix.random(3, 19, seed: 2)
    lab.backward(out, upstream)
    #expect(relativeDifference(lab.gradient(tensor), twin.backward([x], upstream)[0]) < tolerance)
    #expect(lab.gradient(tensor).rows([4]).values.allSatisfy { $0 == 0 })
  }

  /// The means of two and four rows.
  @Test func byHand() throws {
    let lab = try TapeLaboratory(.f32)
    let x = lab.tensor(DoubleMatrix(3, 2, [1, 2, 3, 6, 5, 5]))
    let out = lab.tape.mean(x, over: [0..<2, 2..<3])
    #expect(lab.value(out).values == [2, 4, 5, 5])
    lab.backward(out, DoubleMatrix(2, 2, [1, 2, 3, 4]))
    #expect(lab.gradient(x).values == [0.5, 1, 0.5, 1, 3, 4])
  }
}
