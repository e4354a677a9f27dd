import Checkpointing
import Compute
import Corpus
import Families
import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Support
import Tokenization

/// Everything that decides what a run computes; the `configuration` in its `run.json`.
protocol RunPlan: Codable, Sendable {
  var model: ModelConfiguration { get }
  /// Nil to start from drawn values.
  var initialCheckpoint: String? { get }
  /// Where the model of an adapter is that training goes on with; nil for where the adapter says.
  var initialBase: String? { get }
  var settings: TrainingSettings { get }
  /// See `TrainingSettings.computesTheSame`.
  func computesTheSame(as other: Self) -> Bool
}

extension RunPlan {
  /// The plan's model, with drawn values or those of its checkpoint, and what an adapter's base is.
  /// - Throws: `.usage` if the checkpoint is another model or belongs to another tokenizer.
  func makeModel(
    _ tokenizer: Tokenizer, world: any World = Alone()
  ) throws(GraftError) -> (model: ShardedModel, base: BaseReference?) {
    var configuration = model
    configuration.dropout = settings.dropout
    let made = try ShardedModel(
      configuration, key: RandomKey(seed: settings.seed).folded("parameters"), precision: settings.precision,
      shardCount: settings.shards, backend: settings.backend, training: true, world: world)
    made.traffic = settings.gradientTraffic ?? .f32
    guard let path = initialCheckpoint else {
      guard model.lora == nil else {
        throw GraftError(
          .usage, "an adapter is trained beside a model that has learned something, and this one's values are drawn",
          hint: "give `checkpoint:`, and leave `untrained:` out.")
      }
      return (made, nil)
    }
    let (checkpoint, saved, savedTokenizer) = try ModelFolder.open(path, base: initialBase)
    var savedModel = model.answers == nil ? saved : saved.answering(model.answers)
    savedModel.dropout = model.dropout
    savedModel.lora = savedModel.lora ?? model.lora
    guard savedModel.ofTokens == model.ofTokens else {
      throw GraftError(
        .usage, "the checkpoint '\(path)' is another model than the one asked for",
        hint: "leave `backbone:` out: the checkpoint brings its own.")
    }
    guard savedTokenizer.contentHash == tokenizer.contentHash else {
      throw GraftError(.usage, "the checkpoint '\(path)' was trained with another tokenizer")
    }
    let heads = HeadTransfer(from: saved.answers, to: model.answers, in: made.store)
    var replaced: Set<String> = []
    if model.answers != nil {
      // Those of the saved model are left over, those of this one missing.
      replaced = try Families.make(saved).declarations.namesOfHeads
        .union(made.store.entries.filter(\.isOfHead).map(\.name))
    }
    if model.lora != nil, saved.lora == nil {
      try checkpoint.loadBase(into: made.store, replacing: replaced)
    } else {
      try checkpoint.load(into: made.store, replacing: replaced)
    }
    heads.apply(to: made.store)
    guard model.lora != nil else {
      made.refreshOperands()
      return (made, nil)
    }
    let base = if case .adapted(let adapted) = checkpoint { adapted.base } else { checkpoint }
    let reference = BaseReference(base, sha256: made.store.hashOfBase())
    made.keepOnlyCopiesOfFixedMatrices()
    made.refreshOperands()
    return (made, reference)
  }
}

/// One run in its directory, from the first step or the newest checkpoint to the finished model.
final class RunSession<Plan: RunPlan> {
  let model: ShardedModel
  private let plan: Plan
  /// Nil on all ranks but 0.
  private let directory: RunDirectory?
  private let tokenizer: Tokenizer
  private let loss: BatchLoss
  private let base: BaseReference?
  private let loop: TrainingLoop
  private let card: (TrainingState<LoopDetails>) -> String
  private let stop: StopRequest
  private let emit: (TrainingEvent) -> Void
  private var manifest: RunManifest<Plan>
  /// Whether a checkpoint or a finished model was found to go on from.
  let isResumed: Bool
  /// Whether the training was done by an earlier process, which left the model.
  private let isFinished: Bool

