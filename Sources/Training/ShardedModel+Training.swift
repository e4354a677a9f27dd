import Autograd
import Compute
import Foundation
import Inference
import ModelKit
import Optimization
import Randomness
import Records
import Support

extension ShardedModel {
  /// Forward and backward passes of one step. Gradients end in each shard's own memory.
  ///
  /// - Parameters:
  ///   - batches: micro-batches by shard of all processes: `batches[shard][microBatch]`. Where state is carried, their
  ///     sequences go on with the texts that the same micro-batch of the same shard read last.
  ///   - key: the step's randomness.
  ///   - zLoss: the weight of the z-loss; the loss is without it.
  /// - Returns: the loss of this process's shards.
  @discardableResult
  public func accumulate(
    _ batches: [[Batch]], key: RandomKey, recomputing: Bool, zLoss: Double = 0, loss: @escaping BatchLoss
  ) -> LossSum {
    precondition(batches.count == allShards, "\(batches.count) lists of batches for \(allShards) shards")
    let scale = GradientScale(batches.joined(), zLoss: zLoss)
    let update = UpdateContext(batches.joined(), key: key.folded("update"))
    executor.run { [self] shard in
      let state = shards[shard]
      state.gradients?.begin()
      state.loss = LossSum()
      let place = ownShards.lowerBound + shard
      for (index, batch) in batches[place].enumerated() where batch.positionCount > 0 {
        let tape = state.tape
        tape.begin(training: true, recording: true, key: key.folded(place).folded(index), update: update)
        state.loss += loss(batch, scale, state.carried.isEmpty ? nil : state.carried[index], recomputing, tape)
        tape.backward()
      }
    }
    return shards.reduce(into: LossSum()) { $0 += $1.loss }
  }

  /// After `accumulate`, the loss of all processes' shards, added in their order.
  /// - Throws: as a `World`.
  func lossOfAllShards() throws(GraftError) -> LossSum {
    let counts = world.shares(of: allShards).map(\.count)
    return try world.gatheredValues(shards.map { ($0.loss.total, $0.loss.targetCount) }, of: counts)
      .reduce(into: LossSum()) { $0 += LossSum(total: $1.0, targetCount: $1.1) }
  }

  /// Adds the gradients of all shards, clips by global norm and updates the parameters.
  /// - Parameter isLossFinite: whether the loss that the gradients are of is a number.
  /// - Returns: the norm before clipping.
  /// - Throws: `.internalError` naming the first parameter whose gradient is not finite, or the loss; nothing is
  ///   updated. As a `World`.
  public func update(
    _ optimizer: any Optimizer, learningRate: Double, maximumNorm: Double?, step: Int,
    isLossFinite: Bool = true
  ) throws(GraftError) -> Double {
    let parts = shards.compactMap(\.gradients)
    guard let sum = parts.first?.values else { preconditionFailure("this model was made without gradients") }
    nonisolated(unsafe) let gradients = sum
    let blocks = GradientNorm.blockCount(for: store.count)
    nonisolated(unsafe) let blockSums = UnsafeMutableBufferPointer<Double>.allocate(capacity: blocks)
    defer { blockSums.deallocate() }
    blockSums.initialize(repeating: 0)
    let written = WrittenBlocks(count: blocks)
    // Gradients that are never written need not be looked at, which alone would take memory for them.
    let trainedBlocks = (0..<blocks).filter { block in
      let start = block * GradientNorm.blockSize
      return trained.contains { $0.overlaps(start..<start + GradientNorm.blockSize) }
    }
    let tree = ReductionTree(shares: world.shares(of: allShards))
    let (isAlone, additions, first) = (world.size == 1, tree.local[world.rank], ownShards.lowerBound)
    executor.run { [self] shard in
      let profile = shards[shard].tape.profile
      profile?.skip()
      // A block is added and squared while it is in cache.
      var bytes = 0
      for block in trainedBlocks[ShardExecutor.slice(trainedBlocks.count, shard: shard, of: shardCount)] {
        let any = parts.reduce(0) { $0 | $1.writtenBlocks(ofGroup: block) }
        written.words[block] = any
        for part in parts { part.finish(group: block, added: any) }
        guard any != 0 else { continue }
        GradientMemory.forEachRun(any, ofGroup: block, within: 0..<store.count) { range in
          for addition in additions {
            traffic.add(parts[addition.from - first].values, to: parts[addition.into - first].values, range)
          }
        }
        if isAlone {
          GradientNorm.sumBlocks(block..<block + 1, of: UnsafeBufferPointer(gradients), into: blockSums)
        }
        bytes += any.nonzeroBitCount * GradientMemory.blockSize * 4 * (shardCount + 1)
      }
      profile?.mark("add gradients", bytes: bytes)
    }
    let shares = UpdateShares(optimizer.units, count: world.size)
    if !isAlone { try addOverWorld(parts, tree, shares, written, blockSums) }
    let norm = GradientNorm.norm(blockSums: blockSums)
    guard norm.isFinite else { throw try notFinite(gradients, shares, step) }
    guard isLossFinite else { throw Self.notFinite("the loss", step) }
    let update = OptimizerUpdate(
      values: store.values, gradients: UnsafeBufferPointer(gradients), learningRate: learningRate,
      gradientScale: Float(GradientNorm.clippingFactor(norm: norm, maximum: maximumNorm)), step: step,
      bfloat16Copy: operandCopy, written: written)
    let own = shares.units[world.rank]
    let hands = Self.deal(own.map { optimizer.units[$0] }, to: shardCount)
    executor.run { [self] shard in
      let tape = shards[shard].tape
      tape.profile?.skip()
      // What the step has put there is not needed any more.
      tape.arena.reset()
      let work = ShardWork(matrices: tape.matrices, precision: precision, scratch: tape.arena)
      for unit in hands[shard] { optimizer.apply(update, toUnit: own[unit], work) }
      tape.profile?.mark("optimizer")
    }
    if !isAlone { try shareValues(shares) }
    return norm
  }

