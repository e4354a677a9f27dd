import Checkpointing
import Compute
import Corpus
import Examples
import Foundation
import ModelKit
import Optimization
import Randomness
import Support

/// Where examples come from: a pure function of the sample index, so that resuming needs the index alone.
public protocol SampleSource: Sendable {
  func example(at index: Int) -> TokenExample
}

/// What a run leaves in its checkpoints beside the counters.
public struct LoopDetails: Codable, Sendable, Hashable {
  /// Held-out losses so far, for the curve.
  public var heldOut: [HeldOutReport] = []
  /// Floating-point operations of matrix products so far; nil in checkpoints of versions that did not count them.
  public var operations: Double? = 0
}

/// The training loop of pretraining and fine-tuning: sample, forward, backward, clip, update, report, evaluate,
/// save. Reads top to bottom in `run`.
final class TrainingLoop {
  private let settings: TrainingSettings
  private let model: ShardedModel
  private let optimizer: any Optimizer
  private let schedule: any LearningRateSchedule
  private let source: any SampleSource
  private let converter: any LayoutConverter
  private let loss: BatchLoss
  private let peakRate: Double
  private let stop: StopRequest
  private let emit: (TrainingEvent) -> Void
  private(set) var state = TrainingState(
    step: 0, tokensSeen: 0, sampleIndex: 0, elapsedSeconds: 0, details: LoopDetails())
  private var started = ContinuousClock.now
  private var lastSaved = ContinuousClock.now
  private var elapsedBefore = 0.0

  /// Called at every evaluation; returns nil if there is nothing to evaluate.
  var evaluate: ((TrainingState<LoopDetails>) throws(GraftError) -> HeldOutReport?)?
  /// Looks at the model after some updates, and after the last.
  var observer: DynamicsRecorder?
  /// Called when a checkpoint is due; returns its path, or nil if none was written.
  var save: ((TrainingState<LoopDetails>, any Optimizer) throws(GraftError) -> String?)?

  /// - Parameter peakRate: GFLOP/s of matrix products measured on this machine, for the progress line.
  init(
    _ settings: TrainingSettings, model: ShardedModel, source: any SampleSource,
    converter: any LayoutConverter, loss: @escaping BatchLoss, peakRate: Double, stop: StopRequest,
    emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) {
    self.settings = settings
    self.model = model
    self.source = source
    self.converter = converter
    self.loss = loss
    self.peakRate = peakRate
    self.stop = stop
    self.emit = emit
    schedule = try settings.makeSchedule()
    optimizer = try Optimizers.make(
      settings.optimizer, entries: model.store.entries, options: settings.optimizerOptions)
  }

  /// Takes up where a checkpoint stands.
  func resume(from checkpoint: Checkpoint) throws(GraftError) {
    try checkpoint.load(into: model.store)
    model.refreshOperands()
    let arrays = try checkpoint.optimizerState()
    for array in optimizer.state { try arrays.read(array.name, shape: array.shape, into: array.values) }
    state = try checkpoint.trainingState(TrainingState<LoopDetails>.self)
  }

  private var elapsed: Double { elapsedBefore + started.secondsUntilNow }

  private var isFinished: Bool {
    if let steps = settings.steps { return state.step >= steps }
    return elapsed >= settings.budgetSeconds ?? 0
  }

  /// Trains until the steps or the budget are used up.
  /// - Throws: `.interrupted` or `.terminated` after saving, if a stop was requested.
  func run() throws(GraftError) {
    (started, lastSaved) = (.now, .now)
    elapsedBefore = state.elapsedSeconds
    let key = RandomKey(seed: settings.seed).folded("dropout")
    var meter = Meter(startedAt: elapsed)
    if state.step == 0 { try evaluateNow() }
    while !isFinished {
      let batches = deal(nextExamples())
      let sum = model.accumulate(
        batches, key: key.folded(state.step), recomputing: settings.recomputing, loss: loss)
      let rate = learningRate()
      let norm = try model.update(
        optimizer, learningRate: rate, maximumNorm: settings.maximumNorm, step: state.step + 1)
      advance(batches)
      meter.add(
        batches.joined(), loss: sum.total / Double(max(1, sum.targetCount)), backbone: model.backbone)

      if state.step % settings.reportInterval == 0 || isFinished { report(&meter, rate: rate, norm: norm) }
      if let interval = settings.evaluationInterval, state.step % interval == 0, !isFinished {
        try evaluateNow()
        meter = Meter(startedAt: elapsed)
      }
      if let observer, observer.isDue(step: state.step) || isFinished {
        try observer.record(step: state.step)
        meter = Meter(startedAt: elapsed)
      }
      if isCheckpointDue, !isFinished {
        try saveNow()
        meter = Meter(startedAt: elapsed)
      }
      if let code = stop.exitCode, !isFinished { try stopNow(code) }
    }
    try evaluateNow()
    try saveNow()
  }

