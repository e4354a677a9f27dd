import Foundation
import TestSupport
import Testing

/// `graft finetune --trials`.
@Suite(.tags(.process)) struct TrialsTests {
  private struct Results: Decodable {
    struct Entry: Decodable {
      var split: String
      var system: String
    }
    struct Trial: Decodable, Equatable {
      var trial: Int
      var learningRate: Double
      var score: Double?
      var isKept: Bool
    }
    var results: [Entry]
    var trials: [Trial]?
  }

  private struct Run: Decodable {
    struct Configuration: Decodable {
      struct Settings: Decodable { var learningRate: Double }
      var settings: Settings
    }
    var configuration: Configuration
  }

  private func rate(_ folder: TestFolder, _ run: String) throws -> Double {
    try JSONDecoder().decode(Run.self, from: folder.bytes("\(run)/run.json")).configuration.settings.learningRate
  }

  private func results(_ folder: TestFolder, _ run: String) throws -> Results {
    try JSONDecoder().decode(Results.self, from: folder.bytes("\(run)/results.json"))
  }

  @Test func theBestOfTheTrialsBecomesTheRun() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    func arguments(_ name: String, rate: String) -> [String] {
      world.replacing(
        "--output", by: "\(folder.path)/\(name)",
        in: world.finetune(
          name, task: "micro-sentiment", "--select", "best", "--split", "test", "--no-overlap", "--no-baselines",
          "--learning-rate", rate))
    }
    let outcome = try Graft.run(arguments("run", rate: "1e-2") + ["--trials", "3"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("trials, by the examples kept from training"), "\(outcome.output)")
    let found = try results(folder, "run")
    let trials = try #require(found.trials)
    #expect(trials.map(\.trial) == [1, 2, 3] && trials.count(where: \.isKept) == 1)
    #expect(Set(trials.map(\.learningRate)).count == 3)
    let kept = try #require(trials.first { $0.isKept })
    #expect(trials.allSatisfy { $0.score ?? .infinity <= kept.score ?? 0 })
    // Trials are scored on nothing but what is kept from training.
    for trial in trials {
      #expect(try rate(folder, "run/trial-\(trial.trial)") == trial.learningRate)
      #expect(try results(folder, "run/trial-\(trial.trial)").results.isEmpty)
    }
    #expect(try rate(folder, "run") == kept.learningRate && Set(found.results.map(\.split)) == ["test"])
    let weights = "model/model.safetensors"
    #expect(try folder.bytes("run/\(weights)") == folder.bytes("run/trial-\(kept.trial)/\(weights)"))
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/run/predictions/micro-sentiment-test.jsonl"))
    // Another arm, with another rate, is tried at the same multiples of it.
    let other = try Graft.run(arguments("other", rate: "1e-3") + ["--trials", "3"])
    #expect(other.status == 0, "\(other.errors)")
    for (one, two) in zip(trials, try results(folder, "other").trials ?? []) {
      #expect(abs(one.learningRate / two.learningRate - 10) < 1e-9)
    }
    // Going on repeats no trial that is done.
    let first = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/run/trial-1/run.json")
    for name in ["results.json", "training-state.json", "trial-3/results.json"] { try folder.remove("run/\(name)") }
    let again = try Graft.run(arguments("run", rate: "1e-2") + ["--trials", "3", "--resume"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try results(folder, "run").trials == trials)
    let later = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/run/trial-1/run.json")
    #expect(first[.modificationDate] as? Date == later[.modificationDate] as? Date)
    let ledger = try Graft.run(["ledger", folder.path])
    #expect(ledger.status == 0 && ledger.output.contains("run/trial-2"), "\(ledger.output)\(ledger.errors)")
  }

  @Test func trialsThatCannotBeChosenFromAreRefused() throws {
    let world = try World.shared.get()
    let arguments = world.finetune("trials", task: "micro-sentiment", "--trials", "2")
    try Graft.expectFailure(64, arguments, says: ["--select best"])
    try Graft.expectFailure(
      64, arguments + ["--select", "best", "--after", "micro-nli"], says: ["--trials and --after"])
  }
}
