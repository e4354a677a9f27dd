import Records
import Scoring
import Support
import TaskRegistry
import TestSupport

@testable import Probing

/// A task of premises, hypotheses and three labels in a folder of its own.
struct Planted {
  let folder: TestFolder
  let task: TaskDefinition
  let data = DataRoot(option: nil, environment: [:])

  static let choices = ["entailment", "neutral", "contradiction"]

  /// - Parameter rows: premise, hypothesis and label of each row, by split.
  init(_ rows: [String: [(String, String, String)]], metric: String = "accuracy") throws {
    folder = try TestFolder()
    let splits = rows.keys.sorted().map { "\($0): \($0).tsv" }.joined(separator: ", ")
    try folder.write(
      "planted.yaml",
      """
      task: planted
      version: 1
      source:
        folder: .
        format: tsv
        fields: {premise: premise, hypothesis: hypothesis, label: label}
      splits: {\(splits)}
      inputs: "nli hypothesis: {hypothesis} premise: {premise}"
      targets: "{label}"
      choices: [\(Self.choices.joined(separator: ", "))]
      metrics: [\(metric)]
      """)
    for (split, rows) in rows {
      try folder.write(
        "\(split).tsv",
        "premise\thypothesis\tlabel\n" + rows.map { "\($0.0)\t\($0.1)\t\($0.2)\n" }.joined())
    }
    task = try TaskCatalog(directories: [folder.path]).task(named: "planted")
  }

  /// Labels that the hypothesis gives away by a word, in any number of rows.
  static func given(_ count: Int, from first: Int = 0) -> [(String, String, String)] {
    (first..<(first + count)).map { index in
      let word = ["is", "may be", "is never"][index % 3]
      return ("it rains at \(index % 7)", "it \(word) so \(index % 5)", choices[index % 3])
    }
  }

  func input(_ options: ProbeOptions = fast, splits: [String] = [], train: String? = nil) throws -> ProbeInput {
    try ProbeInput(task: task, data: data, splits: splits, trainingSplit: train, options: options)
  }

  static var fast: ProbeOptions {
    var options = ProbeOptions()
    options.seeds = 2
    options.folds = 3
    options.bootstrap = BootstrapOptions(resamples: 100)
    return options
  }
}
