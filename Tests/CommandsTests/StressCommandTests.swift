import Foundation
import TestSupport
import Testing

/// Stress sets from the command line, on the microworld and its tiny model.
@Suite(.tags(.process)) struct StressCommandTests {
  private func arguments(_ command: String, task: String = "micro-nli", _ rest: String...) throws -> [String] {
    let world = try World.shared.get()
    return ["stress", command, "--task", task, "--tasks", world.directory, "--data", world.directory] + rest
  }

  @Test func aModelIsPutToTransformsAndChecklists() throws {
    let world = try World.shared.get()
    let evaluate =
      try arguments("evaluate", "--transform", "negation", "swap-pair", "--checklist", "inference")
      + ["--checkpoint", world.run, "--split", "test"]
    let outcome = try Graft.run(evaluate + ["--failures"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in ["negation", "swap-pair", "flips", "12 of 12", "contradiction is symmetric", "failure rate"] {
      #expect(outcome.output.contains(text), "\(text)")
    }
    let first = try Graft.run(evaluate + ["--json", "-"])
    struct Results: Decodable {
      struct Score: Decodable {
        struct Estimate: Decodable { var value: Double }
        var transform: String
        var count: Int
        var original, transformed, change: Estimate
      }
      var transforms: [Score]
    }
    let scores = try JSONDecoder().decode(Results.self, from: Data(first.output.utf8)).transforms
    #expect(scores.map(\.transform) == ["negation", "swap-pair"])
    for score in scores {
      #expect(abs(score.transformed.value - score.original.value - score.change.value) < 1e-12)
    }
    #expect(
      try Graft.run(evaluate + ["--json", "-"]).output == first.output, "the same seed, the same figures")
  }

  @Test func madeSetsAreEvaluatedAsSuites() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/sets"
    let made = try Graft.run(
      try arguments(
        "make", "--transform", "length-mismatch", "swap-pair", "--output", output, "--keep-rejected"))
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("partial-input") && made.output.contains("balance"))
    #expect(FileManager.default.fileExists(atPath: "\(output)/report.json"))
    let validated = try Graft.run(["validate", "\(Graft.packageRoot)/Tasks", world.directory, output])
    #expect(validated.status == 0, "\(validated.errors)")
    let evaluated = try Graft.run([
      "evaluate", "--checkpoint", world.run, "--task", "micro-nli", "--suite", "micro-nli-length-mismatch",
      "--tasks", world.directory, "--tasks", output, "--data", world.directory, "--no-baselines",
    ])
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(evaluated.output.contains("micro-nli-length-mismatch"))
    try Graft.expectFailure(
      64, try arguments("make", "--transform", "typo", "--output", output), says: ["is not empty"])
  }

  /// What is made stands beside what a published suite has, category by category.
  @Test func categoriesAreCountedBesideASuite() throws {
    let folder = try TestFolder()
    let made = try Graft.run(
      try arguments(
        "make", "--transform", "length-mismatch", "--keep-rejected", "--beside", "micro-nli-stress", "--output",
        "\(folder.path)/sets"))
    #expect(made.status == 0, "\(made.errors)")
    let lines = made.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let title = try #require(lines.firstIndex { $0.first == "category" })
    let labels = ["entailment", "neutral", "contradiction"]
    #expect(Set(lines[title]) == Set(["category", "made", "micro-nli-stress"] + labels))
    let counts = lines[title + 2].dropFirst().compactMap(Int.init)
    #expect(counts.count == 8 && counts[0] == 12 && counts[4] == 12, "\(lines[title + 2])")
    #expect(counts[1...3].reduce(0, +) == 12 && counts[5...7].reduce(0, +) == 12)
    try Graft.expectFailure(
      64, try arguments("make", "--transform", "typo", "--beside", "micro-nli-stres", "--output", "\(folder.path)/x"),
      says: ["did you mean 'micro-nli-stress'?"])
  }

  @Test func oneLabelAloneIsRejected() throws {
    let folder = try TestFolder()
    let rejected = try Graft.run(
      try arguments("make", "--transform", "antonym", "--output", "\(folder.path)/sets", "--wordnet")
        + ["\(Graft.packageRoot)/Tests/Fixtures/wordnet"])
    #expect(rejected.status == 65, "\(rejected.errors)")
    #expect(rejected.errors.contains("no suite was written") && rejected.errors.contains("take another --transform"))
    #expect(rejected.output.contains("rejected"))
    #expect(TestFolderNames.of("\(folder.path)/sets") == ["report.json"])
    // Neither its report nor what a killed run left half done is in the way of the next.
    let killed = Process()
    killed.executableURL = URL(fileURLWithPath: "/bin/true")
    try killed.run()
    killed.waitUntilExit()
    try folder.write("sets.\(killed.processIdentifier)-0123456789abcdef.partial/half.jsonl", "{}")
    let again = try Graft.run(
      try arguments("make", "--transform", "negation", "--keep-rejected", "--output", "\(folder.path)/sets"))
    #expect(again.status == 0, "\(again.errors)")
    #expect(TestFolderNames.of("\(folder.path)/sets").contains("micro-nli-negation.yaml"))
    #expect(TestFolderNames.of(folder.path) == ["sets"])
  }

  private enum TestFolderNames {
    static func of(_ path: String) -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
  }

  @Test func whatCannotBeDone() throws {
    let world = try World.shared.get()
    let model = ["--checkpoint", world.run]
    try Graft.expectFailure(64, try arguments("evaluate") + model, says: ["--transform or --checklist"])
    try Graft.expectFailure(
      64, try arguments("evaluate", "--transform", "negatoin") + model, says: ["did you mean 'negation'?"])
    try Graft.expectFailure(
      64, try arguments("evaluate", task: "micro-sentiment", "--transform", "numerical") + model,
      says: ["'numerical' is for tasks of inference", "word-overlap"])
    try Graft.expectFailure(
      64, try arguments("evaluate", "--checklist", "inferense") + model, says: ["did you mean 'inference'?"])
    try Graft.expectFailure(
      64, try arguments("evaluate", "--checklist", "sentiment") + model, says: ["for tasks of sentence"])
    try Graft.expectFailure(
      66, try arguments("evaluate", "--transform", "antonym", "--wordnet", "/nowhere") + model,
      says: ["wordnet-base"])
    try Graft.expectFailure(
      64, try arguments("evaluate", task: "micro-en-de", "--transform", "typo") + model,
      says: ["fixed choices"])
    try Graft.expectFailure(
      64, try arguments("evaluate", task: "micro-acceptability", "--transform", "typo") + model,
      says: ["form"])
    try Graft.expectFailure(
      64, try arguments("evaluate", "--transform", "typo", "--split", "tset") + model,
      says: ["did you mean 'test'?"])
    try Graft.expectFailure(
      64, try arguments("evaluate", "--transform", "typo", "--limit", "0") + model, says: ["--limit 0"])
    let folder = try TestFolder()
    let path = try folder.write("c.yaml", "checklist: c\nversion: 1\nfor: inference\ntests: [{nme: x}]\n")
    try Graft.expectFailure(
      65, try arguments("evaluate", "--checklist", path) + model,
      says: ["c.yaml:4:10", "did you mean 'name'?"])
  }
}
