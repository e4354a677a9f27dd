import Foundation
import TaskRegistry
import TestSupport
import Testing

/// The prefix laboratory and the transfer matrix on the microworld: what they write, and that they go on.
@Suite(.tags(.process)) struct StudyTests {
  private func arguments(
    _ world: World, _ command: String, _ tasks: [String], output: String, _ more: String...
  )
    -> [String]
  {
    [
      command, "--checkpoint", world.run, "--tasks", world.directory, "--data", world.directory, "--output",
      output,
      "--steps", "3", "--batch", "4", "--shards", "2", "--precision", "f32", "--input-length", "40", "--task",
    ] + tasks + more
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func theLaboratoryComparesPrefixesAndGoesOn() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/laboratory"
    let tasks = ["micro-sentiment", "micro-nli"]
    func run(seeds: Int, _ signals: [String]) throws -> Graft.Outcome {
      try Graft.run(
        arguments(
          world, "prefixes", tasks, output: output, "--readings", "4", "--seeds", "\(seeds)", "--signal")
          + signals)
    }
    let first = try run(seeds: 1, ["natural", "token", "none"])
    #expect(first.status == 0, "\(first.errors)")
    for words in ["natural", "token", "none", "<extra_id_", "under the prefix of"] {
      #expect(first.output.contains(words), "\(first.output)")
    }
    let curves = try text("\(output)/curves.svg")
    #expect(curves.contains("<svg") && curves.contains("natural"))
    // Another seed and signal are added; what is done is not done again.
    let trial = "\(output)/natural/seed-0/trial.json"
    let before = try FileManager.default.attributesOfItem(atPath: trial)[.modificationDate] as? Date
    // One that an earlier graft began goes on, though it knows the tasks by other hashes.
    let definition = URL(fileURLWithPath: "\(output)/laboratory.json")
    var recorded = try text(definition.path)
    let catalog = try TaskCatalog(directories: [world.directory])
    for hash in try tasks.map({ try catalog.task(named: $0).dataSet.hash }) {
      #expect(recorded.contains(hash.text))
      recorded = recorded.replacingOccurrences(of: hash.text, with: hash.former)
    }
    try Data(recorded.utf8).write(to: definition)
    let second = try run(seeds: 2, ["natural", "token", "none", "shuffled"])
    #expect(second.status == 0, "\(second.errors)")
    #expect(!second.errors.contains("natural  seed 0") && second.errors.contains("natural  seed 1"))
    #expect(try FileManager.default.attributesOfItem(atPath: trial)[.modificationDate] as? Date == before)
    struct Results: Decodable {
      struct Arm: Decodable {
        struct Score: Decodable { var values: [Double] }
        struct Reading: Decodable { var ownWords, wordsOfPrefix, neither: Double }
        var signal: String
        var scores: [Score]
        var readings: [Reading]
      }
      var arms: [Arm]
      var missing: Int
    }
    let results = try JSONDecoder().decode(
      Results.self, from: Data(contentsOf: URL(fileURLWithPath: "\(output)/results.json")))
    #expect(results.arms.map(\.signal) == ["natural", "shuffled", "token", "none"] && results.missing == 0)
    #expect(results.arms.allSatisfy { $0.scores.map(\.values.count) == [2, 2] })
    // Without prefixes there is nothing to exchange.
    #expect(results.arms.map(\.readings.count) == [4, 4, 4, 2])
    for reading in results.arms.flatMap(\.readings) {
      #expect(abs(reading.ownWords + reading.wordsOfPrefix + reading.neither - 1) < 1e-9)
    }
    // Another recipe belongs elsewhere.
    try Graft.expectFailure(
      64,
      arguments(
        world, "prefixes", tasks, output: output, "--readings", "4", "--seeds", "1", "--dropout", "0.3"),
      says: ["belongs to another laboratory"])
  }

  @Test func theMatrixEvaluatesEveryTaskOnAll() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/matrix"
    let outcome = try Graft.run(
      arguments(
        world, "transfer", ["micro-nli", "micro-sentiment"], output: output, "--seeds", "2", "--evaluate",
        "micro-nli:test"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    struct Results: Decodable {
      struct Cell: Decodable {
        var system, trainedOn, evaluatedOn, split: String
        var values: [Double]
      }
      struct Misfit: Decodable { var trainedOn, evaluatedOn: String }
      var columns: [String]
      var cells: [Cell]
      var misfits: [Misfit]
      var missing: Int
    }
    let results = try JSONDecoder().decode(
      Results.self, from: Data(contentsOf: URL(fileURLWithPath: "\(output)/results.json")))
    // A split that is named takes the place of the one that would have been chosen.
    #expect(results.columns == ["micro-nli-test", "micro-sentiment-validation"])
    #expect(results.missing == 0)
    let models = results.cells.filter { $0.system == "model" }
    #expect(
      models.map { "\($0.trainedOn) \($0.evaluatedOn) \($0.split)" } == [
        "micro-nli micro-nli test", "micro-sentiment micro-sentiment validation",
      ])
    #expect(models.allSatisfy { $0.values.count == 2 && $0.values.allSatisfy { (0...100).contains($0) } })
    #expect(results.cells.contains { $0.system == "n-grams:hypothesis" })
    // Sentiment has no premise, and its words are others: the pairs that do not fit are told.
    #expect(results.misfits.count == 2)
    #expect(outcome.output.contains("best constant"))
  }

  @Test func mistakesAreAnswered() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/new"
    let loud = try Graft.run(arguments(world, "prefixes", ["micro-nli"], output: output, "--signal", "loud"))
    #expect(loud.status == 64 && loud.errors.contains("'nonsense'"))
    try Graft.expectFailure(
      64, arguments(world, "transfer", ["micro-nli"], output: output, "--collapse", "neutral"),
      says: ["cannot read --collapse 'neutral'"])
    try Graft.expectFailure(
      64, arguments(world, "transfer", ["micro-nli"], output: output, "--evaluate", "micro-nli:tset"),
      says: ["test"])
    #expect(!FileManager.default.fileExists(atPath: output))
  }
}
