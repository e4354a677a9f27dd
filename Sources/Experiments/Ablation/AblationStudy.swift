import Checkpointing
import Foundation
import Inference
import Records
import Reporting
import Support
import TaskRegistry
import Training

/// Trains and scores the cells of a grid one after another, going on where an earlier process stopped.
public struct AblationStudy {
  let grid: AblationGrid
  let data: DataRoot
  private let cache: String
  let study: Study<AblationStage>

  /// - Parameters:
  ///   - output: the grid's folder.
  ///   - data: where examples are read.
  ///   - cache: where token shards are kept.
  public init(_ grid: AblationGrid, output: String, data: DataRoot, cache: String, surroundings: Surroundings) {
    (self.grid, self.data, self.cache) = (grid, data, cache)
    let arms = grid.cells.map { cell in
      var stages: [StudyStage] = []
      if cell.isPretrained {
        stages.append(StudyStage(name: AblationStage.pretraining, isNeeded: true, leftovers: ["checkpoints"]))
        if grid.evaluation != nil { stages.append(StudyStage(name: AblationStage.evaluation, leftovers: [])) }
      }
      for tuning in grid.tunings {
        // The predictions and results stay.
        stages.append(
          StudyStage(name: AblationStage.fineTuning(tuning.name), leftovers: ["checkpoints", "model"]))
      }
      return StudyArm(name: cell.name, stages: stages)
    }
    study = Study(
      folder: StudyFolder(path: output, isFlat: false), arms: arms, seeds: grid.seeds, surroundings: surroundings)
  }

  /// - Parameters:
  ///   - cells: those that are worked on.
  ///   - seedDone: called when a seed is through.
  /// - Returns: the stages that failed.
  /// - Throws: `.interrupted` or `.terminated` after saving; `.inputOutput`; `.badData` for a damaged ledger.
  public func run(
    only cells: [AblationCell], seedDone: () throws(GraftError) -> Void
  ) throws(GraftError) -> [StudyFailure] {
    try study.run(only: cells.map(\.name), seedDone: seedDone) { (unit, folder, surroundings) throws(GraftError) in
      guard let cell = cells.first(where: { $0.name == unit.arm }) else { preconditionFailure("no cell '\(unit.arm)'") }
      switch unit.stage {
      case AblationStage.pretraining: return try pretrain(cell, unit.seed, folder, surroundings)
      case AblationStage.evaluation: return try evaluate(cell, unit.seed, folder)
      default:
        guard let tuning = grid.tunings.first(where: { AblationStage.fineTuning($0.name) == unit.stage }) else {
          preconditionFailure("no stage '\(unit.stage)'")
        }
        return try fineTune(cell, unit.seed, tuning, folder, surroundings)
      }
    }
  }

  private func pretrained(_ cell: AblationCell, _ seed: UInt64) -> String {
    study.folder.folder(StudyUnit(arm: cell.name, seed: seed, stage: AblationStage.pretraining))
  }

  private func pretrain(
    _ cell: AblationCell, _ seed: UInt64, _ folder: String, _ surroundings: Surroundings
  ) throws(GraftError) -> AblationStage {
    let result = try cell.seeded(seed).run(
      in: folder, cache: cache, resuming: true, phase: "\(cell.name) \(seed)", surroundings: surroundings)
    return AblationStage(
      steps: result.steps ?? 0, tokens: result.tokensSeen, flops: result.operations ?? 0,
      seconds: result.elapsedSeconds, heldOut: result.heldOut.last?.lossPerToken,
      bitsPerByte: result.heldOut.last?.bitsPerByte, unigramReference: result.unigramReference)
  }

  private func evaluate(_ cell: AblationCell, _ seed: UInt64, _ folder: String) throws(GraftError) -> AblationStage {
    guard let job = grid.evaluation else { preconditionFailure("the grid scores no pretrained model") }
    let begun = ContinuousClock.now
    let results = try job.results(
      of: pretrained(cell, seed), seed: seed, predictionFolder: "\(folder)/predictions", note: study.surroundings.note)
    try ResultsFile(results).write(to: "\(folder)/results.json")
    return AblationStage(
      steps: 0, tokens: 0, flops: 0, seconds: begun.duration(to: .now) / .seconds(1), scores: Self.scores(results))
  }

  private func fineTune(
    _ cell: AblationCell, _ seed: UInt64, _ tuning: AblationTuning, _ folder: String, _ surroundings: Surroundings
  ) throws(GraftError) -> AblationStage {
    var job = tuning.job
    job.surroundings = surroundings
    job.plan.model = cell.job.plan.model
    job.tokenizer = cell.job.tokenizer
    if cell.isPretrained {
      let checkpoint = pretrained(cell, seed)
      (_, job.plan.model, job.tokenizer) = try ModelFolder.open(checkpoint)
      job.plan.initialCheckpoint = checkpoint
    }
    job.plan.settings.seed = seed
    (job.directory, job.phase) = (folder, "\(cell.name) \(seed) \(tuning.name)")
    let (results, state, _) = try job.trained()
    return AblationStage(
      steps: state.step, tokens: state.tokensSeen, flops: state.details.operations ?? 0,
      seconds: state.elapsedSeconds, scores: Self.scores(results.results))
  }

  private static func scores(_ results: [ResultEntry]) -> [String: Double] {
    var scores: [String: Double] = [:]
    for entry in results where entry.group.isEmpty && entry.score.isFinite {
      scores["\(entry.task).\(entry.split).\(entry.metric)"] = entry.score
    }
    return scores
  }
}
