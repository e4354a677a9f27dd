import Checkpointing
import Foundation
import Reporting
import Support
import Training

/// Shows an engine's events on standard error and writes them to the run's `events.jsonl`.
final class RunReporter {
  private let phase: String
  private let progress = ProgressLine()
  private let directory: String
  private let resuming: Bool
  private var log: EventLog?
  private var failure: GraftError?

  init(phase: String, directory: String, resuming: Bool) {
    self.phase = phase
    self.directory = directory
    self.resuming = resuming
  }

  func handle(_ event: TrainingEvent) {
    switch event {
    case .note(let text):
      progress.note(text)
    case .step(let report):
      progress.update(
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
      progress.note(
        "\(phase)  step \(report.step)  held-out \(NumberText.fixed(report.lossPerToken, digits: 4)) nats per target"
          + (report.bitsPerByte.map { "  \(NumberText.fixed($0, digits: 4)) bits per byte" } ?? "")
          + "  \(NumberText.duration(report.elapsedSeconds))")
      var values: [String: EventValue] = [
        "lossPerToken": .number(report.lossPerToken), "targets": .integer(report.targetCount),
        "tokensSeen": .integer(report.tokensSeen), "seconds": .number(report.elapsedSeconds),
      ]
      for part in report.tasks ?? [] {
        progress.note(
          "\(phase)  step \(report.step)  held-out of \(part.task)  "
            + "\(NumberText.fixed(part.lossPerToken, digits: 4)) nats per target")
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
    case .saved(let path, let step):
      append("saved", step: step, ["path": .text(path)])
    }
  }

  /// Ends the progress line.
  /// - Throws: what went wrong with `events.jsonl` on the way; training is not stopped for its log.
  func finish() throws(GraftError) {
    progress.finish()
    if let failure { throw failure }
  }

  private func append(_ event: String, step: Int, _ fields: [String: EventValue]) {
    guard failure == nil else { return }
    do throws(GraftError) {
      if log == nil {
        let path = "\(directory)/events.jsonl"
        let isContinued = resuming && FileManager.default.fileExists(atPath: path)
        let last = try CheckpointFolder("\(directory)/checkpoints").latestStep() ?? 0
        log = try EventLog(path: path, resumingFrom: isContinued ? last : nil)
      }
      try log?.append(event, step: step, fields)
    } catch {
      failure = error
      progress.note("warning: \(error)")
    }
  }
}
