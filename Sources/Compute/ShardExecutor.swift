import CKernels
import Foundation
import Support
import Synchronization

/// A fixed number of threads that each own one shard of every step. Work is started on all of them at once
/// and awaited; a shard always runs on the same thread, so that thread-bound state (a matrix context and its
/// cache of kernels) can belong to a shard.
public final class ShardExecutor: @unchecked Sendable {
  // `body` and `generation` are guarded by `condition`.
  /// Threads, and shards of a step.
  public let shardCount: Int
  private let condition = NSCondition()
  private var body: (@Sendable (Int) -> Void)?
  private var generation = 0
  private var running = 0
  private var stopping = false

  /// Starts the threads, which wait for work until `stop`.
  /// - Precondition: there is at least one shard.
  public init(shardCount: Int) {
    precondition(shardCount > 0, "a run needs at least one shard")
    self.shardCount = shardCount
    for shard in 0..<shardCount {
      let thread = Thread { [weak self] in self.map { ShardExecutor.serve($0, shard) } }
      thread.stackSize = 16 << 20
      thread.name = "shard \(shard)"
      thread.start()
    }
  }

  private static func serve(_ executor: ShardExecutor, _ shard: Int) {
    graft_flush_subnormals()
    var seen = 0
    while true {
      executor.condition.lock()
      while executor.generation == seen && !executor.stopping { executor.condition.wait() }
      seen = executor.generation
      let body = executor.body
      let stopping = executor.stopping
      executor.condition.unlock()
      if stopping { return }
      body?(shard)
      executor.condition.lock()
      executor.running -= 1
      if executor.running == 0 { executor.condition.broadcast() }
      executor.condition.unlock()
    }
  }

  /// Runs `work(shard)` for every shard, each on its thread, and returns when all have ended.
  public func run(_ work: @escaping @Sendable (Int) -> Void) {
    condition.lock()
    body = work
    running = shardCount
    generation += 1
    condition.broadcast()
    while running > 0 { condition.wait() }
    body = nil
    condition.unlock()
  }

  /// Ends the threads. The executor cannot run anything afterwards.
  public func stop() {
    condition.lock()
    stopping = true
    condition.broadcast()
    condition.unlock()
  }

  /// The half-open range of `count` items that falls to `shard`, in multiples of `grain`.
  public static func slice(_ count: Int, shard: Int, of shards: Int, grain: Int = 1) -> Range<Int> {
    let grains = (count + grain - 1) / grain
    let low = min(count, grains * shard / shards * grain)
    let high = min(count, grains * (shard + 1) / shards * grain)
    return low..<high
  }
}
