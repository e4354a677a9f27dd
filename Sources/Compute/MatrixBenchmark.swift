import Foundation
import Support
import Synchronization

/// The matrix-product rate of this machine, measured now: what utilisation is a fraction of.
public enum MatrixBenchmark {
  /// A product C[m, n] = A[m, k] B[k, n].
  public struct Shape: Sendable, Hashable {
    /// Rows and columns of the result, and what is summed over.
    public let m: Int, n: Int, k: Int

    /// A product of m rows and n columns, each element a sum of k products.
    public init(_ m: Int, _ n: Int, _ k: Int) {
      self.m = m
      self.n = n
      self.k = k
    }
  }

  /// Products of the kind a training step is made of.
  public static let shapes = [
    Shape(2048, 2048, 2048), Shape(4096, 768, 768), Shape(4096, 3072, 768), Shape(2048, 256, 256),
    Shape(2048, 1024, 256), Shape(4096, 8192, 256),
  ]

  /// GFLOP/s of C = A Bᵀ: every thread multiplies matrices of its own at the same time; the best of `rounds`.
  public static func rate(
    _ shape: Shape, backend: any MatrixBackend, precision: Precision, threads: Int, rounds: Int = 5
  ) throws(GraftError) -> Double {
    let executor = ShardExecutor(shardCount: threads)
    defer { executor.stop() }
    let contexts = ContextTable(threads)
    executor.run { shard in contexts.prepare(shard, backend, shape, precision) }
    try contexts.check()
    let work = 2.0 * Double(shape.m) * Double(shape.n) * Double(shape.k)
    let repeats = max(1, Int(1e9 / work))
    var best = Double.infinity
    for _ in 0..<rounds + 1 {
      let start = DispatchTime.now().uptimeNanoseconds
      executor.run { shard in for _ in 0..<repeats { contexts.multiply(shard) } }
      best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) / Double(repeats))
    }
    executor.run { shard in contexts.release(shard) }
    return work * Double(threads) / best
  }

  private struct Setting: Hashable {
    var signature: String
    var precision: Precision
    var threads: Int
  }

  private static let measured = Mutex<[Setting: Double]>([:])

  /// One figure for utilisation: the best rate of two large products with as many threads as shards. Measured once per
  /// process: the machine stays the same, and several runs of a command need not wait again.
  /// - Parameter rounds: how often after the first time, which compiles the product; few where a run waits for it.
  public static func peak(
    backend: any MatrixBackend, precision: Precision, threads: Int, rounds: Int = 8
  ) throws(GraftError) -> Double {
    let setting = Setting(signature: backend.signature, precision: precision, threads: threads)
    if let known = measured.withLock({ $0[setting] }) { return known }
    var best = 0.0
    for shape in [Shape(2048, 1024, 256), Shape(1024, 1024, 1024)] {
      best = max(
        best, try rate(shape, backend: backend, precision: precision, threads: threads, rounds: rounds))
    }
    measured.withLock { [best] in $0[setting] = best }
    return best
  }
}

/// Per-thread operands and contexts; each slot is touched by its own shard only.
private final class ContextTable: @unchecked Sendable {
  private struct Slot {
    var context: (any MatrixContext)?
    var arena: Arena?
    var a, b, c: UnsafeMutableRawPointer?
    var shape = MatrixBenchmark.Shape(0, 0, 0)
    var precision = Precision.f32
    var failure: GraftError?
  }

  private let slots: UnsafeMutableBufferPointer<Slot>

  init(_ count: Int) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: Slot())
  }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }

  func prepare(
    _ shard: Int, _ backend: any MatrixBackend, _ shape: MatrixBenchmark.Shape, _ precision: Precision
  ) {
    do throws(GraftError) {
      var slot = Slot()
      slot.context = try backend.makeContext()
      let arena = try Arena(capacity: 1 << 32)
      let type = precision.operand
      slot.a = arena.zeros(type, count: shape.m * shape.k)
      slot.b = arena.zeros(type, count: shape.n * shape.k)
      slot.c = arena.zeros(.float32, count: shape.m * shape.n)
      slot.arena = arena
      slot.shape = shape
      slot.precision = precision
      slots[shard] = slot
    } catch {
      slots[shard].failure = error
    }
  }

  func check() throws(GraftError) {
    for slot in slots { if let failure = slot.failure { throw failure } }
  }

  func multiply(_ shard: Int) {
    let slot = slots[shard]
    guard let context = slot.context, let a = slot.a, let b = slot.b, let c = slot.c else { return }
    context.multiply(
      slot.shape.m, slot.shape.n, slot.shape.k, .rows(a, stride: slot.shape.k),
      .transposed(b, stride: slot.shape.k), into: c, resultStride: slot.shape.n,
      operands: slot.precision.operand, result: .float32, accumulate: false)
  }

  func release(_ shard: Int) { slots[shard] = Slot() }
}
