import Foundation
import TestSupport
import Testing

/// Scores of a part of the data, or of training on a part of it, say so wherever they go.
@Suite(.tags(.process)) struct PartialResultTests {
  private struct Results: Decodable {
    struct Entry: Decodable {
      var system: String
      var seed: UInt64?
      var limit: Int?
      var trainingLimit: Int?
      var shots: Int?
      var examples: Int
      var taskVersion: Int?
      var taskHash: String?
      var signature: String?
    }
    var results: [Entry]
  }

  private func read(_ path: String) throws -> [Results.Entry] {
    try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(fileURLWithPath: path))).results
  }

  @Test func limitedEvaluationsAreMarked() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    func evaluate(_ limit: Int) throws -> (output: String, entries: [Results.Entry]) {
      let outcome = try Graft.run([
        "evaluate", "--checkpoint", world.run, "--task", "micro-sentiment", "--tasks", world.directory,
        "--data",
        world.directory, "--split", "test", "--limit", "\(limit)", "--json", "\(folder.path)/results.json",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return (outcome.output, try read("\(folder.path)/results.json"))
    }
    let part = try evaluate(5)
    #expect(part.output.contains("test (partial)") && part.output.contains("partial: scored on 5 of"))
    #expect(part.entries.allSatisfy { $0.limit == 5 || $0.examples < 5 })
    // Where every score came from can be told.
    #expect(
      part.entries.allSatisfy { $0.taskVersion == 1 && $0.taskHash?.count == 66 && $0.signature != nil })
    let whole = try evaluate(500)
    #expect(!whole.output.contains("partial"))
    #expect(whole.entries.allSatisfy { $0.limit == nil })
  }

  @Test func shotsAreInTheResults() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/run"
    let outcome = try Graft.run(
      world.replacing(
        "--output", by: output, in: world.finetune("shots", task: "micro-nli", "--shots", "2", "--seed", "5"))
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("few-shot: trained on 2 examples of each class"))
    let model = try read("\(output)/results.json").filter { $0.system == "pretrained" }
    #expect(!model.isEmpty && model.allSatisfy { $0.shots == 2 && $0.seed == 5 })
    // Baselines learn from the same examples, those that the seed drew.
    #expect(outcome.output.contains("baselines, if any, on the same"))
    let baselines = try read("\(output)/results.json").filter { $0.system == "n-grams" || $0.system == "majority" }
    #expect(!baselines.isEmpty && baselines.allSatisfy { $0.shots == 2 && $0.seed == 5 })
    try Graft.expectFailure(
      64, world.finetune("none", task: "micro-nli", "--shots", "2", "--limit", "3"),
      says: ["--shots and --limit"])
    try Graft.expectFailure(
      64, world.finetune("none", task: "micro-nli", "--shots", "0"), says: ["--shots 0"])
  }

  /// A few examples are read as often as they need, also where a recipe says how long others are trained on; the recipe
  /// of what is done is no other one.
  @Test(arguments: [
    ([], 50, 16), (["--epochs", "auto"], 50, 16), (["--epochs", "4"], 2, 16), (["--batch", "4"], 50, 4),
  ])
  func aFewExamplesAreTrainedOnAsLongAsTheyNeed(_ flags: [String], _ steps: Int, _ batch: Int) throws {
    struct Run: Decodable {
      struct Configuration: Decodable { var settings: Settings }
      struct Settings: Decodable { var steps, batchSize: Int }
      var configuration: Configuration
    }
    let world = try World.shared.get()
    let folder = try TestFolder()
    let arguments = [
      "finetune", "--checkpoint", world.run, "--task", "micro-nli", "--tasks", world.directory, "--data",
      world.directory,
      "--output", "\(folder.path)/run", "--shots", "2", "--shards", "1", "--precision", "f32", "--no-baselines",
      "--no-overlap", "--split", "validation",
    ]
    func trained(_ arguments: [String]) throws -> Run.Settings {
      let outcome = try Graft.run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/run/run.json"))
      return try JSONDecoder().decode(Run.self, from: data).configuration.settings
    }
    let settings = try trained(arguments + flags)
    #expect(settings.steps == steps && settings.batchSize == batch)
    let recipe = try Graft.run(arguments + flags + ["--print-config"])
    try folder.write("recipe.yaml", recipe.output)
    try FileManager.default.removeItem(atPath: "\(folder.path)/run")
    let again = try trained(["finetune", "--config", "\(folder.path)/recipe.yaml"])
    #expect(again.steps == steps && again.batchSize == batch)
  }
}
