import Autograd
import Checkpointing
import Compute
import Corpus
import Foundation
import Inference
import ModelKit
import Optimization
import Randomness
import Records
import Support

/// What one reading of the clock, after an update, says of how the run goes on. In a run of several processes it is
/// agreed on.
struct StepDecision: Sendable, Codable {
  /// Training time so far, in seconds.
  var elapsed: Double
  /// Whether steps or budget are used up.
  var ends: Bool
  var saves: Bool
}

/// The training loop of pretraining and fine-tuning: sample, forward, backward, clip, update, report, evaluate,
/// save. Reads top to bottom in `run`.
final class TrainingLoop {
  private let settings: TrainingSettings
  private let model: ShardedModel
  private let optimizer: any Optimizer
  private let schedule: any LearningRateSchedule
  private let source: any SampleSource
  private let deal: BatchDealing
  private let converter: any LayoutConverter
  private let loss: BatchLoss
  private let peakRate: Double
  private let stop: StopRequest
  private let world: any World
  private let emit: (TrainingEvent) -> Void
  private(set) var state = TrainingState(
    step: 0, tokensSeen: 0, sampleIndex: 0, elapsedSeconds: 0, details: LoopDetails())
  private var started = ContinuousClock.now
  private var lastSaved = ContinuousClock.now
  private var elapsedBefore = 0.0
  /// The step of the newest checkpoint; nil if there is none yet.
  private var savedStep: Int?
  /// How often that checkpoint was gone back to.
  private var rollBacksHere = 0

  /// Called at every evaluation; returns nil if there is nothing to evaluate.
  var evaluate: ((TrainingState<LoopDetails>) throws(GraftError) -> HeldOutReport?)?
  /// Look at the model after some updates, and after the last.
  var observers: [any ModelObserver] = []
  /// Called when a checkpoint is due; returns its path, or nil if none was written.
  var save: ((TrainingState<LoopDetails>, any Optimizer) throws(GraftError) -> String?)?
  /// The newest checkpoint, to go back to; nil if there is none.
  var latestCheckpoint: (() throws(GraftError) -> Checkpoint?)?

  /// - Parameter peakRate: GFLOP/s of matrix products measured on this machine, for the progress line.
  init(
    _ settings: TrainingSettings, model: ShardedModel, source: any SampleSource,
    converter: any LayoutConverter, loss: @escaping BatchLoss, peakRate: Double, stop: StopRequest,
    world: any World = Alone(), emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) {
    self.settings = settings
    self.model = model
    self.source = source
    self.converter = converter
    self.loss = loss
    self.peakRate = peakRate
    self.stop = stop
    self.world = world
    self.emit = emit
    schedule = try settings.makeSchedule()
    let (optimizer, trained) = try settings.makeOptimizer(model.store.entries)
    self.optimizer = optimizer
    model.freeze(allBut: trained)
    deal = BatchDealing(shards: model.shardCount, microBatches: settings.microBatches, order: source.order)
    if case .lanes(let count, _) = source.order {
      precondition(count == settings.batchSize, "\(count) lanes in batches of \(settings.batchSize)")
      model.carryState(over: deal.lanes(count))
    }
  }

  /// Takes up where a checkpoint stands.
  /// - Throws: `.badData` for a state that no run can have come to; `.internalError` naming an array that is not
  ///   finite.
  func resume(from checkpoint: Checkpoint) throws(GraftError) {
    try checkpoint.load(into: model.store)
    model.refreshOperands()
    let arrays = try checkpoint.optimizerState()
    for array in optimizer.state {
      try arrays.read(array.name, shape: array.shape, into: array.values)
      try NotFinite.refuse(UnsafeBufferPointer(array.values), of: array.name, file: arrays.path)
    }
    try model.readCarriedState(from: arrays)
    state = try checkpoint.trainingState(TrainingState<LoopDetails>.self)
    try state.details.validate(source: checkpoint.path)
    savedStep = state.step
  }

  /// Takes up the end of training.
  func finish(
    with trained: Checkpoint, _ state: TrainingState<LoopDetails>
  ) throws(GraftError) {
    try take(trained)
    self.state = state
  }

  /// Puts the values of another model of the run in place of those that were trained.
  func take(_ kept: Checkpoint) throws(GraftError) {
    try kept.load(into: model.store)
    model.refreshOperands()
  }

  private var elapsed: Double { elapsedBefore + started.secondsUntilNow }

  /// Where the run stands; the one place that looks at the clock.
  private func decide() -> StepDecision {
    var now = state
    now.elapsedSeconds = elapsed
    let ends = settings.isUsedUp(now)
    let isSaveDue =
      settings.checkpointInterval.map { state.step > 0 && state.step % $0 == 0 } ?? false
      || settings.checkpointSeconds.map { lastSaved.secondsUntilNow >= $0 } ?? false
    return world.agree(StepDecision(elapsed: now.elapsedSeconds, ends: ends, saves: isSaveDue && !ends))
  }

