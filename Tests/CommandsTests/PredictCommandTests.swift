import Foundation
import TestSupport
import Testing

/// `graft predict`, what a run remembers, and answers that were given elsewhere.
@Suite(.tags(.process), .serialized) struct PredictCommandTests {
  private struct Answer: Decodable {
    var prediction: String
    var choiceScores: [Double]?
  }

  /// A line of `graft predict --format jsonl`.
  private struct Predicted: Decodable {
    var index: Int
    var prediction: String
    var probability: Double?
    var probabilities: [String: Double]?
    var fields: [String: String]?
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> [Value] {
    try text.split(separator: "\n").map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
  }

  /// A run of a family on a task of the microworld, made once, and what it answered to the test split.
  private func run(_ world: World, _ name: String, task: String, _ more: [String]) throws -> (path: String, [Answer]) {
    let path = "\(world.folder.path)/\(name)"
    if !FileManager.default.fileExists(atPath: "\(path)/results.json") {
      let outcome = try Graft.run(world.finetune(name, task: task) + ["--no-baselines", "--no-overlap"] + more)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    let file = try String(contentsOfFile: "\(path)/predictions/\(task)-test.jsonl", encoding: .utf8)
    return (path, try decoded(Answer.self, file))
  }

  /// The test split of a task as a table without labels.
  private func table(_ world: World, _ stem: String, _ columns: [String]) throws -> String {
    let file = try String(contentsOfFile: "\(world.directory)/\(stem)-test.jsonl", encoding: .utf8)
    let rows = try file.split(separator: "\n").map { line in
      let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      return try columns.map { try #require(row[$0] as? String) }.joined(separator: "\t")
    }
    return ([columns.joined(separator: "\t")] + rows).joined(separator: "\n") + "\n"
  }

  /// Own rows get the answers that the same rows got when they were scored, by ranking and by a head, from anywhere and
  /// with no flag but the run and the rows.
  @Test(arguments: [("t5", [String]()), ("head", ["--heads"])])
  func answersAreThoseOfEvaluation(_ name: String, _ more: [String]) throws {
    let world = try World.shared.get()
    let gpt = "\(Graft.packageRoot)/Tests/Fixtures/huggingface/gpt2"
    let (path, answers) = try run(
      world, "predict-\(name)", task: "micro-nli",
      more.isEmpty
        ? [] : more + ["--checkpoint", gpt, "--optimizer", "adamw", "--input-length", "48", "--target-length", "8"])
    let rows = try world.folder.write("rows.tsv", try table(world, "nli", ["premise", "hypothesis"]))
    let outcome = try Graft.run(["predict", "--checkpoint", path, "--input", rows, "--format", "jsonl", "--texts"])
    #expect(
      outcome.status == 0 && outcome.errors.contains("12 rows answered as the task 'micro-nli'"), "\(outcome.errors)")
    let found = try decoded(Predicted.self, outcome.output)
    #expect(found.map(\.prediction) == answers.map(\.prediction) && found.map(\.index) == Array(0..<12))
    for (row, answer) in zip(found, answers) {
      let scores = try #require(answer.choiceScores)
      let sum = scores.reduce(0) { $0 + exp($1) }
      let expected = scores.map { exp($0) / sum }.sorted()
      let values = try #require(row.probabilities).values.sorted()
      #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-5 } && values.count == 3)
      #expect(row.probability == values.last)
      #expect(row.fields?["hypothesis"]?.isEmpty == false)
    }
    let piped = try Graft.run(
      ["predict", "--checkpoint", path, "--input", "-", "--format", "lines"],
      input: try String(contentsOfFile: rows, encoding: .utf8))
    #expect(piped.output == answers.map { $0.prediction + "\n" }.joined(), "\(piped.errors)")
  }

  @Test func textsAreWritten() throws {
    let world = try World.shared.get()
    let (path, answers) = try run(world, "predict-text", task: "micro-en-de", ["--target-length", "6"])
    let lines = try table(world, "en-de", ["english"]).split(separator: "\n").dropFirst().joined(separator: "\n")
    let outcome = try Graft.run(["predict", "--checkpoint", path, "--input", "-", "--format", "jsonl"], input: lines)
    let found = try decoded(Predicted.self, outcome.output)
    #expect(found.map(\.prediction) == answers.map(\.prediction) && found.count == 12, "\(outcome.errors)")
    #expect(found.allSatisfy { $0.probabilities == nil })
  }

  /// `evaluate` alone scores what a run was trained on; its definitions may have moved, and are then asked for.
  @Test func aRunKnowsItsTask() throws {
    let world = try World.shared.get()
    let (path, answers) = try run(world, "predict-known", task: "micro-sentiment", [])
    let json = "\(world.folder.path)/known.json"
    let outcome = try Graft.run([
      "evaluate", "--checkpoint", path, "--confusion", "--no-baselines", "--no-overlap", "--json", json,
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let scored = try String(
      contentsOfFile: "\(world.folder.path)/known.predictions/micro-sentiment-test.jsonl", encoding: .utf8)
    #expect(try decoded(Answer.self, scored).map(\.prediction) == answers.map(\.prediction))
    #expect(outcome.output.contains("micro-sentiment test: what was right") && outcome.output.contains("precision"))
    let other = try Graft.run(
      [
        "evaluate", "--checkpoint", path, "--task", "micro-sentiment", "--data", world.directory, "--no-baselines",
        "--no-overlap",
      ],
      environment: ["GRAFT_TASKS": "\(world.directory):\(world.directory)/"])
    #expect(other.status == 0, "\(other.errors)")
    let moved = try TestFolder()
    try FileManager.default.copyItem(atPath: path, toPath: "\(moved.path)/run")
    let manifest = "\(moved.path)/run/run.json"
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
    #expect(text.contains(world.directory))
    try text.replacingOccurrences(of: world.directory, with: "/nowhere/tasks")
      .write(toFile: manifest, atomically: true, encoding: .utf8)
    // The run has a copy of the definition; data there is none of.
    let predict = ["predict", "--checkpoint", "\(moved.path)/run", "--format", "lines", "--input"]
    let rows = try moved.write("rows.tsv", try table(world, "sentiment", ["sentence"]))
    #expect(try Graft.run(predict + [rows]).output == answers.map { $0.prediction + "\n" }.joined())
    let evaluate = ["evaluate", "--checkpoint", "\(moved.path)/run"]
    try Graft.expectFailure(66, evaluate, says: ["micro-sentiment test", "not here"])
    try moved.remove("run/tasks")
    for command in [evaluate, predict + [rows]] {
      try Graft.expectFailure(64, command, says: ["micro-sentiment", "/nowhere/tasks", "--tasks"])
    }
    try Graft.expectFailure(
      64, ["predict", "--checkpoint", world.run, "--input", world.corpus], says: ["--task NAME"])
  }

  /// What was answered elsewhere scores as if the model had answered here, and compares with it.
  @Test func answersFromElsewhereAreScored() throws {
    let world = try World.shared.get()
    let (path, _) = try run(world, "predict-known", task: "micro-sentiment", [])
    let rows = try world.folder.write("elsewhere.tsv", try table(world, "sentiment", ["sentence"]))
    let common = ["--task", "micro-sentiment", "--tasks", world.directory, "--data", world.directory, "--no-overlap"]
    let own = "\(world.folder.path)/own.json"
    #expect(try Graft.run(["evaluate", "--checkpoint", path, "--split", "test", "--json", own] + common).status == 0)
    for format in ["tsv", "jsonl", "lines", "glue"] {
      let answers = "\(world.folder.path)/answers.\(format)"
      let made = try Graft.run([
        "predict", "--checkpoint", path, "--input", rows, "--output", answers, "--format", format,
      ])
      #expect(made.status == 0, "\(made.errors)")
      let json = "\(world.folder.path)/elsewhere-\(format).json"
      let scored = try Graft.run(
        ["evaluate", "--predictions", answers, "--split", "test", "--json", json] + common)
      #expect(scored.status == 0, "\(scored.errors)")
      func score(_ path: String) throws -> Double? {
        let found =
          try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any]
        let results = found?["results"] as? [[String: Any]]
        return results?.first { $0["metric"] as? String == "accuracy" && $0["system"] as? String == "model" }?["score"]
          as? Double
      }
      #expect(try score(json) == score(own) && score(own) != nil)
      let compared = try Graft.run(["compare", own, json])
      #expect(compared.status == 0 && compared.output.contains("micro-sentiment"), "\(compared.errors)")
    }
    let short = try world.folder.write("short.txt", "positive\n")
    try Graft.expectFailure(
      65, ["evaluate", "--predictions", short, "--split", "test"] + common, says: ["1 answers", "12 examples"])
    try Graft.expectFailure(64, ["evaluate", "--predictions", short] + common, says: ["--split"])
    try Graft.expectFailure(
      64, ["evaluate", "--predictions", short, "--checkpoint", path] + common, says: ["--checkpoint", "no bearing"])
    try Graft.expectFailure(64, ["evaluate"] + common, says: ["--checkpoint DIR", "--predictions"])
  }

  /// Nothing is written of a file that breaks off, and the line is named.
  @Test func aBadRowLeavesNothing() throws {
    let world = try World.shared.get()
    let (path, _) = try run(world, "predict-known", task: "micro-sentiment", [])
    let folder = try TestFolder()
    let rows = try folder.write("rows.jsonl", "{\"sentence\": \"a\"}\n{\"sentense\": \"b\"}\n")
    try Graft.expectFailure(
      65, ["predict", "--checkpoint", path, "--input", rows, "--output", "\(folder.path)/out.tsv"],
      says: ["rows.jsonl:2", "'sentence'", "did you mean 'sentense'"])
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/out.tsv"))
    let mine = try folder.write("mine.tsv", "my own file\n")
    try Graft.expectFailure(
      64, ["predict", "--checkpoint", path, "--input", rows, "--output", mine], says: ["not written by graft predict"])
    try Graft.expectFailure(
      66, ["predict", "--checkpoint", path, "--input", "\(folder.path)/none.tsv"], says: ["none.tsv"], hint: false)
  }
}
