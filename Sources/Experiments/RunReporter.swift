import Checkpointing
import Foundation
import Reporting
import Support
import Training

/// Shows an engine's events on a progress line and writes them to the run's `events.jsonl`.
public final class RunReporter {
  private let phase: String
  private let progress: ProgressLine?
  /// Nil where another process writes the log.
  private let directory: String?
  private let ledger: LedgerRun?
  /// The checkpoint that the run goes on from.
  private var resumed: (path: String, step: Int)?
  private var log: EventLog?
  private var failure: GraftError?

  /// - Parameters:
  ///   - directory: nil to write no log.
  ///   - progress: nil to write the log only.
  ///   - ledger: is told that training begins.
  init(phase: String, directory: String?, progress: ProgressLine?, ledger: LedgerRun?) {
    (self.phase, self.directory, self.progress, self.ledger) = (phase, directory, progress, ledger)
  }

  /// Takes what an engine says, in its order.
  public func handle(_ event: TrainingEvent) {
    switch event {
    case .note(let text):
      progress?.note(text)
    case .step(let report):
      progress?.update(
        ProgressUpdate(
          phase: phase, step: report.step, totalSteps: report.totalSteps, loss: report.loss,
          learningRate: report.learningRate, tokensPerSecond: report.tokensPerSecond,
          peakFraction: report.peakFraction, secondsLeft: report.secondsLeft))
      append(
        "step", step: report.step,
        [
          "loss": .number(report.loss), "learningRate": .number(report.learningRate),
          "gradientNorm": .number(report.gradientNorm), "tokensPerSecond": .number(report.tokensPerSecond),
          "peakFraction": .number(report.peakFraction), "tokensSeen": .integer(report.tokensSeen),
          "seconds": .number(report.elapsedSeconds),
        ])
    case .evaluated(let report):
      progress?.note(
        "\(phase)  step \(report.step)  held-out \(NumberText.fixed(report.lossPerToken, digits: 4)) nats per target"
          + (report.bitsPerByte.map { "  \(NumberText.fixed($0, digits: 4)) bits per byte" } ?? "")
          + "  \(NumberText.duration(report.elapsedSeconds))")
      var values: [String: EventValue] = [
        "lossPerToken": .number(report.lossPerToken), "targets": .integer(report.targetCount),
        "tokensSeen": .integer(report.tokensSeen), "seconds": .number(report.elapsedSeconds),
      ]
      for part in report.tasks ?? [] {
        progress?.note(
          "\(phase)  step \(report.step)  held-out of \(part.task)  "
            + "\(NumberText.fixed(part.lossPerToken, digits: 4)) nats per target")
      }
      for score in report.scores ?? [] {
        progress?.note(
          "\(phase)  step \(report.step)  \(score.task) \(score.metric) \(NumberText.fixed(score.score, digits: 1))"
            + " of \(score.examples) validation examples")
      }
      values["bitsPerByte"] = report.bitsPerByte.map { .number($0) }
      append("heldOut", step: report.step, values)
      for part in report.tasks ?? [] {
        append(
          "heldOutOfTask", step: report.step,
          [
            "task": .text(part.task), "natsPerTarget": .number(part.lossPerToken),
            "targets": .integer(part.targetCount),
          ])
      }
      for score in report.scores ?? [] {
        append(
          "validationScore", step: report.step,
          [
            "task": .text(score.task), score.metric: .number(score.score), "examples": .integer(score.examples),
          ])
      }
    case .began(let isResumed):
      ledger?.begin(resuming: isResumed)
    case .resumed(let path, let step):
      resumed = (path, step)
      progress?.note("resuming at step \(step) from \(path)")
      write { (log) throws(GraftError) in
        // What a killed process could not say any more.
        if !log.endsWithSave { try log.append(EventLog.saved, step: step, ["path": .text(path)]) }
      }
    case .saving:
      write { (log) throws(GraftError) in try log.sync() }
    case .saved(let path, let step):
      append(EventLog.saved, step: step, ["path": .text(path)])
    case .skipped(let step, let reason, let count):
      progress?.note("left out: \(reason)")
      append("skipped", step: step, ["reason": .text(reason), "count": .integer(count)])
    case .rolledBack(let from, let to, let reason, let count):
      progress?.note("back to step \(to): \(reason)")
      append(
        EventLog.rolledBack, step: to,
        ["from": .integer(from), "reason": .text(reason), "count": .integer(count)])
    }
  }

  /// Ends the progress line.
  /// - Throws: what went wrong with `events.jsonl` on the way; training is not stopped for its log.
  public func finish() throws(GraftError) {
    progress?.finish()
    if let failure { throw failure }
  }

  private func append(_ event: String, step: Int, _ fields: [String: EventValue]) {
    write { (log) throws(GraftError) in try log.append(event, step: step, fields) }
  }

  /// Opens the log if need be. Its first failure is told and kept.
  private func write(_ body: (EventLog) throws(GraftError) -> Void) {
    guard failure == nil, let directory else { return }
    do throws(GraftError) {
      if log == nil { log = try EventLog(path: "\(directory)/events.jsonl", resumingFrom: resumed?.step) }
      if let log { try body(log) }
    } catch {
      failure = error
      progress?.note("warning: \(error.withFlags)")
    }
  }
}
