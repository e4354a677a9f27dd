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
  /// that fails is recorded and the others go on. Several processes each train a model at a time, all of its stages,
  /// and get the next one from rank 0.
  /// - Parameters:
  ///   - names: of the arms that are worked on; nil for all.
  ///   - seedDone: called on rank 0 when a seed is through.
  ///   - perform: does a stage in the folder it is given, going on if that holds a beginning.
  /// - Returns: on rank 0 the stages that failed.
  /// - Throws: `.interrupted` or `.terminated` after saving; `.inputOutput`, which would befall all stages alike;
  ///   `.badData` for a damaged ledger; `.missingInput` if a process does not see the folder.
  func run(
    only names: [String]? = nil, seedDone: () throws(GraftError) -> Void = {},
    _ perform: (_ unit: StudyUnit, _ folder: String, _ surroundings: Surroundings) throws(GraftError) -> Record
  ) throws(GraftError) -> [StudyFailure] {
    let arms = arms.filter { names?.contains($0.name) ?? true }
    let models = seeds.flatMap { seed in arms.map { (seed: seed, arm: $0) } }
    try surroundings.world.requireShared(folder: folder.path)
    let desk = try surroundings.world.onRoot { () throws(GraftError) in try openDesk(models) }
    guard let desk else {
      try work(on: models, from: RemoteStudyDesk(surroundings.world), {}, perform)
      return []
    }
    func tellSeeds() throws(GraftError) { for _ in 0..<desk.newlyDoneSeeds() { try seedDone() } }
    if surroundings.world.size > 1 { desk.serve() }
    do throws(GraftError) {
      try work(on: models, from: desk, tellSeeds, perform)
    } catch {
      try desk.endServing(early: true)
      throw error
    }
    try desk.endServing(early: false)
    try tellSeeds()
    return desk.failures
  }

  /// Opens the ledger, and completes it if a process that died had no time to.
  private func openDesk(_ models: [(seed: UInt64, arm: StudyArm)]) throws(GraftError) -> LocalStudyDesk {
    let ledger = try StudyLedger(folder.ledger)
    for event in ledger.unfinished {
      // The process may have died between the end of the work and the line that says so.
      let record = try folder.record(event.unit)
      try ledger.append(StudyEvent(event.unit, record == nil ? .aborted : .finished, record))
    }
    let all = models.flatMap { units($0.arm, $0.seed) }
    var titles: [StudyUnit: String] = [:]
    for (index, unit) in all.enumerated() {
      titles[unit] =
        "[\(index + 1)/\(all.count)]  \(unit.arm)  seed \(unit.seed)" + (folder.isFlat ? "" : "  \(unit.stage)")
    }
    return LocalStudyDesk(ledger, models, order: all, titles: titles, surroundings)
  }

  /// Trains models that the desk gives until there are no more.
  /// - Parameter modelDone: called after each.
  private func work(
    on models: [(seed: UInt64, arm: StudyArm)], from desk: some StudyDesk,
    _ modelDone: () throws(GraftError) -> Void,
    _ perform: (_ unit: StudyUnit, _ folder: String, _ surroundings: Surroundings) throws(GraftError) -> Record
  ) throws(GraftError) {
    while let place = try desk.next() {
      let (seed, arm) = models[place]
      for (stage, unit) in zip(arm.stages, units(arm, seed)) {
        if try folder.record(unit) == nil {
          if let code = surroundings.stop.exitCode { throw GraftError(code, "stopped between two stages") }
          guard try isDone(unit, desk, perform) else {
            if stage.isNeeded { break }
            continue
          }
        }
        // The process may have died before this.
        try removeFolders(stage.leftovers, in: folder.folder(unit))
      }
      try modelDone()
    }
  }

  /// Does a stage and says so.
  /// - Returns: false if it failed.
  private func isDone(
    _ unit: StudyUnit, _ desk: some StudyDesk,
    _ perform: (_ unit: StudyUnit, _ folder: String, _ surroundings: Surroundings) throws(GraftError) -> Record
  ) throws(GraftError) -> Bool {
    try desk.enter(StudyEvent(unit, .started), nil)
    do throws(GraftError) {
      let record = try perform(unit, folder.folder(unit), surroundings.alone)
      try folder.finish(unit, record)
      try desk.enter(StudyEvent(unit, .finished, record), nil)
      return true
    } catch {
      let isInterruption = error.code == .interrupted || error.code == .terminated
      try desk.enter(StudyEvent(unit, isInterruption ? .interrupted : .failed, error: error), error)
      if isInterruption || error.code == .inputOutput { throw error }
      return false
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
