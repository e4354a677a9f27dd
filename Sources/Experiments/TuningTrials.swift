import Foundation
import Randomness
import Reporting
import Support
import Training

/// Takes the learning rate of a fine-tuning run from a number of trials, of which the best by the examples that are
/// kept from training becomes the run. No split that is scored has a part in it.
///
/// The rates are those of the plan times numbers that the seed alone decides: two arms of a comparison with the same
/// seeds and as many trials have the same draws.
public struct TuningTrials: Sendable {
  /// The largest rate that can be drawn, over the smallest; the plan's is their geometric mean.
  static let span = 10.0
  private let count: Int

  /// - Parameter count: of trials for each seed.
  /// - Throws: `.usage` for a run that has nothing to choose by, or one with a first stage.
  public init(_ count: Int, for job: FineTuningJob) throws(GraftError) {
    guard count >= 1 else { throw GraftError(.usage, "`trials:` must be 1 or more") }
    guard job.plan.selectionShare != nil else {
      throw GraftError(
        .usage, "trials need examples to choose by that are kept from training", hint: "add `select:` best.")
    }
    guard job.first == nil else {
      throw GraftError(
        .usage, "`trials:` and `after:` do not go together: the first stage has a learning rate of its own",
        hint: "train the first stage as a run, and give it as `checkpoint:`.")
    }
    self.count = count
  }

  /// What the plan's rate is multiplied by in each trial, log-uniform.
  static func factors(seed: UInt64, count: Int) -> [Double] {
    let key = RandomKey(seed: seed).folded("trials")
    return (0..<count).map { index in
      var generator = key.folded(index).generator()
      return pow(span, generator.uniform() - 0.5)
    }
  }

  /// Trains every trial in `trial-N` of the run directory, and makes the best the run, whose splits are then scored.
  /// - Throws: as `FineTuningJob.run`; the error of the last trial if all failed.
  public func run(_ job: FineTuningJob) throws(GraftError) -> ResultsFile {
    let seed = job.plan.settings.seed
    var trials: [TuningTrial] = []
    var failure: GraftError?
    for (index, factor) in Self.factors(seed: seed, count: count).enumerated() {
      var trial = TuningTrial(
        trial: index + 1, seed: seed, learningRate: job.plan.settings.learningRate * factor)
      do throws(GraftError) {
        trial.score = try score(of: trial, job)
      } catch {
        // A rate that is too high is a trial like the others; whatever else fails would fail them all.
        guard error.code == .internalError else { throw error }
        job.surroundings.note("trial \(trial.trial): \(error)")
        failure = error
      }
      trials.append(trial)
    }
    guard
      let best = trials.indices.filter({ trials[$0].score != nil }).max(by: { one, other in
        // Of equals the first.
        (trials[one].score ?? 0, -one) < (trials[other].score ?? 0, -other)
      })
    else {
      throw failure ?? GraftError(.internalError, "no trial has a score")
    }
    trials[best].isKept = true
    try job.surroundings.world.onRoot { () throws(GraftError) in
      try adopt(Self.folder(trials[best], job), in: job.directory)
    }
    var run = job
    run.plan.settings.learningRate = trials[best].learningRate
    (run.trials, run.resuming) = (trials, true)
    return try run.trained().results
  }

  private static func folder(_ trial: TuningTrial, _ job: FineTuningJob) -> String {
    "\(job.directory)/trial-\(trial.trial)"
  }

  private func score(of trial: TuningTrial, _ job: FineTuningJob) throws(GraftError) -> Double? {
    var run = job
    run.directory = Self.folder(trial, job)
    run.phase = "\(job.phase) trial \(trial.trial)/\(count)"
    run.plan.settings.learningRate = trial.learningRate
    // What is scored is the business of the run.
    (run.splits, run.suites, run.unfinished) = ([], [], [])
    let world = job.surroundings.world
    let isDone = job.resuming && FileManager.default.fileExists(atPath: "\(run.directory)/results.json")
    if try !world.agree(isDone) { _ = try run.run() }
    return try world.together { () throws(GraftError) in try SelectionScore.best(inRun: run.directory) }
  }

  /// Copies what a run goes on from, unless that was done.
  private func adopt(_ trial: String, in directory: String) throws(GraftError) {
    // Where training ended is said last: without it, the copy is not whole.
    let last = "training-state.json"
    let (files, left) = (FileManager.default, ["lock", "predictions", "results.json"])
    guard !files.fileExists(atPath: "\(directory)/\(last)") else { return }
    do {
      let names = try files.contentsOfDirectory(atPath: trial).filter { !left.contains($0) && $0 != last }
      for name in names + [last] {
        let place = "\(directory)/\(name)"
        if files.fileExists(atPath: place) { try files.removeItem(atPath: place) }
        try files.copyItem(atPath: "\(trial)/\(name)", toPath: place)
      }
    } catch {
      throw GraftError(.inputOutput, "cannot copy the best trial to '\(directory)'", cause: error)
    }
  }
}