  /// The exit code of a stop that was requested; the one place that looks at signals.
  private var requestedStop: ExitCode? { world.agree(stop.exitCode?.rawValue).flatMap(ExitCode.init) }

  /// Trains until the steps or the budget are used up.
  /// - Throws: `.interrupted` or `.terminated` after saving, if a stop was requested; `.internalError` for what is not
  ///   finite, if the settings do not say otherwise or that does not help.
  func run() throws(GraftError) {
    (started, lastSaved) = (.now, .now)
    elapsedBefore = state.elapsedSeconds
    while true {
      do throws(GraftError) {
        try train()
        return
      } catch {
        guard error.code == .internalError, settings.nonFinite == .rollBack else { throw error }
        try rollBack(for: error)
      }
    }
  }

  /// Puts the values that are to be kept in place of those that were trained, for good.
  func takeEvaluationValues() { model.takeEvaluationValues(of: optimizer) }

  private func train() throws(GraftError) {
    var meter = Meter(startedAt: elapsed)
    var decision = decide()
    // Also what an interruption kept from being looked at.
    try lookAtModel(&meter, decision)
    if settings.nonFinite == .rollBack, savedStep == nil { try saveNow() }
    let key = RandomKey(seed: settings.seed).folded("dropout")
    while !decision.ends {
      let progress = progress(elapsed: decision.elapsed)
      if source.order.beginsTexts(at: state.sampleIndex) { model.forgetCarriedState() }
      let examples = nextExamples(progress: progress)
      let batches = deal(examples).map { $0.map(converter.batch) }
      let sum = model.accumulate(
        batches, key: key.folded(state.step), recomputing: settings.recomputing, zLoss: settings.zLoss ?? 0, loss: loss)
      let rate = learningRate(progress: progress)
      let norm = try update(sum, rate: rate)
      let work = StepWork(batches.joined(), model)
      advance(by: work, samples: examples.count, stage: source.stage(at: progress))
      decision = decide()
      if norm != nil { meter.add(work, loss: sum.total / Double(max(1, sum.targetCount))) }
      if let norm, state.step % settings.reportInterval == 0 || decision.ends {
        report(&meter, rate: rate, norm: norm)
      }
      try lookAtModel(&meter, decision)
      if decision.saves {
        try saveNow()
        meter = Meter(startedAt: elapsed)
      }
      if !decision.ends, let code = requestedStop { try stopNow(code) }
    }
    try looking { () throws(GraftError) in try evaluateNow() }
    try saveNow()
  }

  /// Evaluates and observes the model where that is due at this step and was not done yet.
  private func lookAtModel(_ meter: inout Meter, _ decision: StepDecision) throws(GraftError) {
    let isLast = decision.ends
    let isDue = settings.isEvaluationDue(
      step: state.step, elapsed: decision.elapsed, last: state.details.heldOut.last?.elapsedSeconds)
    let isEvaluationDue = state.step == 0 || isDue && !isLast
    if isEvaluationDue {
      try looking { () throws(GraftError) in try evaluateNow() }
      meter = Meter(startedAt: elapsed)
    }
    for observer in observers where state.step > 0 && (observer.isDue(step: state.step) || isLast) {
      try looking { () throws(GraftError) in
        try model.withEvaluationValues(of: optimizer) { () throws(GraftError) in try observer.record(step: state.step) }
      }
      meter = Meter(startedAt: elapsed)
    }
  }

  /// Runs what looks at the model for long; a stop that is requested meanwhile is obeyed at once. What was not looked
  /// at is looked at when the run goes on.
  private func looking(_ body: () throws(GraftError) -> Void) throws(GraftError) {
    do throws(GraftError) {
      try body()
    } catch {
      guard error.code == .interrupted || error.code == .terminated else { throw error }
      try stopNow(error.code)
    }
  }

  // MARK: What is not finite

  /// - Returns: the gradient's norm; nil if the update was left out.
  private func update(_ sum: LossSum, rate: Double) throws(GraftError) -> Double? {
    do throws(GraftError) {
      let norm = try model.update(
        optimizer, learningRate: rate, maximumNorm: settings.maximumNorm, step: state.step + 1,
        isLossFinite: sum.total.isFinite)
      state.details.skippedInARow = nil
      return norm
    } catch {
      guard error.code == .internalError, settings.nonFinite == .skip else { throw error }
      // The values themselves are beyond repair by leaving anything out.
      try model.store.requireFinite()
      let row = (state.details.skippedInARow ?? 0) + 1
      guard row <= NonFinitePolicy.mostSkipped else {
        throw GraftError(
          .internalError, "\(error.message), nor were the \(row - 1) updates before it", hint: error.hint)
      }
      let count = (state.details.skippedUpdates ?? 0) + 1
      (state.details.skippedInARow, state.details.skippedUpdates) = (row, count)
      // What the texts left need be no number either, and would never be one again.
      model.forgetCarriedState()
      emit(.skipped(step: state.step + 1, reason: error.message, count: count))
      return nil
    }
  }

