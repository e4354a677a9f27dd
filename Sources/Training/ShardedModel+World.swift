import Compute
import Foundation
import Inference
import ModelKit
import Optimization
import Support

extension ShardedModel {
  /// Groups of gradients that one process receives at once: 16 MiB of each that sends.
  private static let groupsAtOnce = 64

  /// Part of what one process sends another: values of some blocks of one root of the tree, as bytes from `place` on.
  private struct Run {
    var root: Int
    var range: Range<Int>
    var place: Int
  }

  /// After each process has added its own shards', adds the gradients of all: each process gets what it needs to update
  /// its part of the values, in its first shard's memory, and the sums of squares of all groups.
  ///
  /// Blocks that a process has not written are 0 and are not sent.
  /// - Throws: as a `World`.
  func addOverWorld(
    _ parts: [GradientMemory], _ tree: ReductionTree, _ shares: UpdateShares, _ written: WrittenBlocks,
    _ squares: UnsafeMutableBufferPointer<Double>
  ) throws(GraftError) {
    let count = written.words.count
    let words = try world.gatheredValues(Array(written.words), of: [Int](repeating: count, count: world.size))
    for group in 0..<count {
      written.words[group] = (0..<world.size).reduce(0) { $0 | words[$1 * count + group] }
    }
    let rounds = (shares.groups.map(\.count).max() ?? 0) + Self.groupsAtOnce - 1
    for round in 0..<rounds / Self.groupsAtOnce {
      let groups = shares.groups.map { all in
        all.dropFirst(round * Self.groupsAtOnce).prefix(Self.groupsAtOnce)
      }
      func runs(from sender: Int, to receiver: Int) -> (runs: [Run], bytes: Int) {
        var (runs, place) = ([Run](), 0)
        guard sender != receiver else { return ([], 0) }
        for root in tree.roots[sender] {
          for group in groups[receiver] {
            GradientMemory.forEachRun(words[sender * count + group], ofGroup: group, within: 0..<store.count) {
              runs.append(Run(root: root, range: $0, place: place))
              place += $0.count * traffic.size
            }
          }
        }
        return (runs, place)
      }
      let sent = (0..<world.size).map { runs(from: world.rank, to: $0) }
      let received = (0..<world.size).map { runs(from: $0, to: world.rank) }
      let outgoing = sent.map { LargeMemory.reserve(UInt8.self, count: $0.bytes) }
      let incoming = received.map { LargeMemory.reserve(UInt8.self, count: $0.bytes) }
      defer { for buffer in outgoing + incoming { LargeMemory.release(buffer) } }
      pack(sent.map(\.runs), parts, into: outgoing)
      let others = (0..<world.size).filter { $0 != world.rank }
      try world.exchange(
        sending: others.filter { sent[$0].bytes > 0 }.map { SentPiece(to: $0, UnsafeRawBufferPointer(outgoing[$0])) },
        receiving: others.filter { received[$0].bytes > 0 }.map {
          ReceivedPiece(from: $0, UnsafeMutableRawBufferPointer(incoming[$0]))
        })
      addLast(Array(groups[world.rank]), parts, tree, written, received.map(\.runs), incoming)
    }
    try gatherSquares(shares, written, parts[0], squares)
  }

  private func pack(
    _ runs: [[Run]], _ parts: [GradientMemory], into buffers: [UnsafeMutableBufferPointer<UInt8>]
  ) {
    nonisolated(unsafe) let buffers = buffers
    executor.run { [self] shard in
      for (receiver, runs) in runs.enumerated() {
        for run in runs[ShardExecutor.slice(runs.count, shard: shard, of: shardCount)] {
          traffic.pack(
            UnsafeBufferPointer(rebasing: parts[run.root - ownShards.lowerBound].values[run.range]),
            into: UnsafeMutableRawPointer(buffers[receiver].baseAddress! + run.place))
        }
      }
    }
  }

  /// Does the additions that remain for some groups, one group on one thread.
  private func addLast(
    _ groups: [Int], _ parts: [GradientMemory], _ tree: ReductionTree, _ written: WrittenBlocks, _ runs: [[Run]],
    _ buffers: [UnsafeMutableBufferPointer<UInt8>]
  ) {
    let size = GradientMemory.groupSize
    let foreign = tree.roots.enumerated().filter { $0.offset != world.rank }.flatMap(\.element)
    let runsByGroup = Dictionary(
      grouping: runs.enumerated().flatMap { sender, runs in runs.map { (sender, $0) } }
    ) { $0.1.range.lowerBound / size }
    nonisolated(unsafe) let buffers = buffers
    executor.run { [self] shard in
      let scratch = UnsafeMutableBufferPointer<Float>.allocate(capacity: size * foreign.count)
      defer { scratch.deallocate() }
      for group in groups[ShardExecutor.slice(groups.count, shard: shard, of: shardCount)] {
        let base = group * size
        // Where the sum of each root lies that is still to be added, as if the group began at 0.
        var places: [Int: UnsafeMutableBufferPointer<Float>] = [:]
        for root in tree.roots[world.rank] {
          let values = parts[root - ownShards.lowerBound].values
          places[root] = UnsafeMutableBufferPointer(rebasing: values[base..<min(base + size, values.count)])
        }
        for (index, root) in foreign.enumerated() {
          let place = UnsafeMutableBufferPointer(rebasing: scratch[index * size..<(index + 1) * size])
          place.update(repeating: 0)
          places[root] = UnsafeMutableBufferPointer(rebasing: place[..<min(size, store.count - base)])
        }
        for (sender, run) in runsByGroup[group] ?? [] {
          let range = run.range.lowerBound - base..<run.range.upperBound - base
          traffic.unpack(
            buffers[sender].baseAddress! + run.place,
            into: UnsafeMutableBufferPointer(rebasing: places[run.root]![range]))
        }
        let sum = UnsafeMutableBufferPointer(rebasing: parts[0].values[base..<min(base + size, store.count)])
        GradientMemory.forEachRun(written.words[group], ofGroup: group, within: 0..<store.count) { range in
          let range = range.lowerBound - base..<range.upperBound - base
          for addition in tree.last { traffic.add(places[addition.from]!, to: places[addition.into]!, range) }
          if world.rank > 0 {
            UnsafeMutableBufferPointer(rebasing: sum[range]).baseAddress!
              .update(from: places[0]!.baseAddress! + range.lowerBound, count: range.count)
          }
        }
        parts[0].add(written.words[group], ofGroup: group)
      }
    }
  }

