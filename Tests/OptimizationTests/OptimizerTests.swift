import CKernels
import Foundation
import ModelKit
import Support
import Testing

@testable import Optimization

@Suite struct OptimizerTests {
  static let shapes: [(name: String, shape: [Int])] = [
    ("a", [37, 19]), ("b", [19]), ("c", [3, 5, 7]), ("d", [1]), ("e", [128, 9]), ("f", [11]),
  ]

  private func random(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) / 0x1p31
    }
  }

  /// What a unit may use.
  private var work: ShardWork { makeWork() }

  private func trained(_ store: ParameterStore) -> [TrainedParameter] { store.entries.map { TrainedParameter($0) } }

  private func make(_ name: String, _ store: ParameterStore) throws -> any Optimizer {
    try Optimizers.make(name, parameters: trained(store))
  }

  private func store(seed: UInt64 = 1) -> ParameterStore {
    let store = ParameterStore(Self.shapes)
    for (index, value) in random(store.count, seed: seed).enumerated() { store.values[index] = value }
    return store
  }

  /// Takes `steps` updates, each unit after the other.
  private func train(
    _ optimizer: any Optimizer, _ store: ParameterStore, steps: ClosedRange<Int>, reversed: Bool = false,
    gradientFactor: Float = 1, scale: Float = 1, copy: UnsafeMutableBufferPointer<UInt16>? = nil
  ) {
    for step in steps {
      let gradients = random(store.count, seed: UInt64(step) + 100).map { $0 * gradientFactor }
      gradients.withUnsafeBufferPointer { buffer in
        let update = OptimizerUpdate(
          values: store.values, gradients: buffer, learningRate: 0.01, gradientScale: scale, step: step,
          bfloat16Copy: copy)
        let units = Array(optimizer.units.indices)
        for unit in reversed ? units.reversed() : units { optimizer.apply(update, toUnit: unit, work) }
      }
    }
  }

  static let names = Optimizers.registry.names

  @Test(arguments: names)
  func anyOrderOfUnitsGivesTheSameBits(name: String) throws {
    let (whole, shared) = (store(), store())
    let first = try make(name, whole)
    let second = try make(name, shared)
    let ranges = second.units.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == whole.count && ranges.count > 1)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(second.units.allSatisfy { $0.cost > 0 })
    train(first, whole, steps: 1...4)
    train(second, shared, steps: 1...4, reversed: true)
    #expect(whole.values.map(\.bitPattern) == shared.values.map(\.bitPattern))
  }

  @Test(arguments: names)
  func threadsGiveTheSameBits(name: String) async throws {
    let (whole, shared) = (store(), store())
    let first = try make(name, whole)
    let second = try make(name, shared)
    train(first, whole, steps: 1...1)
    let gradients = ParameterStore(Self.shapes)
    for (index, value) in random(gradients.count, seed: 101).enumerated() { gradients.values[index] = value }
    let update = OptimizerUpdate(
      values: shared.values, gradients: UnsafeBufferPointer(gradients.values), learningRate: 0.01, step: 1)
    await withTaskGroup(of: Void.self) { group in
      for unit in second.units.indices { group.addTask { second.apply(update, toUnit: unit, self.work) } }
    }
    withExtendedLifetime(gradients) {
      #expect(whole.values.map(\.bitPattern) == shared.values.map(\.bitPattern))
    }
  }

  @Test(arguments: names)
  func stateAndStepAreAllThatResumingNeeds(name: String) throws {
    let (straight, resumed) = (store(), store())
    let optimizer = try make(name, straight)
    train(optimizer, straight, steps: 1...7)
    let before = try make(name, resumed)
    train(before, resumed, steps: 1...3)
    let after = try make(name, resumed)
    for (saved, empty) in zip(before.state, after.state) {
      #expect(saved.name == empty.name && saved.shape == empty.shape)
      #expect(saved.shape.reduce(1, *) == saved.values.count)
      _ = empty.values.update(from: saved.values)
    }
    train(after, resumed, steps: 4...7)
    #expect(straight.values.map(\.bitPattern) == resumed.values.map(\.bitPattern))
    #expect(Set(before.state.map(\.name)).count == before.state.count)
  }

  @Test(arguments: names)
  func theGradientScaleIsAFactorOnGradients(name: String) throws {
    let (plain, scaled) = (store(), store())
    train(try make(name, plain), plain, steps: 1...3)
    // Powers of two, so that the product is exact.
    train(
      try make(name, scaled), scaled, steps: 1...3, gradientFactor: 8,
      scale: 0.125)
    #expect(plain.values.map(\.bitPattern) == scaled.values.map(\.bitPattern))
  }

  @Test(arguments: names)
  func theBfloat16CopyIsTheRoundedValue(name: String) throws {
    let (plain, copied) = (store(), store())
    let copy = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: copied.count)
    defer { copy.deallocate() }
    copy.initialize(repeating: 0)
    train(try make(name, plain), plain, steps: 1...2)
    train(try make(name, copied), copied, steps: 1...2, copy: copy)
    #expect(plain.values.map(\.bitPattern) == copied.values.map(\.bitPattern))
    for (value, bits) in zip(copied.values, copy) {
      let rounded = Float(bitPattern: UInt32(bits) << 16)
      // Nearest: no more than half a unit in the last of 8 significant bits away.
      #expect(abs(rounded - value) <= abs(value) * 0x1p-8)
    }
  }

  @Test func bfloat16TiesGoToEvenAndNaNStays() throws {
    let inputs: [UInt32] = [0x3F80_8000, 0x3F81_8000, 0x3F80_8001, 0x7F80_0001, 0xFF80_0000, 0x7F7F_FFFF]
    var values = inputs.map { Float(bitPattern: $0) }
    let zeros = [Float](repeating: 0, count: values.count)
    var copy = [UInt16](repeating: 0, count: values.count)
    graft_adafactor_apply(values.count, 0, zeros, zeros, &values, &copy)
    #expect(Array(copy[0..<3]) == [0x3F80, 0x3F82, 0x3F81])
    #expect(Float(bitPattern: UInt32(copy[3]) << 16).isNaN)
    #expect(Array(copy[4...]) == [0xFF80, 0x7F80])
  }

  @Test func onlyMatricesDecay() throws {
    let store = ParameterStore([("weight", [2, 2]), ("bias", [2]), ("table", [1, 2])])
    store.values.update(repeating: 2)
    let optimizer = try AdamW(parameters: trained(store), options: ["weight-decay": 0.5])
    let zeros = [Float](repeating: 0, count: store.count)
    zeros.withUnsafeBufferPointer {
      optimizer.apply(OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.25, step: 1), work)
    }
    // 2 · (1 − 0.25 · 0.5) = 1.75
    #expect(Array(store.values) == [1.75, 1.75, 1.75, 1.75, 2, 2, 1.75, 1.75])
  }

  @Test func theFirstAdamWStepIsTheLearningRate() throws {
    let store = ParameterStore([("bias", [3])])
    let optimizer = try AdamW(parameters: trained(store), options: [:])
    let gradients: [Float] = [1000, -1, 0]
    gradients.withUnsafeBufferPointer {
      optimizer.apply(OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.5, step: 1), work)
    }
    #expect(abs(store.values[0] + 0.5) < 1e-6 && abs(store.values[1] - 0.5) < 1e-6 && store.values[2] == 0)
  }

  /// The root mean square of (3, 4, 0, 0) is 2.5, that of zeros counts as 1e-3; the first step is the rate.
  @Test func aScaledStepIsRelativeToTheParameter() throws {
    let store = ParameterStore([("weight", [2, 2]), ("empty", [2])])
    store.values[0] = 3
    store.values[1] = 4
    let options: OptimizerOptions = ["scale-by-rms": true, "weight-decay": 0.5]
    let optimizer = try AdamW(parameters: trained(store), options: options)
    #expect(optimizer.units.map(\.range) == store.entries.map(\.range))
    let gradients = [Float](repeating: 1000, count: store.count)
    gradients.withUnsafeBufferPointer {
      optimizer.apply(OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.1, step: 1), work)
    }
    // The decay is that of the rate alone: 3 · (1 − 0.1 · 0.5) − 0.1 · 2.5.
    for (value, wanted) in zip(store.values, [2.6, 3.55, -0.25, -0.25, -1e-4, -1e-4] as [Float]) {
      #expect(abs(value - wanted) < 1e-6)
    }
  }

  @Test func adafactorSetsItsOwnRate() throws {
    let relative = try Adafactor(parameters: [], options: ["relative-step": true])
    #expect(relative.effectiveLearningRate(scheduled: 5, step: 1) == 0.01)
    #expect(relative.effectiveLearningRate(scheduled: 5, step: 40_000) == 0.005)
    let warm = try Adafactor(parameters: [], options: ["relative-step": true, "warmup-init": true])
    #expect(warm.effectiveLearningRate(scheduled: 5, step: 100) == 1e-6 * 100)
    let external = try Adafactor(parameters: [], options: [:])
    #expect(external.effectiveLearningRate(scheduled: 5, step: 100) == 5)
  }

  @Test func adafactorStateIsFactored() throws {
    let store = ParameterStore([("m", [100, 30]), ("s", [2, 4, 3]), ("v", [7])])
    let optimizer = try Adafactor(parameters: trained(store), options: [:])
    #expect(
      optimizer.state.map { "\($0.name) \($0.shape)" } == [
        "m.second_moment_rows [100]", "m.second_moment_columns [30]", "s.second_moment_rows [2, 4]",
        "s.second_moment_columns [2, 3]", "v.second_moment [7]",
      ])
    #expect(optimizer.state.map(\.values.count) == [100, 30, 8, 6, 7])
  }

  @Test(arguments: names)
  func aParameterWithoutGradientStaysFinite(name: String) throws {
    let store = store()
    let optimizer = try make(name, store)
    let zeros = [Float](repeating: 0, count: store.count)
    for step in 1...3 {
      zeros.withUnsafeBufferPointer {
        optimizer.apply(OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.1, step: step), work)
      }
    }
    #expect(store.values.allSatisfy { $0.isFinite })
  }

  // MARK: options

  private func failure(_ name: String, _ options: OptimizerOptions) -> GraftError? {
    do throws(GraftError) {
      _ = try Optimizers.make(name, parameters: [], options: options)
      return nil
    } catch { return error }
  }

  @Test func optionsAreCheckedWhenMade() throws {
    #expect(failure("adamv", [:])?.hint?.contains("'adamw'") == true)
    #expect(failure("adamw", ["beta-2": 0.9])?.hint?.contains("'beta2'") == true)
    #expect(failure("muon", ["adamw.beta-2": 0.9])?.hint?.contains("'beta2'") == true)
    #expect(failure("muon", ["adamw.rate": -1])?.code == .usage)
    #expect(failure("muon", ["iterations": 2.5])?.code == .usage)
    for bad: OptimizerOptions in [
      ["beta1": 1], ["beta2": -0.1], ["epsilon": 0], ["weight-decay": 2], ["beta1": .number(.nan)],
      ["beta1": true],
    ] {
      let error = try #require(failure("adamw", bad), "\(bad) was accepted")
      #expect(error.code == .usage && error.hint != nil)
    }
    #expect(failure("adafactor", ["warmup-init": true])?.message.contains("relative-step") == true)
    #expect(failure("adafactor", ["relative-step": 1])?.hint == "give true or false.")
    let optimizer = try Optimizers.make("adamw", parameters: [], options: ["beta2": 0.95])
    #expect(
      optimizer.resolvedOptions
        == ["beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "scale-by-rms": false, "weight-decay": 0.01])
  }

  @Test func optionsAreReadFromFlagsAndJSON() throws {
    let options = try OptimizerOptions(parsing: ["beta2=0.95", "relative-step=true", "clipping=2"])
    #expect(options == ["beta2": 0.95, "relative-step": true, "clipping": 2])
    let decoded = try JSONDecoder().decode(OptimizerOptions.self, from: JSONEncoder().encode(options))
    #expect(decoded == options)
    for text in ["beta2", "beta2=", "beta2=fast"] {
      #expect(throws: GraftError.self) { try OptimizerOptions(parsing: [text]) }
    }
  }

  // MARK: norm

  @Test func theNormIsExactAndIndependentOfTheSplit() throws {
    var gradients = [Float](repeating: 0, count: 3 * GradientNorm.blockSize + 77)
    gradients[5] = 3
    gradients[gradients.count - 1] = 4
    #expect(gradients.withUnsafeBufferPointer { GradientNorm.norm(of: $0) } == 5)
    gradients = random(gradients.count, seed: 3)
    let reference = gradients.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    gradients.withUnsafeBufferPointer { buffer in
      let whole = GradientNorm.norm(of: buffer)
      #expect(abs(whole - reference) < 1e-12 * reference)
      var sums = [Double](repeating: 0, count: GradientNorm.blockCount(for: buffer.count))
      sums.withUnsafeMutableBufferPointer {
        GradientNorm.sumBlocks(2..<4, of: buffer, into: $0)
        GradientNorm.sumBlocks(0..<2, of: buffer, into: $0)
      }
      #expect(GradientNorm.norm(blockSums: sums) == whole)
    }
  }

  @Test func clippingBringsTheNormDown() {
    #expect(GradientNorm.clippingFactor(norm: 4, maximum: 1) == 0.25)
    #expect(GradientNorm.clippingFactor(norm: 0.5, maximum: 1) == 1)
    #expect(GradientNorm.clippingFactor(norm: 4, maximum: nil) == 1)
    #expect(GradientNorm.clippingFactor(norm: .nan, maximum: 1).isNaN)
    #expect(GradientNorm.clippingFactor(norm: .infinity, maximum: nil).isNaN)
  }
}
