import Checkpointing
import Foundation
import Support

/// The folder of a comparison of models that differ in one thing, each trained with the same seeds: `ARM/seed-N`, with
/// a
/// `trial.json` that is written when all else of a trial is there.
struct Study<Trial: Codable & Sendable>: Sendable {
  var path: String
  var arms: [String]
  var seeds: [UInt64]
  var surroundings: Surroundings

  func folder(_ arm: String, _ seed: UInt64) -> String { "\(path)/\(arm)/seed-\(seed)" }

  /// Does every trial that is not done, seeds outermost: after the first of several, every arm has a score.
  /// - Parameter perform: trains and judges a model in the folder it is given, going on if it holds a beginning. The
  ///   model and its checkpoints are removed afterwards; predictions and results stay.
  /// - Throws: what `perform` throws; `.interrupted` or `.terminated` between two trials.
  func run(
    _ perform: (_ arm: String, _ seed: UInt64, _ folder: String) throws(GraftError) -> Trial
  ) throws(GraftError) {
    var begun = 0
    for seed in seeds {
      for arm in arms {
        begun += 1
        guard try trial(arm, seed) == nil else {
          // The process may have died before this.
          try removeFolders(["checkpoints", "model"], in: folder(arm, seed))
          continue
        }
        do throws(GraftError) {
          if let code = surroundings.stop.exitCode {
            throw GraftError(code, "stopped between two models")
          }
          surroundings.note("[\(begun)/\(seeds.count * arms.count)]  \(arm)  seed \(seed)")
          let folder = folder(arm, seed)
          let trial = try perform(arm, seed, folder)
          try JSONFile.write(trial, to: "\(folder)/trial.json")
          try removeFolders(["checkpoints", "model"], in: folder)
        } catch {
          var error = error
          if error.code == .interrupted || error.code == .terminated {
            error.hint = "the same command goes on."
          }
          throw error
        }
      }
    }
  }

  /// Nil if it is not done.
  func trial(_ arm: String, _ seed: UInt64) throws(GraftError) -> Trial? {
    let path = "\(folder(arm, seed))/trial.json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try JSONFile.read(Trial.self, from: path)
  }

  /// Those of an arm that are done.
  func trials(_ arm: String) throws(GraftError) -> [(seed: UInt64, trial: Trial)] {
    var trials: [(seed: UInt64, trial: Trial)] = []
    for seed in seeds {
      if let trial = try trial(arm, seed) { trials.append((seed, trial)) }
    }
    return trials
  }
}
