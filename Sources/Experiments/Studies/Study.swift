import Checkpointing
import Foundation
import Support

/// What is known of a finished stage of a study: a JSON file in its folder, written when all else is there.
protocol StudyRecord: Codable, Sendable, KindedFile {
  /// Figures for the ledger.
  func describe(in event: inout StudyEvent)
}

/// A model of a study, trained anew with every seed.
struct StudyArm: Sendable {
  var name: String
  var stages: [StudyStage]
}

/// A part of the work on a model, which has a folder of its own.
struct StudyStage: Sendable {
  /// As the ledger has it.
  var name: String
  /// Whether the stages after it need what it made.
  var isNeeded = false
  /// Folders in its own that are removed when it is finished.
  var leftovers: [String]
}

/// One stage of an arm with one seed.
struct StudyUnit: Sendable, Hashable {
  var arm: String
  var seed: UInt64
  var stage: String
}

/// Where the stages of a study lie.
struct StudyFolder<Record: StudyRecord>: Sendable {
  var path: String
  /// Whether an arm has one stage only, whose folder is that of its seed.
  var isFlat: Bool

  func folder(_ unit: StudyUnit) -> String {
    isFlat ? "\(path)/\(unit.arm)/seed-\(unit.seed)" : "\(path)/cells/\(unit.arm)/seed-\(unit.seed)/\(unit.stage)"
  }

  private func file(_ unit: StudyUnit) -> String { "\(folder(unit))/\(isFlat ? "trial" : "stage").json" }

  /// Nil if the stage is not finished.
  func record(_ unit: StudyUnit) throws(GraftError) -> Record? {
    let file = file(unit)
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return try JSONFile.read(Record.self, from: file)
  }

  func finish(_ unit: StudyUnit, _ record: Record) throws(GraftError) { try JSONFile.write(record, to: file(unit)) }

  var ledger: String { "\(path)/ledger.jsonl" }
}

/// A comparison of models: arms, each trained with the same seeds, in stages; going on where an earlier process
/// stopped.
struct Study<Record: StudyRecord>: Sendable {
  var folder: StudyFolder<Record>
  var arms: [StudyArm]
  var seeds: [UInt64]
  var surroundings: Surroundings

  private func units(_ arm: StudyArm, _ seed: UInt64) -> [StudyUnit] {
    arm.stages.map { StudyUnit(arm: arm.name, seed: seed, stage: $0.name) }
  }

  /// Does every stage that is not done, seeds outermost: after the first of several, every arm has a score. A stage
  /// that fails is recorded and the others go on.
  /// - Parameters:
  ///   - names: of the arms that are worked on; nil for all.
  ///   - seedDone: called when a seed is through.
  ///   - perform: does a stage in the folder it is given, going on if that holds a beginning.
  /// - Returns: the stages that failed.
  /// - Throws: `.interrupted` or `.terminated` after saving; `.inputOutput`, which would befall all stages alike;
  ///   `.badData` for a damaged ledger.
  func run(
    only names: [String]? = nil, seedDone: () throws(GraftError) -> Void = {},
    _ perform: (_ unit: StudyUnit, _ folder: String) throws(GraftError) -> Record
  ) throws(GraftError) -> [StudyFailure] {
    let ledger = try StudyLedger(folder.ledger)
    for event in ledger.unfinished {
      let unit = StudyUnit(arm: event.cell, seed: event.seed, stage: event.stage)
      // The process may have died between the end of the work and the line that says so.
      let record = try folder.record(unit)
      try ledger.append(unit, record == nil ? .aborted : .finished, record)
    }
    let arms = arms.filter { names?.contains($0.name) ?? true }
    let total = seeds.count * arms.reduce(0) { $0 + $1.stages.count }
    var begun = 0
    var failures: [StudyFailure] = []
    for seed in seeds {
      for arm in arms {
        let last = begun + arm.stages.count
        for (stage, unit) in zip(arm.stages, units(arm, seed)) {
          begun += 1
          if try folder.record(unit) == nil {
            if let code = surroundings.stop.exitCode { throw GraftError(code, "stopped between two stages") }
            surroundings.note(
              "[\(begun)/\(total)]  \(arm.name)  seed \(seed)" + (folder.isFlat ? "" : "  \(stage.name)"))
            if let error = try done(unit, ledger, perform) {
              failures.append(StudyFailure(unit: unit, error: error))
              if stage.isNeeded { break }
              continue
            }
          }
          // The process may have died before this.
          try removeFolders(stage.leftovers, in: folder.folder(unit))
        }
        begun = last
      }
      try seedDone()
    }
    return failures
  }

