import Checkpointing
import Experiments
import Support

/// How the commands of studies train and end.
enum StudyRun {
  /// Trains with the folder locked, shows what came of it, and fails if a stage did. Of several processes rank 0 does
  /// so, and all train.
  /// - Parameters:
  ///   - hint: what to do when it was interrupted.
  ///   - train: gives the stages that failed.
  ///   - report: of everything that is finished.
  static func run(
    in output: String, hint: String = "the same command goes on.",
    train: () throws(GraftError) -> [StudyFailure], report: () throws(GraftError) -> some StudyReport
  ) throws(GraftError) {
    let world = try ProcessWorld.joined.get()
    let lock = try world.onRoot { () throws(GraftError) in try RunLock(directory: output) }
    defer { withExtendedLifetime(lock) {} }
    InterruptHandling.ignoreClosedPipes()
    if world.isRoot { PartialFile.removeLeftovers(in: output) }
    let failures: [StudyFailure]
    do throws(GraftError) {
      failures = try train()
    } catch {
      var error = error
      if error.code == .interrupted || error.code == .terminated { error.hint = hint }
      throw error
    }
    guard world.isRoot else { return }
    try show(try report(), in: output)
    try failures.require(in: output)
  }

  /// Writes and prints a report.
  static func show(_ report: some StudyReport, in output: String) throws(GraftError) {
    try report.write(to: output)
    standardOutput(report.plainText)
    standardOutput(report.remarks)
    standardOutput("written: \(report.files(in: output))")
  }
}
