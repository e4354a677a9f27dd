import Foundation
import Synchronization
import Testing

@testable import Compute

@Suite struct ShardExecutorTests {
  @Test func everyShardRunsOnItsOwnThreadEveryTime() {
    let executor = ShardExecutor(shardCount: 3)
    defer { executor.stop() }
    // ThreadSanitizer knows the order that this lock makes, that of a Mutex it does not.
    let lock = NSLock()
    nonisolated(unsafe) var threads: [Int: Set<ObjectIdentifier>] = [:]
    for _ in 0..<20 {
      executor.run { shard in
        lock.withLock { _ = threads[shard, default: []].insert(ObjectIdentifier(Thread.current)) }
      }
    }
    #expect(threads.keys.sorted() == [0, 1, 2])
    #expect(threads.values.allSatisfy { $0.count == 1 })
    #expect(Set(threads.values.flatMap { $0 }).count == 3)
  }

  @Test func runReturnsAfterTheLastShard() {
    let executor = ShardExecutor(shardCount: 4)
    defer { executor.stop() }
    for round in 1...50 {
      let done = Atomic(0)
      executor.run { shard in
        if shard == round % 4 { Thread.sleep(forTimeInterval: 0.0005) }
        done.add(1, ordering: .relaxed)
      }
      #expect(done.load(ordering: .relaxed) == 4)
    }
  }

  /// Worked example: 10 items over 3 shards: 0..<3, 3..<6, 6..<10; in multiples of 4: 0..<4, 4..<8, 8..<10.
  @Test func slicesCoverEverythingOnce() {
    #expect((0..<3).map { ShardExecutor.slice(10, shard: $0, of: 3) } == [0..<3, 3..<6, 6..<10])
    #expect((0..<3).map { ShardExecutor.slice(10, shard: $0, of: 3, grain: 4) } == [0..<4, 4..<8, 8..<10])
    for (count, shards, grain) in [(0, 2, 1), (1, 4, 16), (1000, 7, 16), (1024, 2, 64), (5, 8, 1)] {
      var next = 0
      for shard in 0..<shards {
        let slice = ShardExecutor.slice(count, shard: shard, of: shards, grain: grain)
        #expect(slice.lowerBound == next || slice.isEmpty)
        #expect(slice.lowerBound % grain == 0 || slice.lowerBound == count)
        next = max(next, slice.upperBound)
      }
      #expect(next == count)
    }
  }
}
