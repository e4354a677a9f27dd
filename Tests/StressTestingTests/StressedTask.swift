import Foundation
import Randomness
import Records
import Support
import TaskRegistry
import TestSupport

@testable import StressTesting

/// A task of each shape, with rows of its own.
struct StressedTask {
  let folder: TestFolder
  let task: TaskDefinition
  let data: DataRoot

  init(
    _ name: String = "t", fields: [String], choices: [String] = [], output: String = "choices", rows: [[String]] = [],
    training: [[String]] = [],
    preprocess: String = "[trim]", tags: String = "[]"
  ) throws {
    folder = try TestFolder()
    let all = fields + ["label"]
    func table(_ rows: [[String]]) -> String {
      ([all] + rows).map { $0.joined(separator: "\t") }.joined(separator: "\n") + "\n"
    }
    try folder.write("test.tsv", table(rows))
    try folder.write("train.tsv", table(training))
    let prompt = fields.map { "\($0): {\($0)}" }.joined(separator: " ")
    try folder.write(
      "\(name).yaml",
      """
      task: \(name)
      version: 1
      tags: \(tags)
      source: {folder: ., format: tsv, fields: {\(all.map { "\($0): \($0)" }.joined(separator: ", "))}}
      splits: {train: train.tsv, test: test.tsv}
      preprocess: \(preprocess)
      inputs: "\(prompt)"
      targets: "{label}"
      \(choices.isEmpty ? "" : "choices: [\(choices.joined(separator: ", "))]")
      output: \(output)
      metrics: [\(output == "text" ? "squad-em" : "accuracy")]
      """)
    task = try TaskCatalog(directories: [folder.path]).task(named: name)
    data = DataRoot(folder.path)
  }

  static let three = ["entailment", "neutral", "contradiction"]

  static func inference(
    _ rows: [[String]] = [], training: [[String]] = [], choices: [String] = three
  ) throws -> StressedTask {
    try StressedTask(fields: ["premise", "hypothesis"], choices: choices, rows: rows, training: training)
  }

  static func paraphrase(_ rows: [[String]] = []) throws -> StressedTask {
    try StressedTask(fields: ["sentence1", "sentence2"], choices: ["no", "yes"], rows: rows)
  }

  static func sentence(_ rows: [[String]] = []) throws -> StressedTask {
    try StressedTask(fields: ["sentence"], choices: ["negative", "positive"], rows: rows)
  }

  func examples(_ split: String = "test") throws -> [Example] { try task.examples(split: split, data: data) }
}

/// The tiny database of Tests/Fixtures/wordnet.
let tinyWordNetFolder = RealData.package.appendingPathComponent("Tests/Fixtures/wordnet").path

/// What a transform makes of texts, as the task `shape` would put them.
func outcome(
  _ name: String, _ texts: [TextRole: String], label: String = "neutral", of stressed: StressedTask? = nil,
  seed: UInt64 = 0, resources: StressResources = StressResources()
) throws -> StressOutcome {
  let task: StressedTask
  if let stressed { task = stressed } else { task = try StressedTask.inference() }
  let input = StressInput(shape: try TaskShape(task.task), texts: texts, label: label)
  let transform = try StressTransforms.registry(name)
  return try transform(input, resources, at: RandomKey(seed: seed))
}

/// What a transform makes of a hypothesis.
func hypothesis(_ name: String, _ text: String, label: String = "neutral", seed: UInt64 = 0) throws
  -> StressOutcome
{
  try outcome(name, [.premise: "A dog is asleep.", .hypothesis: text], label: label, seed: seed)
}
