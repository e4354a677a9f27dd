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

    enum CodingKeys: String, CodingKey {
      case results
      case counts = "n-samples"
    }
  }

  func run(_ scoringProtocol: ScoringProtocol) throws {
    guard checkpoint.count == 1, suite.isEmpty, tag.isEmpty, split.isEmpty, gate == nil, require.isEmpty, by == nil,
      subsets.isEmpty, through == nil, scoring == nil, reading.layout == nil, reading.inputLength == nil,
      babylmPredictions == nil, answers == .rank
    else {
      throw GraftError(
        .usage,
        "--protocol \(scoringProtocol.rawValue) goes with one --checkpoint, --task, --limit, --precision, --data and"
          + " --json alone", hint: "leave out what the other program has no counterpart for.")
    }
    let tasks = try HarnessProtocol.tasks(task, in: try data.catalog())
    guard !tasks.isEmpty else {
      throw GraftError(
        .usage, "there is nothing to evaluate on", hint: "give --task NAME …, such as piqa, boolq or lambada_openai.")
    }
    let evaluator = try Evaluator(
      opening: checkpoint[0], targetLength: targetLength, precision: precision, asHarness: true)
    var absent = AbsentData(in: data.root)
    absent.look(forScoring: tasks, splits: nil, suites: [])
    try absent.require()
    var table = Table([
      .init("task"), .init("n", .right), .init("metric"), .init("value", .right), .init("stderr", .right),
    ])
    var file = HarnessResults()
    for task in tasks {
      guard let split = task.evaluationSplit else { continue }
      let evaluation = try evaluator.evaluate(task, split: split, data: data.root, limit: limit)
      let name = HarnessProtocol.harnessName(task)
      file.counts[name] = evaluation.examples.count
      for score in HarnessProtocol.scores(task, evaluation) {
        file.results[name, default: [:]]["\(score.metric),none"] = score.value
        file.results[name, default: [:]]["\(score.metric)_stderr,none"] = score.standardError
        table.append([
          name, "\(evaluation.examples.count)", score.metric, NumberText.fixed(score.value, digits: 4),
          score.standardError.map { NumberText.fixed($0, digits: 4) } ?? "",
        ])
      }
    }
    if let json { try JSONOutput.write(file, to: json) }
    if json != "-" { standardOutput(table.plainText, terminator: "") }
  }
}