  /// Does a stage and keeps the ledger.
  /// - Returns: why it failed; nil if it is done.
  private func done(
    _ unit: StudyUnit, _ ledger: StudyLedger,
    _ perform: (_ unit: StudyUnit, _ folder: String) throws(GraftError) -> Record
  ) throws(GraftError) -> GraftError? {
    try ledger.append(unit, .started)
    do throws(GraftError) {
      let record = try perform(unit, folder.folder(unit))
      try folder.finish(unit, record)
      try ledger.append(unit, .finished, record)
      return nil
    } catch {
      let isInterruption = error.code == .interrupted || error.code == .terminated
      try ledger.append(unit, isInterruption ? .interrupted : .failed, error: error)
      if isInterruption || error.code == .inputOutput { throw error }
      surroundings.note("failed: \(error)")
      return error
    }
  }

  /// The seeds of an arm that are done, with what is known of a stage.
  func records(_ arm: String, _ stage: String) throws(GraftError) -> [(seed: UInt64, record: Record)] {
    var records: [(seed: UInt64, record: Record)] = []
    for seed in seeds {
      if let record = try folder.record(StudyUnit(arm: arm, seed: seed, stage: stage)) {
        records.append((seed, record))
      }
    }
    return records
  }

  /// What is not done: how often because the last attempt failed, with the error, and how often for another reason.
  func open() throws(GraftError) -> (failures: [(unit: StudyUnit, error: String)], missing: Int) {
    let events = FileManager.default.fileExists(atPath: folder.ledger) ? try StudyLedger.read(folder.ledger).events : []
    let last = Dictionary(events.map { (StudyUnit(arm: $0.cell, seed: $0.seed, stage: $0.stage), $0) }) { $1 }
    var failures: [(unit: StudyUnit, error: String)] = []
    var missing = 0
    for seed in seeds {
      for unit in arms.flatMap({ units($0, seed) }) where try folder.record(unit) == nil {
        if let event = last[unit], event.event == .failed {
          failures.append((unit, event.error ?? ""))
        } else {
          missing += 1
        }
      }
    }
    return (failures, missing)
  }
}

/// Studies whose models are trained in one stage.
extension Study {
  private static var stage: String { "train" }

  /// - Parameter arms: a model each; what was trained is not kept, predictions and results are.
  init(trained arms: [String], in path: String, seeds: [UInt64], surroundings: Surroundings) {
    let stage = StudyStage(name: Self.stage, leftovers: ["checkpoints", "model"])
    self.init(
      folder: StudyFolder(path: path, isFlat: true), arms: arms.map { StudyArm(name: $0, stages: [stage]) },
      seeds: seeds, surroundings: surroundings)
  }

  func trialFolder(_ arm: String, _ seed: UInt64) -> String {
    folder.folder(StudyUnit(arm: arm, seed: seed, stage: Self.stage))
  }

  /// Those of an arm that are done.
  func trials(_ arm: String) throws(GraftError) -> [(seed: UInt64, record: Record)] { try records(arm, Self.stage) }
}

/// A stage that failed in this process.
public struct StudyFailure: Sendable {
  var unit: StudyUnit
  var error: GraftError
}

extension [StudyFailure] {
  /// - Parameter output: the study's folder.
  /// - Throws: an error with the code of the first stage that failed, if any did.
  public func require(in output: String) throws(GraftError) {
    guard let first else { return }
    let stage = "\(first.unit.arm), seed \(first.unit.seed), \(first.unit.stage)"
    throw GraftError(
      first.error.code, "\(count) \(count == 1 ? "stage" : "stages") failed, first \(stage): \(first.error.message)",
      hint: "'\(output)/ledger.jsonl' has every error; the same command tries them again.")
  }
}
