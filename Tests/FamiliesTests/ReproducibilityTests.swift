import Autograd
import Compute
import ModelKit
import Randomness
import Records
import TestSupport
import Testing

/// What resuming, recomputation and sharding rely on.
@Suite struct ReproducibilityTests {
  private static let encoder = [13, 3, 9]
  private static let decoder = [7, 12, 2]

  private func batch(_ family: String) -> Batch {
    TestModels.batch(family, encoder: Self.encoder, decoder: Self.decoder)
  }

  @Test(arguments: TestModels.families, TestModels.precisions)
  func sameStepTwiceGivesTheSameBits(_ family: String, _ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.configuration(family, dropout: 0.2), precision: precision)
    let batch = batch(family)
    let first = model.step(batch, training: true)
    let gradients = model.gradients
    // Another step between the two must leave no trace.
    model.step(
      TestModels.batch(family, encoder: [20], decoder: [20], seed: 9), training: true, key: RandomKey(seed: 8)
    )
    #expect(model.step(batch, training: true) == first)
    #expect(model.gradients == gradients)
    #expect(gradients.areFinite)
  }

  @Test(arguments: TestModels.families, TestModels.precisions)
  func recomputationGivesTheSameBits(_ family: String, _ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.configuration(family, dropout: 0.2), precision: precision)
    let batch = batch(family)
    let kept = model.step(batch, training: true)
    let gradients = model.gradients
    let peak = model.arena.peakBytes
    let fresh = try ModelLaboratory(TestModels.configuration(family, dropout: 0.2), precision: precision)
    #expect(fresh.step(batch, training: true, recomputing: true) == kept)
    #expect(fresh.gradients == gradients)
    #expect(TestModels.single.contains(family) ? fresh.arena.peakBytes == peak : fresh.arena.peakBytes < peak)
  }

  @Test(arguments: TestModels.families)
  func dropoutDependsOnTheKeyAndOnTraining(_ family: String) throws {
    let model = try ModelLaboratory(TestModels.configuration(family, dropout: 0.2))
    var plainly = TestModels.configuration(family, dropout: 0)
    // Some say in their sizes what else is left out.
    for key in plainly.sizes.keys where key.hasSuffix("Dropout") { plainly.sizes[key] = nil }
    let plain = try ModelLaboratory(plainly)
    let batch = batch(family)
    let a = model.step(batch, training: true, key: RandomKey(seed: 1))
    let b = model.step(batch, training: true, key: RandomKey(seed: 2))
    #expect(a.total != b.total)
    #expect(model.step(batch, training: false).total == plain.step(batch, training: true).total)
  }

  /// With the same factor, gradients of parts of a batch add up to the gradient of the whole.
  @Test(arguments: TestModels.families)
  func shardsAddUp(_ family: String) throws {
    let encoder = [13, 3, 9, 17]
    let decoder = [7, 12, 2, 9]
    let whole = TestModels.batch(family, encoder: encoder, decoder: decoder)
    let model = try ModelLaboratory(TestModels.configuration(family))
    let scale = 1 / Double(whole.targetCount)
    let expected = model.step(whole, gradientScale: scale)
    let gradients = model.gradients
    var parts = LossSum()
    parts += model.step(part(whole, [0, 2]), gradientScale: scale)
    parts += model.step(part(whole, [1, 3]), gradientScale: scale, keeping: true)
    #expect(parts.targetCount == expected.targetCount)
    #expect(abs(parts.total - expected.total) < 1e-5 * expected.total)
    #expect(relativeDifference(model.gradients, gradients) < 1e-5)
  }

  private func part(_ batch: Batch, _ indices: [Int]) -> Batch {
    func sequence<T>(_ values: [T], _ lengths: [Int], _ i: Int) -> ArraySlice<T> {
      let start = lengths[..<i].reduce(0, +)
      return values[start..<start + lengths[i]]
    }
    var result = Batch(layout: batch.layout)
    for i in indices {
      if batch.layout == .encoder || batch.layout == .encoderDecoder {
        result.encoder.append(sequence(batch.encoder.tokens, batch.encoder.lengths, i))
      }
      let lengths = batch.layout == .encoder ? batch.encoder.lengths : batch.decoder.lengths
      if batch.layout != .encoder {
        result.decoder.append(sequence(batch.decoder.tokens, batch.decoder.lengths, i))
        if !batch.decoder.prefixes.isEmpty { result.decoder.prefixes.append(batch.decoder.prefixes[i]) }
      }
      result.targets += sequence(batch.targets, lengths, i)
    }
    return result
  }

  /// Two threads at once, each with a model of its own, get what one thread gets.
  @Test(arguments: TestModels.precisions)
  func threadsDoNotDisturbEachOther(_ precision: Precision) throws {
    let batch = batch("t5")
    let expected = try ModelLaboratory(TestModels.t5(dropout: 0.1), precision: precision)
    expected.step(batch, training: true)
    let executor = ShardExecutor(shardCount: 2)
    defer { executor.stop() }
    let results = ShardResults(count: 2)
    executor.run { shard in
      // The model is made on the thread that uses it: a matrix context belongs to its thread.
      guard let model = try? ModelLaboratory(TestModels.t5(dropout: 0.1), precision: precision) else {
        return
      }
      for _ in 0..<3 { model.step(batch, training: true) }
      results[shard] = model.gradients
    }
    #expect(results[0] == expected.gradients)
    #expect(results[1] == expected.gradients)
  }

  /// Lengths that round to the same rows need the kernels they already have, and no more memory.
  @Test(.tags(.slow), arguments: TestModels.families, TestModels.precisions)
  func steadyStepsCreateNothing(_ family: String, _ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.configuration(family, dropout: 0.1), precision: precision)
    model.step(TestModels.batch(family, encoder: [24, 16], decoder: [16, 24]), training: true)
    let kernels = model.matrices.cachedKernels
    let peak = model.arena.peakBytes
    model.step(TestModels.batch(family, encoder: [24, 16], decoder: [16, 24], seed: 6), training: true)
    #expect(model.matrices.cachedKernels == kernels)
    #expect(model.arena.peakBytes == peak)
    // Same number of targets, for the output layer has a row for each.
    model.step(TestModels.batch(family, encoder: [22, 10], decoder: [15, 23], seed: 7), training: true)
    let reserved = model.matrices.cachedKernels
    model.step(TestModels.batch(family, encoder: [17, 9], decoder: [14, 24], seed: 8), training: true)
    #expect(model.matrices.cachedKernels == reserved)
    #expect(model.arena.peakBytes == peak)
  }
}

/// One slot per shard.
private final class ShardResults: @unchecked Sendable {
  // Each slot is written by its own shard, and read after all have ended.
  private let slots: UnsafeMutableBufferPointer<[Float]>

  init(count: Int) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: [])
  }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }

  subscript(_ shard: Int) -> [Float] {
    get { slots[shard] }
    set { slots[shard] = newValue }
  }
}
