import ArgumentParser
import Experiments
import Foundation
import Inference
import Reporting
import Support
import TaskRegistry

/// Another program whose scores are given.
enum ScoringProtocol: String, CaseIterable, ExpressibleByArgument {
  case lmEval = "lm-eval"
}

/// `graft evaluate --protocol`
extension EvaluateCommand {
  /// What lm-evaluation-harness writes of its results, as far as it depends on the model and the data.
  private struct HarnessResults: Encodable {
    var results: [String: [String: Double]] = [:]
    var counts: [String: Int] = [:]
    var shots: [String: Int] = [:]

    enum CodingKeys: String, CodingKey {
      case results
      case counts = "n-samples"
      case shots = "n-shot"
    }
  }

  /// What bears on the scores of lm-evaluation-harness, or on where they go.
  private static let harnessFlags = [
    "checkpoint", "base", "task", "protocol", "shots", "limit", "precision", "data", "tasks", "json",
  ]

  func run(_ scoringProtocol: ScoringProtocol) throws {
    try Self.refuse(allBut: Self.harnessFlags, for: "--protocol \(scoringProtocol.rawValue)")
    guard checkpoint.count == 1 else {
      throw GraftError(
        .usage, "--protocol \(scoringProtocol.rawValue) takes one model, there are \(checkpoint.count)",
        hint: "evaluate them one by one.")
    }
    let tasks = try HarnessProtocol.tasks(task, in: try data.catalog())
    guard !tasks.isEmpty else {
      throw GraftError(
        .usage, "there is nothing to evaluate on", hint: "give --task NAME …, such as piqa, boolq or lambada_openai.")
    }
    let shots = shots ?? 0
    guard shots >= 0 else {
      throw GraftError(.usage, "--shots \(shots) is less than none", hint: "give a number, or leave it out.")
    }
    let evaluator = try Evaluator(
      opening: checkpoint[0], base: adapter.base, .harness, precision: precision,
      readers: try ProcessWorld.joined.get())
    var absent = AbsentData(in: data.root)
    for task in tasks {
      for split in try HarnessProtocol.splits(of: task, shots: shots) { absent.look(for: split, of: task) }
    }
    try absent.require()
    var table = Table([
      .init("task"), .init("n", .right), .init("shots", .right), .init("metric"), .init("value", .right),
      .init("stderr", .right),
    ])
    var file = HarnessResults()
    for task in tasks {
      let evaluation = try HarnessProtocol.evaluation(
        of: task, by: evaluator, data: data.root, limit: limit, shots: shots)
      let name = HarnessProtocol.harnessName(task)
      file.counts[name] = evaluation.examples.count
      file.shots[name] = shots
      for score in HarnessProtocol.scores(task, evaluation) {
        file.results[name, default: [:]]["\(score.metric),none"] = score.value
        file.results[name, default: [:]]["\(score.metric)_stderr,none"] = score.standardError
        table.append([
          name, "\(evaluation.examples.count)", "\(shots)", score.metric, NumberText.fixed(score.value, digits: 4),
          score.standardError.map { NumberText.fixed($0, digits: 4) } ?? "",
        ])
      }
    }
    if let json { try JSONOutput.write(file, to: json) }
    if json != "-" { standardOutput(table.plainText, terminator: "") }
  }
}