  private var isCheckpointDue: Bool {
    if let interval = settings.checkpointInterval, state.step % interval == 0 { return true }
    return settings.checkpointSeconds.map { lastSaved.secondsUntilNow >= $0 } ?? false
  }

  private func learningRate() -> Double {
    let step = state.step + 1
    if let budget = settings.budgetSeconds {
      return optimizer.effectiveLearningRate(
        scheduled: schedule.learningRate(step: step, progress: elapsed / budget), step: step)
    }
    return optimizer.effectiveLearningRate(scheduled: schedule.learningRate(step: step), step: step)
  }

  private func advance(_ batches: [[Batch]]) {
    state.step += 1
    state.sampleIndex += settings.batchSize
    state.tokensSeen += batches.joined().reduce(0) { $0 + $1.positionCount }
    state.details.operations = state.details.operations.map { before in
      batches.joined().reduce(before) { $0 + 3 * model.backbone.forwardOperations($1) }
    }
  }

  // MARK: Batches

  /// The step's examples, made on all shards' threads at once.
  private func nextExamples() -> [TokenExample] {
    let examples = UnsafeMutableBufferPointer<TokenExample>.allocate(capacity: settings.batchSize)
    examples.initialize(repeating: TokenExample(inputs: [], targets: []))
    defer {
      examples.deinitialize()
      examples.deallocate()
    }
    nonisolated(unsafe) let slots = examples
    let first = state.sampleIndex
    let (source, count, shards) = (source, settings.batchSize, model.shardCount)
    model.onEachShard { shard, _ in
      for i in ShardExecutor.slice(count, shard: shard, of: shards) {
        slots[i] = source.example(at: first + i)
      }
    }
    return Array(examples)
  }

  /// Deals examples to shards and micro-batches so that all get about equally many tokens: by falling length,
  /// back and forth.
  private func deal(_ examples: [TokenExample]) -> [[Batch]] {
    let pieces = model.shardCount * settings.microBatches
    func length(_ i: Int) -> Int { examples[i].inputs.count + examples[i].targets.count }
    let order = examples.indices.sorted { (length($0), $1) > (length($1), $0) }
    var dealt = [[TokenExample]](repeating: [], count: pieces)
    for (turn, index) in order.enumerated() {
      let (round, seat) = turn.quotientAndRemainder(dividingBy: pieces)
      dealt[round % 2 == 0 ? seat : pieces - 1 - seat].append(examples[index])
    }
    return (0..<model.shardCount).map { shard in
      (0..<settings.microBatches).map { converter.batch(dealt[$0 * model.shardCount + shard]) }
    }
  }

  // MARK: Reporting, evaluating, saving

  private func report(_ meter: inout Meter, rate: Double, norm: Double) {
    let now = elapsed
    let seconds = max(1e-9, now - meter.startedAt)
    var left: Double?
    if let steps = settings.steps {
      left = seconds / Double(max(1, meter.steps)) * Double(steps - state.step)
    } else if let budget = settings.budgetSeconds {
      left = max(0, budget - now)
    }
    emit(
      .step(
        StepReport(
          step: state.step, totalSteps: settings.steps, loss: meter.loss / Double(max(1, meter.steps)),
          learningRate: rate, gradientNorm: norm, tokensPerSecond: Double(meter.tokens) / seconds,
          peakFraction: meter.operations / seconds / 1e9 / max(peakRate, 1e-9),
          tokensSeen: state.tokensSeen, elapsedSeconds: now, secondsLeft: left)))
    meter = Meter(startedAt: now)
  }

  private func evaluateNow() throws(GraftError) {
    state.elapsedSeconds = elapsed
    // A finished run that is resumed has its last evaluation already.
    guard state.details.heldOut.last?.step != state.step else { return }
    guard let report = try evaluate?(state) else { return }
    state.details.heldOut.append(report)
    emit(.evaluated(report))
  }

  private func saveNow() throws(GraftError) {
    state.elapsedSeconds = elapsed
    if let save, let path = try save(state, optimizer) { emit(.saved(path: path, step: state.step)) }
    lastSaved = .now
  }

  private func stopNow(_ code: ExitCode) throws(GraftError) {
    try saveNow()
    throw GraftError(
      code, "stopped at step \(state.step); everything up to here is saved",
      hint: "the same command with --resume goes on.")
  }

  /// Sums between two reports.
  private struct Meter {
    var startedAt: Double
    var steps = 0
    var tokens = 0
    var loss = 0.0
    var operations = 0.0

    init(startedAt: Double) { self.startedAt = startedAt }

    mutating func add(_ batches: some Sequence<Batch>, loss stepLoss: Double, backbone: any Backbone) {
      steps += 1
      loss += stepLoss
      for batch in batches {
        tokens += batch.positionCount
        operations += 3 * backbone.forwardOperations(batch)
      }
    }
  }
}
