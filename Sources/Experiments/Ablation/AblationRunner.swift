import Checkpointing
import Foundation
import Reporting
import Support
import TaskRegistry
import Training

/// Trains and scores the cells of a grid one after another, going on where an earlier process stopped.
public final class AblationRunner {
  private let grid: AblationGrid
  private let folder: AblationFolder
  private let ledger: AblationLedger
  private let data: DataRoot
  private let cache: String
  private let surroundings: Surroundings
  /// Called when a seed is through.
  public var seedDone: (() throws(GraftError) -> Void)?
  /// Stages that failed in this process.
  public private(set) var failures: [(stage: String, error: GraftError)] = []

  /// - Throws: `.badData` for a damaged ledger, `.inputOutput`.
  public init(
    _ grid: AblationGrid, folder: AblationFolder, data: DataRoot, cache: String, surroundings: Surroundings
  ) throws(GraftError) {
    (self.grid, self.folder, self.data, self.cache) = (grid, folder, data, cache)
    self.surroundings = surroundings
    ledger = try AblationLedger("\(folder.path)/ledger.jsonl")
    for event in ledger.unfinished {
      // The process may have died between the end of the work and the line that says so.
      if let result = try folder.finished(event.cell, event.seed, event.stage) {
        try record(.finished, event.cell, event.seed, event.stage, result)
      } else {
        try record(.aborted, event.cell, event.seed, event.stage)
      }
    }
  }

  /// Seeds outermost: after the first of three, every cell has a score.
  /// - Throws: `.interrupted` or `.terminated` after saving; `.inputOutput`, which would befall all cells alike.
  public func run(_ cells: [AblationCell]) throws(GraftError) {
    let perSeed = cells.reduce(0) { $0 + ($1.objective == nil ? 0 : 1) + grid.tasks.count }
    total = perSeed * grid.configuration.seeds.count
    for seed in grid.configuration.seeds {
      for cell in cells { try run(cell, seed) }
      try seedDone?()
    }
  }

  /// Stages that have had their turn, and all of them.
  private var (begun, total) = (0, 0)

  private func run(_ cell: AblationCell, _ seed: UInt64) throws(GraftError) {
    var checkpoint: String?
    if cell.objective != nil {
      let stage = AblationStage.pretraining
      guard try perform(stage, cell, seed, { () throws(GraftError) in try pretrain(cell, seed) }) else {
        begun += grid.tasks.count
        return
      }
      try folder.tidy(cell.name, seed, stage, ["checkpoints"])
      checkpoint = folder.stage(cell.name, seed, stage)
    }
    for (task, definition) in zip(grid.configuration.fineTuning.tasks, grid.tasks) {
      let stage = AblationStage.fineTuning(task.name)
      let isDone = try perform(stage, cell, seed) { () throws(GraftError) in
        try fineTune(cell, seed, task, definition, checkpoint)
      }
      // The predictions and results stay.
      if isDone { try folder.tidy(cell.name, seed, stage, ["checkpoints", "model"]) }
    }
  }

  /// Does a stage unless it is done, and keeps the ledger.
  /// - Returns: whether the stage is done.
  private func perform(
    _ stage: String, _ cell: AblationCell, _ seed: UInt64,
    _ work: () throws(GraftError) -> AblationStage
  ) throws(GraftError) -> Bool {
    begun += 1
    if try folder.finished(cell.name, seed, stage) != nil { return true }
    if let code = surroundings.stop.exitCode { throw GraftError(code, "stopped between two stages") }
    surroundings.note("[\(begun)/\(total)]  \(cell.name)  seed \(seed)  \(stage)")
    try record(.started, cell.name, seed, stage)
    do throws(GraftError) {
      let result = try work()
      try folder.finish(cell.name, seed, stage, result)
      try record(.finished, cell.name, seed, stage, result)
      return true
    } catch {
      let isInterruption = error.code == .interrupted || error.code == .terminated
      try record(isInterruption ? .interrupted : .failed, cell.name, seed, stage, error: error)
      if isInterruption || error.code == .inputOutput { throw error }
      failures.append(("\(cell.name), seed \(seed), \(stage)", error))
      surroundings.note("failed: \(error)")
      return false
    }
  }

  private func pretrain(_ cell: AblationCell, _ seed: UInt64) throws(GraftError) -> AblationStage {
    guard let plan = grid.configuration.pretrainingPlan(cell, seed: seed) else {
      preconditionFailure("the arm without pretraining is not pretrained")
    }
    let directory = folder.stage(cell.name, seed, AblationStage.pretraining)
    let reporter = surroundings.reporter(phase: "\(cell.name) \(seed)", directory: directory)
    let result = try Pretraining.run(
      plan, tokenizer: grid.tokenizer, directory: directory, cache: cache, resuming: true,
      arguments: surroundings.arguments, stop: surroundings.stop, emit: reporter.handle)
    try reporter.finish()
    return AblationStage(
      steps: result.steps ?? 0, tokens: result.tokensSeen, flops: result.operations ?? 0,
      seconds: result.elapsedSeconds, heldOut: result.heldOut.last?.lossPerToken,
      bitsPerByte: result.heldOut.last?.bitsPerByte, unigramReference: result.unigramReference)
  }

  private func fineTune(
    _ cell: AblationCell, _ seed: UInt64, _ task: AblationTask, _ definition: TaskDefinition,
    _ checkpoint: String?
  ) throws(GraftError) -> AblationStage {
    var job = FineTuningJob(
      surroundings: surroundings,
      plan: grid.configuration.fineTuningPlan(cell, task: task, seed: seed, checkpoint: checkpoint),
      tasks: [definition], suites: grid.suites.filter { $0.task.name == task.name }, splits: task.splits,
      tokenizer: grid.tokenizer, data: data,
      directory: folder.stage(cell.name, seed, AblationStage.fineTuning(task.name)),
      phase: "\(cell.name) \(seed) \(task.name)")
    job.answers = grid.configuration.fineTuning.answers
    job.resuming = true
    let (results, state, _) = try job.trained()
    var scores: [String: Double] = [:]
    for entry in results.results where entry.group.isEmpty && entry.score.isFinite {
      scores["\(entry.task).\(entry.split).\(entry.metric)"] = entry.score
    }
    return AblationStage(
      steps: state.step, tokens: state.tokensSeen, flops: state.details.operations ?? 0,
      seconds: state.elapsedSeconds, scores: scores)
  }

  private func record(
    _ kind: AblationEvent.Kind, _ cell: String, _ seed: UInt64, _ stage: String,
    _ result: AblationStage? = nil, error: GraftError? = nil
  ) throws(GraftError) {
    try ledger.append(
      AblationEvent(
        time: Date.now.ISO8601Format(), cell: cell, seed: seed, stage: stage, event: kind,
        steps: result?.steps, tokens: result?.tokens, flops: result?.flops, seconds: result?.seconds,
        heldOut: result?.heldOut, scores: result?.scores, error: error.map { "\($0)" }))
  }
}
