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
/// that of rank 0; a stop is obeyed whichever was asked for it.
struct StepDecision: BitwiseCopyable {
  /// Training time so far, in seconds.
  var elapsed: Double
  /// Whether steps or budget are used up.
  var ends: Bool
  var saves: Bool
  /// The exit code of a stop that was requested; 0 for none.
  var stop: Int32
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

  /// Called at every evaluation, on all ranks; returns nil if there is nothing to evaluate.
  var evaluate: ((TrainingState<LoopDetails>) throws(GraftError) -> HeldOutReport?)?
  /// Look at the model after some updates, and after the last.
  var observers: [any ModelObserver] = []
  /// Called on rank 0 when a checkpoint is due, with what is carried of the texts; returns its path, or nil if none was
  /// written.
  var save: ((TrainingState<LoopDetails>, any Optimizer, [CarriedArray]) throws(GraftError) -> String?)?
  /// Called on rank 0: the newest checkpoint, to go back to; nil if there is none.
  var latestCheckpoint: (() throws(GraftError) -> Checkpoint?)?

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
    let (optimizer, trained) = try settings.makeOptimizer(model.store.entries)
    self.optimizer = optimizer
    model.freeze(allBut: trained)
    deal = BatchDealing(shards: model.allShards, microBatches: settings.microBatches, order: source.order)
    if case .lanes(let count, _) = source.order {
      precondition(count == settings.batchSize, "\(count) lanes in batches of \(settings.batchSize)")
      model.carryState(over: deal.lanes(count))
    }
  }

  private var world: any World { model.world }

  /// Takes up where a checkpoint stands, which rank 0 reads for all.
  /// - Parameter path: the checkpoint's, on rank 0.
  /// - Throws: `.badData` for a state that no run can have come to; `.internalError` naming an array that is not
  ///   finite.
  func resume(from path: String?) throws(GraftError) {
    var carried: SafetensorsFile?
    let optimizer = optimizer
    state = try world.together { () throws(GraftError) in
      let checkpoint = try Checkpoint(path ?? "")
      try checkpoint.load(into: model.store)
      let arrays = try checkpoint.optimizerState()
      for array in optimizer.state {
        try arrays.read(array.name, shape: array.shape, into: array.values)
        try NotFinite.refuse(UnsafeBufferPointer(array.values), of: array.name, file: arrays.path)
      }
      carried = arrays
      let state = try checkpoint.trainingState(TrainingState<LoopDetails>.self)
      try state.details.validate(source: checkpoint.path)
      return state
    }
    model.refreshOperands()
    try model.shareAllValues()
    try model.move(optimizer.state, of: optimizer, .fromRoot)
    model.forgetOthers(optimizer.state, of: optimizer)
    try model.readCarriedState(from: carried)
    tellOptimizer()
    savedStep = state.step
  }

  /// Takes up the end of training.
  /// - Parameter path: the trained model's, on rank 0.
  func finish(with path: String?, _ state: TrainingState<LoopDetails>) throws(GraftError) {
    try take(path)
    self.state = state
  }

  /// Puts the values of another model of the run in place of those that were trained.
  /// - Parameter path: the model's, on rank 0.
  func take(_ path: String?) throws(GraftError) {
    try world.onRoot { () throws(GraftError) in try Checkpoint(path ?? "").load(into: model.store) }
    model.refreshOperands()
    try model.shareAllValues()
  }

  private var elapsed: Double { elapsedBefore + started.secondsUntilNow }

  /// Where the run stands; the one place that looks at the clock.
  private func decide() throws(GraftError) -> StepDecision {
    var now = state
    now.elapsedSeconds = elapsed
    let ends = settings.isUsedUp(now)
    let isSaveDue =
      settings.checkpointInterval.map { state.step > 0 && state.step % $0 == 0 } ?? false
      || settings.checkpointSeconds.map { lastSaved.secondsUntilNow >= $0 } ?? false
    let mine = StepDecision(
      elapsed: now.elapsedSeconds, ends: ends, saves: isSaveDue && !ends, stop: stop.exitCode?.rawValue ?? 0)
    let all = try world.gatheredValues([mine], of: [Int](repeating: 1, count: world.size))
    var decision = all[0]
    decision.stop = all.map(\.stop).max() ?? 0
    return decision
  }

  /// The exit code of a stop that was requested. Several processes know of those that came before the decision.
  private func requestedStop(_ decision: StepDecision) -> ExitCode? {
    world.size > 1 ? (decision.stop == 0 ? nil : ExitCode(rawValue: decision.stop)) : stop.exitCode
  }

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
  func takeEvaluationValues() throws(GraftError) {
    try model.move(optimizer.evaluationState, of: optimizer, .toAll)
    model.takeEvaluationValues(of: optimizer)
  }

  private func train() throws(GraftError) {
    var meter = StepMeter(startedAt: elapsed)
    var decision = try decide()
    // Also what an interruption kept from being looked at.
    try lookAtModel(&meter, decision)
    if settings.nonFinite == .rollBack, savedStep == nil { try saveNow() }
    let key = RandomKey(seed: settings.seed).folded("dropout")
    while !decision.ends, state.details.endedEarly != true {
      let progress = progress(elapsed: decision.elapsed)
      forgetTextsThatEnd()
      let examples = nextExamples(progress: progress)
      let batches = deal(examples).map { $0.map(converter.batch) }
      model.accumulate(
        batches, key: key.folded(state.step), recomputing: settings.recomputing, zLoss: settings.zLoss ?? 0, loss: loss)
      let sum = try model.lossOfAllShards()
      let rate = learningRate(progress: progress)
      let norm = try update(sum, rate: rate)
      let work = StepWork(batches.joined(), model)
      advance(by: work, samples: examples.count, stage: source.stage(at: progress))
      decision = try decide()
      if norm != nil { meter.add(work, loss: sum.total / Double(max(1, sum.targetCount))) }
      if let norm, state.step % settings.reportInterval == 0 || decision.ends {
        report(&meter, rate: rate, norm: norm)
      }
      try lookAtModel(&meter, decision)
      if decision.saves {
        try saveNow()
        meter = StepMeter(startedAt: elapsed)
      }
      if !decision.ends, let code = requestedStop(decision) { try stopNow(code) }
    }
    try looking { () throws(GraftError) in try evaluateNow() }
    try saveNow()
  }

  /// Evaluates and observes the model where that is due at this step and was not done yet.
  private func lookAtModel(_ meter: inout StepMeter, _ decision: StepDecision) throws(GraftError) {
    let isLast = decision.ends
    let isDue = settings.isEvaluationDue(
      step: state.step, elapsed: decision.elapsed, last: state.details.heldOut.last?.elapsedSeconds)
    if state.step == 0 || isDue || isLast {
      try looking { () throws(GraftError) in try evaluateNow() }
      meter = StepMeter(startedAt: elapsed)
    }
    for observer in observers where state.step > 0 && (observer.isDue(step: state.step) || isLast) {
      try looking { () throws(GraftError) in
        let ends = try withEvaluationValues { () throws(GraftError) in
          try observer.record(step: state.step)
          return observer.endsRun
        }
        if ends, !isLast { state.details.endedEarly = true }
      }
      meter = StepMeter(startedAt: elapsed)
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
    let path = try world.together { () throws(GraftError) in try latestCheckpoint?()?.path }
    guard let path else { throw error }
    let failed = state
    rollBacksHere += 1
    guard rollBacksHere <= NonFinitePolicy.mostRollBacks else {
      throw GraftError(
        .internalError, "\(error.message); going back to '\(path)' \(rollBacksHere - 1) times did not help",
        hint: error.hint)
    }
    try resume(from: path)
    // The samples up to the checkpoint stay; those after it, up to the ones that failed, are not tried again.
    state.sampleIndex = failed.sampleIndex + settings.batchSize
    model.forgetCarriedState()
    let count = (failed.details.rollBacks ?? 0) + 1
    state.details.rollBacks = count
    try resumeObservers()
    emit(.rolledBack(from: failed.step, to: state.step, reason: error.message, count: count))
  }

  /// The share of the run that is over: a function of the step alone, unless a budget of time ends it.
  private func progress(elapsed: Double) -> Double {
    let byTime = settings.budgetSeconds.map { elapsed / $0 } ?? 0
    let bySteps = (settings.steps ?? settings.mostSteps).map { Double(state.step) / Double(max(1, $0)) } ?? 0
    return min(max(byTime, bySteps, 0), 1)
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

  /// Empties the state of the lanes in which another text begins.
  private func forgetTextsThatEnd() {
    guard case .lanes(let count, _) = source.order else { return }
    model.forgetCarriedState(ofLanes: (0..<count).filter { source.beginsText(at: state.sampleIndex + $0) })
  }

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

  private func report(_ meter: inout StepMeter, rate: Double, norm: Double) {
    let now = elapsed
    let seconds = max(1e-9, now - meter.startedAt)
    var left: Double?
    if let steps = settings.steps ?? settings.mostSteps {
      left = seconds / Double(max(1, meter.steps)) * Double(steps - state.step)
    }
    if let budget = settings.budgetSeconds { left = min(left ?? .infinity, max(0, budget - now)) }
    emit(
      .step(
        StepReport(
          step: state.step, totalSteps: settings.steps, loss: meter.loss / Double(max(1, meter.steps)),
          learningRate: rate, gradientNorm: norm, tokensPerSecond: Double(meter.tokens) / seconds,
          peakFraction: meter.operations / seconds / 1e9 / max(peakRate, 1e-9),
          tokensSeen: state.tokensSeen, elapsedSeconds: now, secondsLeft: left)))
    meter = StepMeter(startedAt: now)
  }

  /// Makes all observers take up where the run stands.
  func resumeObservers() throws(GraftError) {
    if let report = state.details.heldOut.last { for observer in observers { observer.evaluated(report) } }
    try world.onRoot { () throws(GraftError) in
      for observer in observers { try observer.resume(at: state.step) }
    }
  }

  /// Runs `body` on rank 0 with the values that are to be evaluated and kept in place of those that are trained.
  private func withEvaluationValues<Result: Codable & Sendable>(
    _ body: () throws(GraftError) -> Result
  ) throws(GraftError) -> Result {
    try model.move(optimizer.evaluationState, of: optimizer, .toAll)
    return try model.withEvaluationValues(of: optimizer) { () throws(GraftError) in try world.together(body) }
  }

  private func evaluateNow() throws(GraftError) {
    state.elapsedSeconds = elapsed
    // A finished run that is resumed has its last evaluation already.
    guard state.details.heldOut.last?.step != state.step else { return }
    try model.move(optimizer.evaluationState, of: optimizer, .toAll)
    let found = try model.withEvaluationValues(of: optimizer) { () throws(GraftError) in try evaluate?(state) }
    // The time is that of rank 0.
    guard let report = try world.agree(found) else { return }
    state.details.heldOut.append(report)
    tellOptimizer()
    for observer in observers { observer.evaluated(report) }
    emit(.evaluated(report))
  }

  private func tellOptimizer() {
    optimizer.heldOut(
      state.details.heldOut.map { ($0.step, $0.lossPerToken) }, at: state.step, values: model.store.values)
  }

  private func saveNow() throws(GraftError) {
    // A loss is that of before the update: only this tells what the last one has made of the model.
    try model.store.requireFinite()
    guard savedStep != state.step else { return }
    state.elapsedSeconds = elapsed
    emit(.saving(step: state.step))
    try model.move(optimizer.state, of: optimizer, .toRoot)
    let carried = try model.carriedArrays()
    let path = try world.together { () throws(GraftError) in try save?(state, optimizer, carried) }
    model.forgetOthers(optimizer.state, of: optimizer)
    if let path {
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
}
