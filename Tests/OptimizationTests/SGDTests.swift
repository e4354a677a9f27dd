import Compute
import ModelKit
import Support
import Testing

@testable import Optimization

@Suite struct SGDTests {
  static let settings: [OptimizerOptions] = [
    [:], ["weight-decay": 0.25], ["momentum": 0.9], ["momentum": 0.5, "nesterov": true, "weight-decay": 0.25],
  ]

  private func store() -> ParameterStore {
    let store = ParameterStore([("matrix", [3, 5]), ("bias", [7]), ("table", [600, 9])])
    for i in 0..<store.count { store.values[i] = Float((i * 37) % 101) / 50 - 1 }
    return store
  }

  private func gradients(_ count: Int, step: Int) -> [Float] {
    (0..<count).map { Float(($0 * 53 + step * 29) % 97) / 40 - 1.2 }
  }

  private func train(
    _ optimizer: any Optimizer, _ store: ParameterStore, _ steps: ClosedRange<Int>, scale: Float = 0.5
  ) {
    for step in steps {
      gradients(store.count, step: step).withUnsafeBufferPointer {
        optimizer.apply(
          OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.125, gradientScale: scale, step: step),
          makeWork())
      }
    }
  }

  /// The definitions in `Double`, parameter by parameter.
  private func reference(_ store: ParameterStore, _ options: OptimizerOptions, steps: Int) throws -> [Double] {
    let resolved = try options.resolved(for: "sgd", declared: SGD.options)
    let (momentum, nesterov) = (resolved.number("momentum"), resolved.flag("nesterov"))
    var values = store.values.map(Double.init)
    var sums = [Double](repeating: 0, count: values.count)
    for step in 1...steps {
      let gradients = gradients(values.count, step: step)
      for entry in store.entries {
        let decay = entry.rank >= 2 ? resolved.number("weight-decay") : 0
        for i in entry.range {
          let gradient = Double(gradients[i]) * 0.5
          sums[i] = momentum * sums[i] + gradient
          let direction = nesterov ? gradient + momentum * sums[i] : sums[i]
          values[i] = values[i] * (1 - 0.125 * decay) - 0.125 * direction
        }
      }
    }
    return values
  }

  @Test(arguments: settings) func updatesAreThoseOfTheDefinition(options: OptimizerOptions) throws {
    let store = store()
    let expected = try reference(store, options, steps: 8)
    let before = Array(store.values)
    train(try SGD(parameters: store.entries.map { TrainedParameter($0) }, options: options), store, 1...8)
    for (value, wanted) in zip(store.values, expected) { #expect(abs(Double(value) - wanted) < 2e-6) }
    #expect(zip(store.values, before).contains { abs($0 - $1) > 0.01 })
  }

  @Test(arguments: settings) func momentaAreAllThatResumingNeeds(options: OptimizerOptions) throws {
    let (straight, resumed) = (store(), store())
    func make(_ store: ParameterStore) throws -> SGD {
      try SGD(parameters: store.entries.map { TrainedParameter($0) }, options: options)
    }
    train(try make(straight), straight, 1...7)
    let (before, after) = (try make(resumed), try make(resumed))
    let names = options.values["momentum"] == nil ? [] : ["matrix.momentum", "bias.momentum", "table.momentum"]
    #expect(before.state.map(\.name) == names)
    train(before, resumed, 1...3)
    for (saved, empty) in zip(before.state, after.state) { _ = empty.values.update(from: saved.values) }
    train(after, resumed, 4...7)
    #expect(straight.values.map(\.bitPattern) == resumed.values.map(\.bitPattern))
  }

  @Test func ratesAndDecaysOfAParameterAreItsOwn() throws {
    let store = ParameterStore([("matrix", [1, 2]), ("bias", [2])])
    store.values.update(repeating: 2)
    let optimizer = try SGD(
      parameters: [
        TrainedParameter(store.entries[0], rateFactor: 0.5, weightDecay: 0.5),
        TrainedParameter(store.entries[1]),
      ], options: [:])
    [Float](repeating: 1, count: 4).withUnsafeBufferPointer {
      optimizer.apply(OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.5, step: 1), makeWork())
    }
    // 2 · (1 − 0.25 · 0.5) − 0.25 · 1 = 1.5, and 2 − 0.5 · 1 = 1.5.
    #expect(Array(store.values) == [1.5, 1.5, 1.5, 1.5])
    [Float](repeating: 1, count: 4).withUnsafeBufferPointer {
      optimizer.apply(OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.25, step: 2), makeWork())
    }
    // 1.5 · (1 − 0.125 · 0.5) − 0.125 = 1.28125.
    #expect(Array(store.values) == [1.28125, 1.28125, 1.25, 1.25])
  }

  /// A block that nothing was added to is not read; the bits are the same.
  @Test func blocksWithoutGradientAreSkipped() throws {
    let (plain, skipping) = (store(), store())
    let before = plain.values[0]
    var gradients = [Float](repeating: 0, count: plain.count)
    let block = GradientMemory.blockSize
    let touched = [0, 3, plain.count / block]
    for index in touched { gradients[index * block] = 0.75 }
    let written = WrittenBlocks(count: (plain.count + GradientMemory.groupSize - 1) / GradientMemory.groupSize)
    for index in touched { written.words[index / 64] |= 1 << UInt64(index % 64) }
    for (store, written) in [(plain, nil), (skipping, written as WrittenBlocks?)] {
      let optimizer = try SGD(parameters: store.entries.map { TrainedParameter($0) }, options: [:])
      gradients.withUnsafeBufferPointer {
        optimizer.apply(
          OptimizerUpdate(values: store.values, gradients: $0, learningRate: 1, step: 1, written: written), makeWork())
      }
    }
    #expect(plain.values.map(\.bitPattern) == skipping.values.map(\.bitPattern))
    #expect(plain.values[0] == before - 0.75)
  }

  @Test func nesterovWantsMomentum() throws {
    let error = #expect(throws: GraftError.self) {
      try Optimizers.make("sgd", parameters: [], options: ["nesterov": true])
    }
    #expect(error?.code == .usage && error?.hint?.contains("momentum=0.9") == true)
  }
}
