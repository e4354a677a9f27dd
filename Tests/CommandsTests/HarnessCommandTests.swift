import Foundation
import TestSupport
import Testing

/// `graft evaluate --protocol lm-eval` on tasks of a made-up harness; Tests/Interoperability/lm_eval.sh runs the real
/// one.
@Suite(.tags(.process)) struct HarnessCommandTests {
  private static let gpt = "\(Graft.packageRoot)/Tests/Fixtures/huggingface/gpt2"

  private struct Results: Decodable {
    var results: [String: [String: Double]]
    var samples: [String: Int]

    enum CodingKeys: String, CodingKey {
      case results
      case samples = "n-samples"
    }
  }

  private func folder() throws -> TestFolder {
    let folder = try TestFolder()
    try folder.write(
      "tasks/pairs.yaml",
      """
      task: lm-eval-pair-choice
      version: 1
      source:
        folder: pairs
        format: tsv
        fields: {a: a, b: b, label: label}
        labels: {"0": "{a}", "1": "{b}"}
      splits: {validation: rows.tsv}
      inputs: "the cat"
      targets: "{label}"
      choices: ["{a}", "{b}"]
      layout: continuation
      output: choices
      metrics: [accuracy]
      golden:
        - fields: {a: sees, b: knows, label: "0"}
          inputs: the cat
          targets: sees
      provenance: {origin: made up}

      """)
    // The same pairs in both orders: one of the two is right whatever the model says.
    try folder.write(
      "data/pairs/rows.tsv", "a\tb\tlabel\nsees\tknows the dog\t0\nknows the dog\tsees\t0\nsees\tsees\t0\n")
    return folder
  }

  private func arguments(_ folder: TestFolder, _ more: String...) -> [String] {
    [
      "evaluate", "--protocol", "lm-eval", "--checkpoint", Self.gpt, "--tasks", "\(folder.path)/tasks", "--data",
      "\(folder.path)/data",
    ] + more
  }

  @Test func scoresAreThoseOfTheRows() throws {
    let folder = try folder()
    let path = "\(folder.path)/results.json"
    let outcome = try Graft.run(arguments(folder, "--task", "pair_choice", "--json", path))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let file = try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(file.samples == ["pair_choice": 3])
    let scores = try #require(file.results["pair_choice"])
    // One of the first two, and of equals the first, which is right.
    #expect(abs((scores["acc,none"] ?? 0) - 2.0 / 3) < 1e-12)
    #expect(abs((scores["acc_norm,none"] ?? 0) - 2.0 / 3) < 1e-12)
    // A sample of 1, 1 and 0 has the variance 1/3.
    #expect(abs((scores["acc_stderr,none"] ?? 0) - 1.0 / 3) < 1e-12)
    #expect(outcome.output.contains("pair_choice") && outcome.output.contains("0.6667"))
    // Graft's own name is understood as well.
    #expect(try Graft.run(arguments(folder, "--task", "lm-eval-pair-choice")).output == outcome.output)
  }

  /// Draws from rows 0 to 3: `random.Random(1234).sample(range(4), 3)[:2]` for one row after the other.
  private static let drawn = [[3, 0], [0, 2]]

  /// The same texts twice: with examples that the harness would draw, and with these written out in the prompts.
  private func shots() throws -> TestFolder {
    let folder = try TestFolder()
    func task(_ name: String, _ more: String) -> String {
      """
      task: lm-eval-\(name)
      version: 1
      source:
        folder: \(name)
        format: jsonl
        fields: {context: context, word: word}
      splits: {\(more)test: test.jsonl}
      inputs: "{context}"
      targets: "{word}"
      layout: continuation
      output: text
      metrics: [accuracy, perplexity-per-text]
      golden:
        - fields: {context: the cat, word: sees}
          inputs: the cat
          targets: sees
      provenance: {origin: made up}

      """
    }
    func row(_ context: String, _ word: String) -> String {
      #"{"context": "\#(context.replacing("\n", with: "\\n"))", "word": "\#(word)"}"# + "\n"
    }
    let train = [("the dog", "sees"), ("a cat", "runs"), ("my mother", "knows"), ("the bird", "sings")]
    let test = [("the cat", "knows"), ("a dog", "runs")]
    try folder.write("tasks/drawn.yaml", task("drawn", "train: train.jsonl, "))
    try folder.write("tasks/written.yaml", task("written", ""))
    try folder.write("data/drawn/train.jsonl", train.map { row($0, $1) }.joined())
    try folder.write("data/drawn/test.jsonl", test.map { row($0, $1) }.joined())
    // A word brings a space of its own beside the one before every answer.
    try folder.write(
      "data/written/test.jsonl",
      zip(test, Self.drawn).map { test, drawn in
        row(drawn.map { "\(train[$0].0)  \(train[$0].1)\n\n" }.joined() + test.0, test.1)
      }.joined())
    return folder
  }

  @Test func examplesAreThoseThatPythonDraws() throws {
    let folder = try shots()
    func perplexity(_ task: String, _ more: String...) throws -> Double? {
      let path = "\(folder.path)/results.json"
      let outcome = try Graft.run(arguments(folder) + ["--task", task, "--json", path] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let file = try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
      return file.results[task]?["perplexity,none"]
    }
    let drawn = try #require(try perplexity("drawn", "--shots", "2"))
    #expect(try perplexity("written") == drawn)
    #expect(try perplexity("drawn") != drawn)
    // As the harness, from the front.
    #expect(
      try perplexity("drawn", "--shots", "2", "--limit", "1") == perplexity("written", "--limit", "1"))
  }

  @Test func examplesThatAreNotThereAreRefused() throws {
    let folder = try shots()
    func refuse(_ task: String, _ shots: String, says words: String...) throws {
      try Graft.expectFailure(64, arguments(folder) + ["--task", task, "--shots=\(shots)"], says: words)
    }
    try refuse("written", "1", says: "--shots is not for 'written'", "'train'")
    try refuse("blimp", "1", says: "--shots is not for 'blimp'", "without examples")
    try refuse("piqa", "1", says: "--shots is not for 'piqa'", "'train'")
    // One more than is needed is drawn.
    try refuse("drawn", "4", says: "draws 5 rows", "which has 4")
    try refuse("drawn", "-1", says: "--shots -1")
    try Graft.expectFailure(
      64, ["evaluate", "--checkpoint", Self.gpt, "--task", "rte", "--shots", "1"], says: ["--shots", "--protocol"])
  }

  @Test func whatHasNoCounterpartIsRefused() throws {
    let folder = try folder()
    try Graft.expectFailure(64, arguments(folder, "--task", "pair"), says: ["pair_choice"])
    try Graft.expectFailure(
      64, arguments(folder, "--task", "pair_choice", "--split", "validation"),
      says: ["--split has no bearing on --protocol lm-eval"])
    // Also what changes nothing, and what has a default.
    let idle = [
      "--beam", "2", "--labels", "a,b", "--only-field", "a", "--target-length", "64", "--answers", "rank", "--details",
      "--no-baselines", "--overlap", "--rendering", "decanlp",
    ]
    let names = idle.filter { $0.hasPrefix("--") && !["--no-baselines", "--overlap"].contains($0) }
    try Graft.expectFailure(
      64, arguments(folder, "--task", "pair_choice") + idle,
      says: names + ["--baselines", "--overlap", "have no bearing on --protocol lm-eval"])
    try Graft.expectFailure(
      64, arguments(folder, "--task", "pair_choice") + ["--checkpoint", Self.gpt], says: ["one model"])
    try Graft.expectFailure(64, arguments(folder), says: ["nothing to evaluate on"])
    let bert = arguments(folder, "--task", "pair_choice").map {
      $0 == Self.gpt ? $0.replacing("gpt2", with: "bert") : $0
    }
    try Graft.expectFailure(64, bert, says: ["decoders"])
  }
}
