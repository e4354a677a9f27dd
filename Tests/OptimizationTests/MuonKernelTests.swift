import CKernels
import ModelKit
import Testing

@testable import Optimization

/// The kernels of Muon against plain loops, to the bit: sizes around the width of vectors, and none.
@Suite struct MuonKernelTests {
  static let counts = [0, 1, 7, 16, 31, 64, 1003]

  private func random(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) / 0x1p31
    }
  }

  private func expect(_ values: [Float], equal wanted: [Float], _ what: String) {
    #expect(values.map(\.bitPattern) == wanted.map(\.bitPattern), "\(what) of \(values.count)")
  }

  @Test(arguments: counts) func theMomentumIsThatOfAPlainLoop(count: Int) {
    let (gradients, start) = (random(count, seed: 1), random(count, seed: 2))
    let (decay, share): (Float, Float) = (0.93, 0.07)
    for nesterov in [false, true] {
      var (momentum, update) = (start, [Float](repeating: 0, count: count))
      graft_muon_accumulate(count, decay, share, nesterov, gradients, &momentum, &update)
      let wanted = zip(start, gradients).map { decay * $0 + share * $1 }
      expect(momentum, equal: wanted, "momentum")
      expect(
        update, equal: nesterov ? zip(wanted, gradients).map { share * $1 + decay * $0 } : wanted, "update")
    }
  }

  @Test(arguments: counts) func sumsAndFactorsAreThoseOfPlainLoops(count: Int) {
    let (x, y) = (random(count, seed: 3), random(count, seed: 4).map { $0 + 1.5 })
    var values = y
    graft_weighted_sum(count, -4.775, x, 2.0315, &values)
    expect(values, equal: zip(x, y).map { -4.775 * $0 + 2.0315 * $1 }, "weighted sum")
    values = x
    graft_scale_values(count, 0.3, &values)
    expect(values, equal: x.map { 0.3 * $0 }, "product")
    values = x
    graft_divide_values(count, y, &values)
    expect(values, equal: zip(x, y).map { $0 / $1 }, "quotient")
    values = y
    graft_add_squares(count, x, &values)
    expect(values, equal: zip(x, y).map { $1 + $0 * $0 }, "squares")
  }

  @Test(arguments: counts) func theUpdateIsThatOfAPlainLoop(count: Int) {
    let (update, start) = (random(count, seed: 5), random(count, seed: 6))
    let (keep, size): (Float, Float) = (0.9, 0.02)
    for cautious in [false, true] {
      var (values, copy) = (start, [UInt16](repeating: 0, count: count))
      graft_muon_apply(count, keep, size, cautious, update, &values, &copy)
      let wanted = zip(start, update).map { value, change in
        (!cautious || change * value >= 0 ? keep : 1) * value - size * change
      }
      expect(values, equal: wanted, "update")
      for (value, bits) in zip(wanted, copy) {
        #expect(abs(Float(bitPattern: UInt32(bits) << 16) - value) <= abs(value) * 0x1p-8)
      }
      values = start
      graft_muon_apply(count, keep, size, cautious, update, &values, nil)
      expect(values, equal: wanted, "update without a copy")
    }
  }

  /// 0.85 at first, half-way 0.9, from then on 0.95; seen in the momentum after one update from 0, which is (1 − μ) g.
  @Test func theMomentumRisesOverItsWarmup() throws {
    for (step, momentum): (Int, Float) in [(1, 0.85), (3, 0.9), (5, 0.95), (100, 0.95)] {
      let store = ParameterStore([ParameterDeclaration(name: "w", shape: [2, 2], role: .matrix)])
      let muon = try Muon(parameters: store.entries.map { TrainedParameter($0) }, options: ["momentum-warmup": 4])
      let gradients: [Float] = [1, 0, 0, 1]
      gradients.withUnsafeBufferPointer {
        muon.apply(
          OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.1, step: step), toUnit: 0, makeWork())
      }
      #expect(abs(muon.state[0].values[0] - (1 - momentum)) < 1e-6, "update \(step)")
    }
  }
}