  /// The squares of each group, added by one process, on all of them.
  private func gatherSquares(
    _ shares: UpdateShares, _ written: WrittenBlocks, _ sum: GradientMemory,
    _ squares: UnsafeMutableBufferPointer<Double>
  ) throws(GraftError) {
    let own = shares.squaredGroups[world.rank].filter { written.words[$0] != 0 }
    nonisolated(unsafe) let sums = squares
    executor.run { [self] shard in
      for group in own[ShardExecutor.slice(own.count, shard: shard, of: shardCount)] {
        GradientNorm.sumBlocks(group..<group + 1, of: UnsafeBufferPointer(sum.values), into: sums)
      }
    }
    let all = try world.gatheredValues(
      shares.squaredGroups[world.rank].map { squares[$0] }, of: shares.squaredGroups.map(\.count))
    for (group, value) in zip(shares.squaredGroups.joined(), all) { squares[group] = value }
  }

  /// After an update, gives all processes the values that each has updated.
  func shareValues(_ shares: UpdateShares) throws(GraftError) {
    let others = (0..<world.size).filter { $0 != world.rank }
    try world.exchange(
      sending: others.flatMap { rank in
        shares.values[world.rank].map { SentPiece(to: rank, UnsafeRawBufferPointer(bytes(of: $0))) }
      },
      receiving: others.flatMap { rank in
        shares.values[rank].map { ReceivedPiece(from: rank, UnsafeMutableRawBufferPointer(bytes(of: $0))) }
      })
    let ranges = others.flatMap { shares.values[$0] }
    guard operandCopy != nil else { return }
    executor.run { [self] shard in
      for range in ranges {
        let part = ShardExecutor.slice(range.count, shard: shard, of: shardCount)
        refreshOperands(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
      }
    }
  }

  private func bytes(of range: Range<Int>) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: store.values[range]))
  }

  /// Gives all processes the values of rank 0, which has read or drawn them.
  func shareAllValues() throws(GraftError) {
    guard world.size > 1 else { return }
    try world.broadcast(bytes(of: 0..<store.count), from: 0)
    refreshOperands()
  }

  /// Where an optimizer's state goes.
  enum StateDirection {
    /// From those that keep it to rank 0, which saves it.
    case toRoot
    /// From rank 0, which has read it, to those that keep it.
    case fromRoot
    /// From those that keep it to all.
    case toAll
  }

  /// Moves arrays of an optimizer's state between processes. Those that do not keep a part have no memory for it
  /// otherwise.
  func move(_ arrays: [OptimizerState], of optimizer: any Optimizer, _ direction: StateDirection) throws(GraftError) {
    guard world.size > 1 else { return }
    let shares = UpdateShares(optimizer.units, count: world.size)
    var (sending, receiving) = ([SentPiece](), [ReceivedPiece]())
    for array in arrays {
      for owner in 0..<world.size {
        for place in shares.places(of: array, rank: owner) {
          let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: array.values[place]))
          func send(_ from: Int, _ to: Int) {
            guard from != to else { return }
            if world.rank == from { sending.append(SentPiece(to: to, UnsafeRawBufferPointer(bytes))) }
            if world.rank == to { receiving.append(ReceivedPiece(from: from, bytes)) }
          }
          switch direction {
          case .toRoot: send(owner, 0)
          case .fromRoot: send(0, owner)
          case .toAll: for other in 0..<world.size { send(owner, other) }
          }
        }
      }
    }
    try world.exchange(sending: sending, receiving: receiving)
  }

  /// Gives back the memory of what other processes keep.
  func forgetOthers(_ arrays: [OptimizerState], of optimizer: any Optimizer) {
    guard world.size > 1 else { return }
    let shares = UpdateShares(optimizer.units, count: world.size)
    for array in arrays {
      for owner in 0..<world.size where owner != world.rank {
        for place in shares.places(of: array, rank: owner) { LargeMemory.forget(place, of: array.values) }
      }
    }
  }
}
