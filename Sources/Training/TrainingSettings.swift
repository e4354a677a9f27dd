import Checkpointing
import Compute
import Foundation
import ModelKit
import Optimization
import Support

/// How a model is optimised; shared by pretraining and fine-tuning, and part of `run.json`.
public struct TrainingSettings: Sendable, Codable, Hashable {
  public var seed: UInt64 = 0
  /// Updates; nil if a wall-clock budget ends the run.
  public var steps: Int?
  public var budgetSeconds: Double?
  /// Updates after which a run with `budgetSeconds` ends before these are over; nil for as many as there is time for.
  public var mostSteps: Int?
  /// Examples per update, at most.
  public var batchSize = 64
  /// Where their number changes over the run; nil for `batchSize` throughout.
  public var batchStages: StagedNumber?
  /// Pieces a shard's part of the batch is cut into, to save memory.
  public var microBatches = 1
  /// T5's optimizer, whose steps are relative to a parameter's size, and the rate of the quickstart's small
  /// model; larger ones want a lower one (Docs/results/pretraining.md has 3e-3 for nine million parameters).
  public var optimizer = "adafactor"
  public var optimizerOptions = OptimizerOptions()
  public var learningRate = 2e-2
  /// Parameters that are trained otherwise than the others, or not at all; nil for none.
  public var groups: [ParameterRule]?
  /// Parts of the model that stay as they are; nil for none.
  public var frozen: FrozenParts?
  /// The rate of a block as a multiple of the block's above; nil for equal rates.
  public var layerDecay: Double?
  /// The average of values that is evaluated and kept; nil for the values themselves.
  public var averaging: ValueAverage?
  public var schedule = "cosine"
  /// Where and by how much the rate of the schedule `stepped` drops; nil for `RateDrops.zaremba`.
  public var drops: RateDrops?
  public var warmupSteps = 100
  /// The share of the run that warms up, in place of `warmupSteps`; nil for those.
  public var warmupShare: Double?
  /// The share of the run that `warmupSteps` take at most, so that a short run reaches its rate; nil for no limit.
  public var warmupLimit: Double?
  /// Learning rate at the end, as a fraction of the peak.
  public var finalFraction = 0.0
  /// The share of the run at its end over which a rate that does not decay by itself falls; nil for none.
  public var cooldown: Double?
  public var maximumNorm: Double? = 1.0
  public var dropout = 0.0
  /// Weight of the squared logarithm of the softmax's sum over the vocabulary, beside the cross-entropy; nil for none.
  public var zLoss: Double?
  public var precision = Precision.f32
  public var shards = 2
  /// What the gradients of shards are rounded to before they are added; nil for f32.
  public var gradientTraffic: GradientTraffic?
  public var backend: String?
  public var recomputing = false
  /// The bytes that the run is fitted into by `microBatches` and `recomputing`; nil for as these say.
  public var memory: Int?
  /// Updates between reports, evaluations and checkpoints.
  public var reportInterval = 20
  public var evaluationInterval: Int? = 500
  /// The share of the run, or the seconds of training, between evaluations, in place of `evaluationInterval`; nil for
  /// that.
  public var evaluationShare, evaluationSeconds: Double?
  public var checkpointInterval: Int? = 500
  /// Seconds after which a checkpoint is due, whatever the updates.
  public var checkpointSeconds: Double?
  /// Checkpoints that are kept.
  public var keep = 2
  /// How many models in a row that are no better than the best so far end a run that selects; nil for all.
  public var patience: Int?
  /// What is done about losses, gradients and values that are not finite; nil for `.stop`.
  public var nonFinite: NonFinitePolicy?

  public init() {}

  /// The same with what this machine is fastest with: the precision of its matrix products, and a shard for each core.
  public func forThisMachine() -> TrainingSettings {
    var settings = self
    settings.precision = MatrixBackends.preferredPrecision
    settings.shards = ProcessInfo.processInfo.activeProcessorCount
    return settings
  }

  /// - Throws: `.usage` naming the setting that makes no sense.
  public func validate() throws(GraftError) {
    guard (steps == nil) != (budgetSeconds == nil) else {
      throw GraftError(
        .usage, "a run needs either a number of steps or a budget of time",
        hint: "give one of `steps:` and `budget:`.")
    }
    try validateFlags()
    guard drops == nil || schedule == SteppedSchedule.identifier else {
      throw GraftError(
        .usage, "`drops:` is for the schedule '\(SteppedSchedule.identifier)'", hint: "leave one of the two out.")
    }
    _ = try makeSchedule()
    // Only for its complaints: options that make no sense should not leave a run directory behind.
    _ = try Optimizers.make(optimizer, parameters: [], options: optimizerOptions)
  }