  /// - Parameters:
  ///   - base: what an adapter is trained beside.
  ///   - hashes: what the run depends on beside its settings; a resumed run must find the same.
  ///   - formerHashes: what a run that an earlier graft began has in place of some of them.
  ///   - card: the README of a saved model.
  /// - Throws: `.usage` if a run is resumed with other settings, or if ranks have different ones; `.badData` with other
  ///   data.
  init(
    _ plan: Plan, in directory: RunDirectory?, resuming: Bool, model: ShardedModel, base: BaseReference? = nil,
    tokenizer: Tokenizer, source: any SampleSource, converter: any LayoutConverter, loss: @escaping BatchLoss,
    hashes: [String: String], formerHashes: [String: String] = [:], arguments: [String], stop: StopRequest,
    emit: @escaping (TrainingEvent) -> Void, card: @escaping (TrainingState<LoopDetails>) -> String
  ) throws(GraftError) {
    let settings = plan.settings
    (self.plan, self.directory, self.model, self.tokenizer) = (plan, directory, model, tokenizer)
    (self.loss, self.card, self.stop, self.emit, self.base) = (loss, card, stop, emit, base)
    manifest = RunManifest(
      graftVersion: GraftVersion.number, arguments: arguments, configuration: plan, seed: settings.seed,
      shards: settings.shards, precision: settings.precision.rawValue,
      backendSignature: model.backend.signature, dataHashes: hashes)
    try RankIdentity.check(plan, hashes, model, model.world)
    let start = try model.world.together { () throws(GraftError) -> RunStart in
      guard resuming, let directory else { return RunStart() }
      return try directory.start(plan, model, base: base, hashes: hashes, formerHashes: formerHashes, emit: emit)
    }
    isFinished = start.finished != nil
    isResumed = start.finished != nil || start.checkpoint != nil
    let peak = try MatrixBenchmark.peak(
      backend: model.backend, precision: settings.precision, threads: model.shardCount, rounds: 3)
    loop = try TrainingLoop(
      settings, model: model, source: source, converter: converter, loss: loss,
      peakRate: peak * Double(model.world.size), stop: stop, emit: emit)
    if let checkpoint = start.checkpoint {
      try loop.resume(from: checkpoint)
      emit(.resumed(path: checkpoint, step: loop.state.step))
    } else if let finished = start.finished {
      try loop.finish(with: directory?.modelPath, finished)
      emit(.note("training ended at step \(finished.step) already: '\(directory?.modelPath ?? "")'"))
    }
  }

  /// Where training is.
  var state: TrainingState<LoopDetails> { loop.state }

  /// Trains to the end and saves the model, unless that was done before.
  ///
  /// - Parameters:
  ///   - heldOut: what is measured at the settings' interval and at the end.
  ///   - scores: what is measured with it.
  ///   - measuresStart: whether the untrained model is measured, too.
  ///   - observers: what looks at the model on the way.
  ///   - best: one of them, which keeps the model that the run ends with; nil to keep the last.
  ///   - keepsLast: whether the last state is saved as a checkpoint where none is saved on the way. A short run
  ///     is cheaper to repeat.
  ///   - mixture: how often each task was seen in so many samples, for `run.json`.
  /// - Throws: `.interrupted` or `.terminated` after saving; `.internalError` if the model is not finite and the
  ///   settings do not say what else to do; `.inputOutput`.
  func train(
    heldOut: HeldOutLoss?, scores: ValidationScores? = nil, measuresStart: Bool, keepsLast: Bool,
    observers: [any ModelObserver] = [],
    best: ModelSelection? = nil,
    mixture: (_ samples: Int) -> [MixtureShare]? = { _ in nil }
  ) throws(GraftError) -> TrainingState<LoopDetails> {
    loop.evaluate = { [model, loss] state throws(GraftError) in
      guard let heldOut, !heldOut.isEmpty, measuresStart || state.step > 0 else { return nil }
      var report = try heldOut.report(model, loss: loss, state: state)
      if let scores { report.scores = try model.world.together { () throws(GraftError) in try scores.report() } }
      return report
    }
    loop.save = { [plan, directory, stop, unowned self] state, optimizer, carried throws(GraftError) in
      let isLast = state.step >= plan.settings.steps ?? .max || state.details.endedEarly == true
      guard let directory, keepsLast || plan.settings.checkpointInterval != nil || stop.exitCode != nil || !isLast
      else {
        return nil
      }
      return try directory.save(
        state, optimizer, carried: carried, try writer(state, directory), keep: plan.settings.keep)
    }
    loop.latestCheckpoint = { [directory] () throws(GraftError) in try directory?.checkpoints.latest() }
    guard !isFinished else {
      emit(.began(isResumed: true))
      return loop.state
    }
    best?.keep = { [directory, unowned self] folder throws(GraftError) in
      if let directory { try writer(loop.state, directory).write(to: folder) }
    }
    loop.observers = observers
    try loop.resumeObservers()
    let preparation = directory?.opened.secondsUntilNow ?? 0
    model.stop = stop
    try stop.awaited { () throws(GraftError) in
      // From here on the directory holds a run; what failed before leaves it free for another try.
      try model.world.onRoot { () throws(GraftError) in if let directory { try manifest.write(toRun: directory.path) } }
      emit(.began(isResumed: isResumed))
      try complete(preparation, best, mixture)
    }
    _ = try model.world.collected { () throws(GraftError) in
      try stop.check(
        "training is done and the model is saved", hint: "the same command with `resume:` does the rest.")
    }
    return loop.state
  }

