import Foundation
import TestSupport
import Testing

/// `graft compare` on predictions that were written by hand, and on two results files of `evaluate`.
@Suite(.tags(.process)) struct CompareCommandTests {
  private struct Result: Decodable {
    struct Difference: Decodable {
      var task: String?
      var split: String?
      var metric: String
      var first: Double
      var second: Double
      var difference: Double
      var interval: [Double]?
      var bootstrapP: Double
      var permutationP: Double
      var count: Int
      var seeds: [String]?
    }
    var comparisons: [Difference]
  }

  /// A predictions file in which the first `right` of `count` answers are.
  private func predictions(_ right: Int, of count: Int = 200, set: String = "mood/test", from first: Int = 1)
    -> String
  {
    (0..<count).map { index in
      let gold = index % 2
      let choice = index < right ? gold : 1 - gold
      let words = ["sad", "happy"]
      return """
        {"choice":\(choice),"identifier":"\(set)/\(index + first)","prediction":"\(words[choice])",\
        "rightChoice":\(gold),"target":"\(words[gold])"}

        """
    }.joined()
  }

  private func results(_ metrics: [String], hash: String = "h") -> String {
    let entries = metrics.map {
      """
      {"task":"mood","split":"test","system":"model","metric":"\($0)","score":0.5,"examples":200,\
      "taskHash":"\(hash)","group":{}}
      """
    }
    return "{\"format\":1,\"results\":[\(entries.joined(separator: ","))]}"
  }

  private func compare(_ arguments: [String]) throws -> [Result.Difference] {
    let outcome = try Graft.run(["compare"] + arguments + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8)).comparisons
  }

  @Test func runDirectories() throws {
    let folder = try TestFolder()
    for (name, right) in [("a", 120), ("b", 150)] {
      try folder.write("\(name)/predictions/mood-test.jsonl", predictions(right))
      try folder.write("\(name)/results.json", results(["accuracy", "f1"]))
    }
    let found = try compare(["\(folder.path)/a", "\(folder.path)/b"])
    #expect(found.map(\.metric) == ["accuracy", "f1"])
    let accuracy = found[0]
    #expect(accuracy.task == "mood" && accuracy.split == "test" && accuracy.count == 200)
    #expect(abs(accuracy.first - 0.6) < 1e-12 && abs(accuracy.second - 0.75) < 1e-12)
    #expect(abs(accuracy.difference - 0.15) < 1e-12)
    #expect(accuracy.permutationP < 0.01 && accuracy.bootstrapP < 0.01)
    let interval = try #require(accuracy.interval)
    #expect(interval[0] > 0.05 && interval[1] < 0.25)
    #expect(accuracy.seeds == nil)
  }

  /// Seeds are paired by name, lines by identifier, whatever their order.
  @Test func severalSeeds() throws {
    let folder = try TestFolder()
    let lines = predictions(100).split(separator: "\n").reversed().joined(separator: "\n") + "\n"
    try folder.write("a/seed-0/predictions/mood-test.jsonl", predictions(100))
    try folder.write("a/seed-1/predictions/mood-test.jsonl", predictions(120))
    try folder.write("b/seed-1/predictions/mood-test.jsonl", lines)
    try folder.write("b/seed-2/predictions/mood-test.jsonl", predictions(10))
    let outcome = try Graft.run(
      ["compare", "\(folder.path)/a", "\(folder.path)/b", "--metric", "accuracy", "--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("seed-0") && outcome.errors.contains("seed-2"))
    let found = try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8)).comparisons
    #expect(found.count == 1 && found[0].seeds == ["seed-1"])
    #expect(abs(found[0].difference + 0.1) < 1e-12)
    try Graft.expectFailure(
      65, ["compare", "\(folder.path)/a", "\(folder.path)/b/seed-1", "--metric", "accuracy"],
      says: ["2 runs", "a/seed-0"])
  }

  @Test func whatDoesNotMatchIsNamed() throws {
    let folder = try TestFolder()
    let first = try folder.write("first.jsonl", predictions(100))
    func expect(
      _ code: Int32, _ name: String, _ text: String, metric: [String] = ["--metric", "accuracy"],
      says texts: String...
    ) throws {
      try Graft.expectFailure(code, ["compare", first, try folder.write(name, text)] + metric, says: texts)
    }
    try expect(65, "short.jsonl", predictions(100, of: 199), says: "200 and 199", "'mood/test/200'")
    try expect(65, "shifted.jsonl", predictions(100, from: 2), says: "'mood/test/1' only in the first")
    try expect(65, "longer.jsonl", predictions(100, of: 201), says: "'mood/test/201' only in the second")
    try expect(65, "task.jsonl", predictions(100, set: "mind/test"), says: "mood/test", "mind/test")
    try expect(
      65, "other.jsonl",
      predictions(100).replacingOccurrences(of: #""target":"sad""#, with: #""target":"bad""#),
      says: "the right answer to 'mood/test/1' is 'sad' and 'bad'")
    try expect(65, "twice.jsonl", predictions(100) + predictions(100, of: 1), says: "answered twice", ":201")
    try expect(65, "text.jsonl", "sad\nhappy\n", says: "no line of a predictions file", "text.jsonl:1")
    try expect(65, "nowhere.jsonl", predictions(100, set: "mood"), says: "'mood/1' names no task and split")
    try expect(64, "same.jsonl", predictions(100), metric: [], says: "by which metric", "--metric")
    try expect(
      65, "same.jsonl", predictions(100), metric: ["--metric", "pearson"], says: "what pearson compares")
    try Graft.expectFailure(66, ["compare", first, "\(folder.path)/none"], says: ["none"])
    // A results file whose predictions are not beside it.
    try folder.write("moved.json", results(["accuracy"]))
    try Graft.expectFailure(66, ["compare", first, "\(folder.path)/moved.json"], says: ["moved.predictions"])
    for (name, hash) in [("x", "one"), ("y", "two")] {
      try folder.write("\(name).json", results(["accuracy"], hash: hash))
      try folder.write("\(name).predictions/mood-test.jsonl", predictions(100))
    }
    try Graft.expectFailure(
      65, ["compare", "\(folder.path)/x.json", "\(folder.path)/y.json"], says: ["'mood' was defined"])
    // Hashes of different forms tell nothing.
    try folder.write("y.json", results(["accuracy"], hash: "2:one"))
    let outcome = try Graft.run(["compare", "\(folder.path)/x.json", "\(folder.path)/y.json"])
    #expect(outcome.status == 0 && (outcome.output + outcome.errors).contains("whether the task was defined alike"))
  }

  @Test func filesOfLines() throws {
    let folder = try TestFolder()
    let words = (0..<60).map { "word\($0) and more words than that" }
    func lines(_ keeps: (Int) -> Bool) -> String {
      words.indices.map { keeps($0) ? words[$0] : words[$0].uppercased() }.joined(separator: "\n") + "\n"
    }
    let (first, second) = (
      try folder.write("first", lines { $0 % 2 == 0 }), try folder.write("second", lines { $0 % 10 != 0 })
    )
    let references = try folder.write("references", words.joined(separator: "\n"))
    let arguments = [first, second, "--references", references, "--metric", "bleu", "chrf"]
    let found = try compare(arguments)
    #expect(found.map(\.metric) == ["bleu", "chrf"])
    #expect(
      found.allSatisfy { $0.count == 60 && $0.difference > 0 && $0.permutationP < 0.01 && $0.task == nil })
    #expect(try compare(arguments + ["--set", "lowercase=true"]).allSatisfy { $0.difference == 0 })
    #expect(try Graft.run(["compare", first, second, "--references", references]).status == 64)
  }

  /// Two results files as `evaluate` writes them: the same model twice does not differ.
  @Test func resultsFilesOfEvaluate() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    for name in ["one", "two"] {
      let outcome = try Graft.run([
        "evaluate", "--checkpoint", world.run, "--task", "micro-sentiment", "--tasks", world.directory,
        "--data",
        world.directory, "--split", "test", "--no-baselines", "--json", "\(folder.path)/\(name).json",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(folder.names == ["one.json", "one.predictions", "two.json", "two.predictions"])
    let found = try compare(["\(folder.path)/one.json", "\(folder.path)/two.json"])
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.difference == 0 && $0.permutationP == 1 && $0.count == 12 })
  }
}