  private func rollBack(for error: GraftError) throws(GraftError) {
    guard let checkpoint = try latestCheckpoint?() else { throw error }
    let failed = state
    rollBacksHere += 1
    guard rollBacksHere <= NonFinitePolicy.mostRollBacks else {
      throw GraftError(
        .internalError, "\(error.message); going back to '\(checkpoint.path)' \(rollBacksHere - 1) times did not help",
        hint: error.hint)
    }
    try resume(from: checkpoint)
    // The samples up to the checkpoint stay; those after it, up to the ones that failed, are not tried again.
    state.sampleIndex = failed.sampleIndex + settings.batchSize
    model.forgetCarriedState()
    let count = (failed.details.rollBacks ?? 0) + 1
    state.details.rollBacks = count
    for observer in observers { try observer.resume(at: state.step) }
    emit(.rolledBack(from: failed.step, to: state.step, reason: error.message, count: count))
  }

  /// The share of the run that is over: a function of the step alone, unless a budget of time ends it.
  private func progress(elapsed: Double) -> Double {
    let progress =
      settings.budgetSeconds.map { elapsed / $0 } ?? Double(state.step) / Double(max(1, settings.steps ?? 1))
    return min(max(progress, 0), 1)
  }

  private func learningRate(progress: Double) -> Double {
    let step = state.step + 1
    if settings.budgetSeconds != nil {
      return optimizer.effectiveLearningRate(
        scheduled: schedule.learningRate(step: step, progress: progress), step: step)
    }
    return optimizer.effectiveLearningRate(scheduled: schedule.learningRate(step: step), step: step)
  }

  private func advance(by work: StepWork, samples: Int, stage: Int) {
    state.details.count(samples, inStage: stage, after: state.sampleIndex)
    state.step += 1
    state.sampleIndex += samples
    state.tokensSeen += work.tokens
    state.details.operations = state.details.operations.map { work.operations.reduce($0, +) }
  }

  // MARK: Batches

  /// The step's examples, made on all shards' threads at once.
  private func nextExamples(progress: Double) -> [TokenExample] {
    let count = settings.batch.value(at: progress)
    let examples = UnsafeMutableBufferPointer<TokenExample>.allocate(capacity: count)
    examples.initialize(repeating: TokenExample(inputs: [], targets: []))
    defer {
      examples.deinitialize()
      examples.deallocate()
    }
    nonisolated(unsafe) let slots = examples
    let first = state.sampleIndex
    let (source, shards) = (source, model.shardCount)
    model.onEachShard { shard, _ in
      for i in ShardExecutor.slice(count, shard: shard, of: shards) {
        slots[i] = source.example(at: first + i, progress: progress)
      }
    }
    return Array(examples)
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
    let report = try model.withEvaluationValues(of: optimizer) { () throws(GraftError) in try evaluate?(state) }
    guard let report else { return }
    state.details.heldOut.append(report)
    emit(.evaluated(report))
  }

  private func saveNow() throws(GraftError) {
    // A loss is that of before the update: only this tells what the last one has made of the model.
    try model.store.requireFinite()
    guard savedStep != state.step else { return }
    state.elapsedSeconds = elapsed
    emit(.saving(step: state.step))
    if let save, let path = try save(state, optimizer) {
      (savedStep, rollBacksHere) = (state.step, 0)
      emit(.saved(path: path, step: state.step))
    }
    lastSaved = .now
  }

  private func stopNow(_ code: ExitCode) throws(GraftError) {
    try saveNow()
    throw GraftError(
      code, "stopped at step \(state.step); everything up to here is saved",
      hint: "the same command with `resume:` goes on.")
  }

  /// What the batches of a step cost.
  private struct StepWork {
    let tokens: Int
    /// Of each batch, forward and backward.
    let operations: [Double]

    init(_ batches: some Sequence<Batch>, _ model: ShardedModel) {
      let factor = 2 + model.trainedShareOfMatrices
      tokens = batches.reduce(0) { $0 + $1.positionCount }
      operations = batches.map { factor * model.backbone.forwardOperations($0) }
    }
  }

  /// Sums between two reports.
  private struct Meter {
    var startedAt: Double
    var steps = 0
    var tokens = 0
    var loss = 0.0
    var operations = 0.0

    init(startedAt: Double) { self.startedAt = startedAt }

    mutating func add(_ work: StepWork, loss stepLoss: Double) {
      steps += 1
      loss += stepLoss
      tokens += work.tokens
      operations = work.operations.reduce(operations, +)
    }
  }
}