  private func complete(
    _ preparation: Double, _ best: ModelSelection?, _ mixture: (_ samples: Int) -> [MixtureShare]?
  ) throws(GraftError) {
    try loop.run()
    try loop.takeEvaluationValues()
    let step = loop.state.step
    let bestFolder = try model.world.together { () throws(GraftError) in best?.bestFolder(lastStep: step) }
    if let bestFolder { try loop.take(bestFolder) }
    try model.world.onRoot { () throws(GraftError) in
      guard let directory else { return }
      try writer(loop.state, directory).write(to: directory.modelPath)
      try best?.removeFolder()
      // A resumed run's training includes what came before; its preparation is that of the last process.
      manifest.timings = [
        "training": loop.state.elapsedSeconds, "total": preparation + loop.state.elapsedSeconds,
      ]
      manifest.mixture = mixture(loop.state.sampleIndex)
      manifest.nonFinite = loop.state.details.nonFinite
      try manifest.write(toRun: directory.path)
      try directory.finish(loop.state)
    }
  }

  private func writer(
    _ state: TrainingState<LoopDetails>, _ directory: RunDirectory
  ) throws(GraftError) -> CheckpointWriter {
    try directory.writer(plan.model, model.store, tokenizer, card: card(state), base: base)
  }
}

/// Where a run is taken up.
struct RunStart: Codable, Sendable {
  /// The newest checkpoint; nil if there is none or training ended.
  var checkpoint: String?
  /// Where training ended; nil if it did not.
  var finished: TrainingState<LoopDetails>?
}

extension RunDirectory {
  /// Finds out where the run is to be taken up.
  /// - Throws: `.usage` if it had other settings, `.badData` for other data or a damaged file.
  fileprivate func start<Plan: RunPlan>(
    _ plan: Plan, _ model: ShardedModel, base: BaseReference?, hashes: [String: String],
    formerHashes: [String: String], emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> RunStart {
    let ended = try finishedState()
    let finished = ended.flatMap { plan.settings.isUsedUp($0) ? $0 : nil }
    let checkpoint = finished == nil ? try checkpoints.latest() : nil
    guard checkpoint != nil || finished != nil else { return RunStart() }
    var earlier = try RunManifest<Plan>.read(fromRun: path)
    for (name, former) in formerHashes where earlier.dataHashes[name] == former {
      earlier.dataHashes[name] = hashes[name]
    }
    try earlier.requireSameData(as: hashes)
    guard plan.computesTheSame(as: earlier.configuration) else { throw .otherSettings(path) }
    let (before, now) = (earlier.backendSignature, model.backend.signature)
    if before != now {
      emit(
        .note(
          "the run was begun with the matrix products of \(before) and goes on with \(now): not to the bit as if it"
            + " had not stopped"))
    }
    if let checkpoint, let saved = try checkpoint.base(), saved.sha256 != base?.sha256 {
      throw GraftError(
        .badData, "the model that the adapter of '\(path)' is trained beside has other values than before",
        hint: "give the same `checkpoint:`; the run names '\(saved.path)'.")
    }
    return RunStart(checkpoint: checkpoint?.path, finished: finished)
  }
}
