import Compute
import Corpus
import Inference
import ModelKit
import Optimization
import Randomness
import Records
import Support

/// Fits a run into an amount of memory: cuts the batch of a shard into pieces, each of which takes the memory of the
/// last, and where that is not enough computes activations again instead of keeping them. Nothing else of the run is
/// changed.
///
/// What a piece takes is not guessed from the family's sizes: the largest piece of the run's first updates is computed
/// once, smallest pieces first, and larger ones only while what the smaller ones took says that they will fit.
struct MemoryPlanner {
  let model: ShardedModel
  let source: any SampleSource
  let converter: any LayoutConverter
  let loss: BatchLoss
  /// What the examples take, in bytes.
  let data: Int

  /// Updates whose batches are looked at.
  private static let updates = 128
  /// Later batches may be a little larger than those.
  private static let margin = 1.05

  /// A way to compute a batch, and the bytes of activations of one shard.
  private struct Choice {
    var microBatches: Int
    var recomputing: Bool
    var bytes: Int
  }

  /// The settings with pieces and recomputation such that the run takes no more than `settings.memory`, and what was
  /// chosen in words. As they are without an amount.
  /// - Throws: `.usage` if no choice is enough, with what the least takes.
  func fitted(_ settings: TrainingSettings) throws(GraftError) -> (settings: TrainingSettings, note: String?) {
    guard let memory = settings.memory else { return (settings, nil) }
    let (optimizer, trained) = try settings.makeOptimizer(model.store.entries)
    model.freeze(allBut: trained)
    var estimate = MemoryEstimate()
    let (count, inBFloat16) = (model.store.count, settings.precision == .bf16)
    // Of those there are copies alone.
    let matrices = model.store.entries.reduce(0) { $0 + ($1.isFixed && $1.declaration.isLinear ? $1.count : 0) }
    estimate.values = inBFloat16 ? 6 * count - 4 * matrices : 4 * count
    estimate.loading = 4 * count
    estimate.gradients = trained.reduce(0) { $0 + $1.entry.count } * 4 * settings.shards
    estimate.optimizer = optimizer.state.reduce(0) { $0 + $1.values.count * 4 }
    estimate.data = data
    let fixed = MemoryEstimate.program + estimate.data + estimate.values + estimate.gradients + estimate.optimizer
    let room = memory < estimate.total ? -1 : (memory - fixed) / settings.shards
    let batches = firstBatches(settings)
    let (choice, least) = choose(settings, batches, room: room)
    let looking = textsAtOnce(batches, room: room)
    estimate.activations = max((choice ?? least).bytes, looking.bytes) * settings.shards
    guard let choice, looking.bytes <= room else {
      throw GraftError(
        .usage,
        "`memory:` \(MemoryEstimate.text(memory)) is not enough: with one example of a shard at a time and"
          + " recomputation the run takes \(MemoryEstimate.text(estimate.total)) (\(estimate.parts))",
        hint: "give that much, or take what needs less: fewer `shards:`, shorter inputs, `optimizer:` adafactor,"
          + " `freeze:`, or an adapter in place of the whole model (`lora-rank:`).")
    }
    model.textsAtOnce = looking.count
    var fitted = settings
    (fitted.microBatches, fitted.recomputing) = (choice.microBatches, choice.recomputing)
    let pieces = choice.microBatches == 1 ? "batches whole" : "batches in \(choice.microBatches) pieces for each shard"
    return (
      fitted,
      "memory: \(pieces), \(choice.recomputing ? "activations computed again" : "activations kept"); about"
        + " \(MemoryEstimate.text(estimate.total)) of \(MemoryEstimate.text(memory)): \(estimate.parts)"
    )
  }