  /// What can be said of each setting alone, before anything is opened.
  /// - Throws: `.usage` with the setting.
  public func validateFlags() throws(GraftError) {
    func require(_ condition: Bool, _ name: String, _ expected: String) throws(GraftError) {
      if !condition { throw GraftError(.usage, "\(name) must be \(expected)") }
    }
    try require((steps ?? 1) > 0, "`steps:`", "positive")
    try require((budgetSeconds ?? 1) > 0 && (budgetSeconds ?? 1).isFinite, "`budget:`", "positive")
    try require(batch.smallest > 0 && batch.largest <= 1 << 20, "`batch:`", "between 1 and \(1 << 20)")
    try require(microBatches > 0 && microBatches <= 1 << 16, "`micro-batches:`", "between 1 and \(1 << 16)")
    try require(reportInterval > 0, "the interval between reports", "positive")
    try require((evaluationInterval ?? 1) > 0, "`evaluate-every:`", "positive")
    try require((evaluationShare ?? 1) > 0 && (evaluationShare ?? 1) <= 1, "`evaluate-every:`", "a share up to 100%")
    try require((evaluationSeconds ?? 1) > 0, "`evaluate-every:`", "positive")
    try require((checkpointInterval ?? 1) > 0, "`save-every:`", "0 (for none on the way) or more")
    try require((checkpointSeconds ?? 1) > 0, "the time between checkpoints", "positive")
    try require(keep > 0, "`keep:`", "positive")
    try require((patience ?? 1) > 0, "`patience:`", "positive")
    try require(shards > 0 && shards <= 256, "`shards:`", "between 1 and 256")
    try require(learningRate > 0 && learningRate.isFinite, "`learning-rate:`", "positive")
    try require((layerDecay ?? 1) > 0 && (layerDecay ?? 1) <= 1, "`layer-decay:`", "above 0 and at most 1")
    try require(dropout >= 0 && dropout < 1, "`dropout:`", "in 0 ..< 1")
    try require((zLoss ?? 0) >= 0 && (zLoss ?? 0) <= 0.01, "`z-loss:`", "from 0 to 0.01")
    try require((maximumNorm ?? 1) > 0 && (maximumNorm ?? 1).isFinite, "`clip:`", "positive, or 0 for none")
    try require(warmupSteps >= 0, "`warmup:`", "0 or more")
    try require((warmupShare ?? 0) >= 0 && (warmupShare ?? 0) < 1, "`warmup:`", "0% or more and less than 100%")
    try require((warmupLimit ?? 1) > 0 && (warmupLimit ?? 1) <= 1, "`warmup:`", "at most 100%")
    try require((cooldown ?? 0) >= 0 && (cooldown ?? 0) <= 1, "`cooldown:`", "from 0 to 1")
  }

  /// Examples per update as they are written: `64`, or `8,32@30%`.
  public var batch: StagedNumber {
    get { batchStages ?? StagedNumber(batchSize) }
    set { (batchSize, batchStages) = (newValue.largest, newValue.isConstant ? nil : newValue) }
  }

  /// The warm-up as it is written: `100`, `2%`, or `100,10%`.
  public var warmup: Warmup {
    get { warmupShare.map(Warmup.share) ?? .updates(warmupSteps, atMost: warmupLimit) }
    set {
      switch newValue {
      case .updates(let count, let limit): (warmupSteps, warmupShare, warmupLimit) = (count, nil, limit)
      case .share(let share): (warmupShare, warmupLimit) = (share, nil)
      }
    }
  }

  /// Takes an optimizer by name, with the rate that is usual for it unless it was chosen already.
  /// - Throws: `.usage` for an unknown name.
  public mutating func choose(optimizer name: String, for phase: TrainingPhase) throws(GraftError) {
    guard name != optimizer else { return }
    learningRate = try Optimizers.registry(name).defaultRates[phase]
    optimizer = name
  }

  /// The optimizer of a model's parameters, and those that it trains.
  /// - Throws: `.usage` for options or groups that make no sense.
  func makeOptimizer(
    _ entries: [ParameterEntry]
  ) throws(GraftError) -> (optimizer: any Optimizer, trained: [TrainedParameter]) {
    let trained = try ParameterRules(groups ?? [], layerDecay: layerDecay, frozen: frozen)(entries)
    let optimizer = try Optimizers.make(optimizer, parameters: trained, options: optimizerOptions)
    guard let averaging else { return (optimizer, trained) }
    return (AveragedOptimizer(optimizer, parameters: trained, averaging), trained)
  }

  /// Whether a run that has come so far has done its steps, spent its time or lost its patience.
  func isUsedUp(_ state: TrainingState<LoopDetails>) -> Bool {
    if state.details.endedEarly == true { return true }
    if let limit = steps ?? mostSteps, state.step >= limit { return true }
    guard steps == nil else { return false }
    return state.elapsedSeconds >= budgetSeconds ?? 0
  }

  func makeSchedule() throws(GraftError) -> any LearningRateSchedule {
    try LearningRateSchedules.make(
      schedule,
      ScheduleOptions(
        peak: learningRate, warmupSteps: min(warmupSteps, steps ?? warmupSteps), totalSteps: steps,
        finalFraction: finalFraction, cooldownFraction: cooldown ?? 0, warmupFraction: warmupShare,
        warmupLimit: warmupLimit, drops: drops))
  }

  /// Whether a run of `other` can be gone on with under these settings: everything that decides what is
  /// computed is equal. How often it reports, evaluates and saves may change, and so may a budget of time.
  func computesTheSame(as other: TrainingSettings) -> Bool {
    var adjusted = other
    adjusted.reportInterval = reportInterval
    // What is held out is measured for people, unless an average waits for it.
    if case .sinceStalled = averaging {} else { adjusted.evaluation = evaluation }
    adjusted.checkpointInterval = checkpointInterval
    adjusted.checkpointSeconds = checkpointSeconds
    adjusted.keep = keep
    adjusted.patience = patience
    // Nothing that was finite depends on it, and a run that ended for it may go on under another.
    adjusted.nonFinite = nonFinite
    // It has decided on pieces and recomputation, which are equal.
    adjusted.memory = memory
    // Which products are the fastest depends on the machine; a run that goes on with others says so.
    adjusted.backend = backend
    if budgetSeconds != nil, other.budgetSeconds != nil { adjusted.budgetSeconds = budgetSeconds }
    return adjusted == self
  }
}

extension GraftError {
  /// The error for resuming a run under another plan.
  static func otherSettings(_ directory: String) -> GraftError {
    GraftError(
      .usage, "'\(directory)' was started with other settings, so going on would be neither run",
      hint: "give the settings its run.json records, or another `output:`.")
  }
}