  /// The dearest unit first, each to the shard that has least to do; ties go to the lower index, so the same units are
  /// always dealt alike.
  static func deal(_ units: [OptimizerUnit], to shards: Int) -> [[Int]] {
    var hands = [[Int]](repeating: [], count: shards)
    var loads = [Double](repeating: 0, count: shards)
    for unit in units.indices.sorted(by: { (units[$1].cost, $0) < (units[$0].cost, $1) }) {
      let shard = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
      hands[shard].append(unit)
      loads[shard] += units[unit].cost
    }
    return hands
  }

  /// Leaves all but `trained` as they are: no gradients are computed of whole layers, and none counts in the norm.
  func freeze(allBut parameters: [TrainedParameter]) {
    trained = []
    for range in parameters.map(\.entry.range) {
      if let last = trained.last, last.upperBound == range.lowerBound {
        trained[trained.count - 1] = last.lowerBound..<range.upperBound
      } else {
        trained.append(range)
      }
    }
    let ends = [0] + trained.flatMap { [$0.lowerBound, $0.upperBound] } + [store.count]
    let frozen = stride(from: 0, to: ends.count, by: 2).map { ends[$0]..<ends[$0 + 1] }.filter { !$0.isEmpty }
    for shard in shards { shard.tape.freeze(frozen) }
  }

  /// The share of matrices that gradients are computed of; 1 if nothing is frozen.
  var trainedShareOfMatrices: Double {
    let matrices = store.entries.filter { $0.rank > 1 && $0.role != .embedding && $0.role != .position }
    func count(_ entries: [ParameterEntry]) -> Double { Double(entries.reduce(0) { $0 + $1.count }) }
    let all = count(matrices)
    return all > 0 ? count(matrices.filter { entry in trained.contains { $0.overlaps(entry.range) } }) / all : 1
  }

  /// Exchanges the values that are trained and those that are to be evaluated and kept, if these are others.
  func takeEvaluationValues(of optimizer: any Optimizer) {
    if optimizer.exchangeEvaluationValues(with: store.values) { refreshOperands() }
  }

  /// Runs `body` with the values that are to be evaluated and kept in place of those that are trained.
  func withEvaluationValues<Result>(
    of optimizer: any Optimizer, _ body: () throws(GraftError) -> Result
  ) throws(GraftError) -> Result {
    takeEvaluationValues(of: optimizer)
    defer { takeEvaluationValues(of: optimizer) }
    return try body()
  }

  /// The error for a norm that is not finite, which names the first parameter that is to blame.
  private func notFinite(
    _ gradients: UnsafeMutableBufferPointer<Float>, _ shares: UpdateShares, _ step: Int
  ) throws(GraftError) -> GraftError {
    let own = shares.values[world.rank]
    let found = store.entries.firstIndex { entry in
      own.contains { range in gradients[range.clamped(to: entry.range)].contains { !$0.isFinite } }
    }
    let culprit = try world.gathered(found).compactMap { $0 }.min()
    return Self.notFinite(
      culprit.map { "the gradient of '\(store.entries[$0].name)'" } ?? "the gradient's norm", step)
  }

  private static func notFinite(_ what: String, _ step: Int) -> GraftError {
    GraftError(
      .internalError, "\(what) is not finite at update \(step)",
      hint:
        "lower the learning rate or lengthen the warm-up; checkpoints up to here are intact; `non-finite:` says what"
        + " else can be done.")
  }

  /// The gradient of every parameter after `accumulate`, summed over the shards; for tests.
  func gradientSum() -> [Float] {
    var sum = [Float](repeating: 0, count: store.count)
    for shard in shards {
      guard let gradients = shard.gradients else { continue }
      for i in sum.indices { sum[i] += gradients.current(i) }
    }
    return sum
  }
}
