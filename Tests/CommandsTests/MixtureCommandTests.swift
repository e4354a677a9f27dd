import Foundation
import TestSupport
import Testing

/// Mixtures on the command line.
@Suite(.tags(.process)) struct MixtureCommandTests {
  private struct Share: Decodable {
    var task: String
    var rate: Double
    var drawn: Int
    var realizedRate: Double
  }

  private struct Results: Decodable {
    var mixture: [Share]?
  }

  private struct Run: Decodable {
    struct Configuration: Decodable {
      var absentTasks: [String]?
      var tasks: [String]
    }
    var configuration: Configuration
    var mixture: [Share]?
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// A mixture over the world's tasks and one without data.
  private func folder() throws -> TestFolder {
    let folder = try TestFolder()
    try folder.write(
      "pair.yaml",
      "mixture: pair\nversion: 1\nmembers: [micro-nli, {name: micro-sentiment, scale: 3}, squad]\n")
    return folder
  }

  private func finetune(_ folder: TestFolder, _ more: String...) throws -> [String] {
    let world = try World.shared.get()
    return [
      "finetune", "--checkpoint", world.run, "--mixture", "pair", "--tasks", world.directory, "--tasks",
      folder.path, "--data", world.directory, "--output", "\(folder.path)/run", "--steps", "5", "--batch",
      "4",
      "--shards", "2", "--precision", "f32", "--no-baselines",
    ] + more
  }

  @Test func realisedRatesAreRecorded() throws {
    let folder = try folder()
    let outcome = try Graft.run(finetune(folder, "--skip-absent"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("left out, as their data is not here: squad"))
    #expect(outcome.output.contains("realised, %"))
    let run = try decoded(Run.self, "\(folder.path)/run/run.json")
    #expect(run.configuration.absentTasks == ["squad"])
    #expect(run.configuration.tasks == ["micro-nli", "micro-sentiment"])
    for shares in [run.mixture, try decoded(Results.self, "\(folder.path)/run/results.json").mixture] {
      let shares = try #require(shares)
      #expect(shares.map(\.task) == ["micro-nli", "micro-sentiment"])
      #expect(shares.map(\.rate) == [0.25, 0.75])
      #expect(shares.reduce(0) { $0 + $1.drawn } == 20)
      #expect(shares.allSatisfy { $0.realizedRate == Double($0.drawn) / 20 })
    }
  }

  @Test func absentAndWrongMembersStopARun() throws {
    let folder = try folder()
    try Graft.expectFailure(66, finetune(folder), says: ["squad", "--skip-absent"])
    try Graft.expectFailure(64, finetune(folder, "--leave-out", "sqad"), says: ["did you mean 'squad'?"])
    try Graft.expectFailure(
      64, finetune(folder, "--task", "sst2"), says: ["--mixture names the tasks already"])
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/run"))
    let world = try World.shared.get()
    let twice = world.finetune("twice", task: "micro-nli", "--task", "micro-nli")
    try Graft.expectFailure(64, twice, says: ["twice"])
  }

  @Test func mixturesAreShown() throws {
    let folder = try folder()
    let world = try World.shared.get()
    let more = ["--tasks", world.directory, "--tasks", folder.path, "--data", world.directory]
    let shown = try Graft.run(["inspect", "mixture", "pair", "--leave-out", "squad"] + more)
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("25.000") && shown.output.contains("75.000"))
    let equal = try Graft.run(["inspect", "mixture", "pair", "--equal-mixing"] + more)
    #expect(equal.output.contains("33.333") && equal.output.contains("as published"))
    #expect(try Graft.run(["list", "mixtures"] + more).output.contains("pair"))
    try Graft.expectFailure(64, ["inspect", "mixture", "pare"] + more, says: ["did you mean 'pair'?"])
  }
}