  /// - Returns: the fewest pieces that leave activations room, without recomputation if that goes; and what takes the
  ///   least.
  private func choose(
    _ settings: TrainingSettings, _ batches: [[TokenExample]], room: Int
  ) -> (choice: Choice?, least: Choice) {
    let most = (settings.batch.largest + settings.shards - 1) / settings.shards
    var counts = [settings.microBatches]
    while let last = counts.last, last < most { counts.append(2 * last) }
    var least: Choice?
    for recomputing in settings.recomputing ? [true] : [false, true] {
      var best: Choice?
      var measured: [(positions: Int, bytes: Int)] = []
      for count in counts.reversed() {
        guard let piece = largestPiece(of: batches, settings, in: count) else { continue }
        if let expected = Self.expected(piece.positionCount, measured), expected > room { break }
        let bytes = bytes(of: piece, recording: true, recomputing: recomputing)
        measured.append((piece.positionCount, bytes))
        let choice = Choice(microBatches: count, recomputing: recomputing, bytes: bytes)
        if least.map({ bytes < $0.bytes }) ?? true { least = choice }
        if bytes > room { break }
        best = choice
      }
      if let best { return (best, best) }
    }
    return (nil, least ?? Choice(microBatches: 1, recomputing: true, bytes: 0))
  }

  /// How many texts at once leave passes without gradients the room, at most as many as the model looks at, and what
  /// they take: the longest of the batches.
  private func textsAtOnce(_ batches: [[TokenExample]], room: Int) -> (count: Int, bytes: Int) {
    let longest = Array(
      batches.joined().sorted { $0.inputs.count + $0.targets.count > $1.inputs.count + $1.targets.count }
        .prefix(model.textsAtOnce))
    var best = (count: 1, bytes: 0)
    var measured: [(positions: Int, bytes: Int)] = []
    var count = 1
    while count <= model.textsAtOnce {
      let batch = converter.batch(Array(longest.prefix(count)))
      if let expected = Self.expected(batch.positionCount, measured), expected > room { break }
      let bytes = bytes(of: batch, recording: false, recomputing: false)
      measured.append((batch.positionCount, bytes))
      if bytes > room, count > 1 { break }
      best = (count, bytes)
      count *= 2
    }
    return best
  }

  private func bytes(of batch: Batch, recording: Bool, recomputing: Bool) -> Int {
    let bytes = model.activationBytes(batch, recording: recording, recomputing: recomputing, loss: loss)
    return Int(Self.margin * Double(bytes))
  }

  /// What so many positions will take by what fewer took: along a line through the last two, or the last and nothing.
  private static func expected(_ positions: Int, _ measured: [(positions: Int, bytes: Int)]) -> Int? {
    guard let last = measured.last else { return nil }
    let before = measured.dropLast().last(where: { $0.positions < last.positions }) ?? (0, 0)
    let slope = Double(last.bytes - before.bytes) / Double(max(1, last.positions - before.positions))
    return last.bytes + Int(slope * Double(positions - last.positions))
  }

  /// The examples of the first updates of every stage of the batch.
  private func firstBatches(_ settings: TrainingSettings) -> [[TokenExample]] {
    settings.batch.stages.flatMap { stage in
      let size = settings.batch.value(at: stage.from)
      let updates = min(Self.updates, settings.steps ?? Self.updates)
      return (0..<updates).map { update in
        (0..<size).map { source.example(at: update * size + $0, progress: stage.from) }
      }
    }
  }

  /// The piece with most positions.
  private func largestPiece(of batches: [[TokenExample]], _ settings: TrainingSettings, in count: Int) -> Batch? {
    let deal = BatchDealing(shards: settings.shards, microBatches: count, order: source.order)
    var largest: Batch?
    for batch in batches {
      for piece in deal(batch).joined() {
        let made = converter.batch(piece)
        if made.positionCount > largest?.positionCount ?? 0 { largest = made }
      }
    }
    return largest
  }
}

extension ShardedModel {
  /// The bytes of the first shard's arena that a pass over a batch takes at most at once.
  /// - Parameter recording: whether it goes back, too.
  fileprivate func activationBytes(
    _ batch: Batch, recording: Bool, recomputing: Bool, loss: @escaping BatchLoss
  ) -> Int {
    let shard = shards[0]
    executor.run { index in
      guard index == 0 else { return }
      shard.tape.arena.forgetPeak()
      shard.tape.begin(training: recording, recording: recording, key: RandomKey(seed: 0))
      _ = loss(batch, GradientScale([batch]), nil, recomputing, shard.tape)
      if recording { shard.tape.backward() }
    }
    return shard.tape.arena.peakBytes
  }
}
