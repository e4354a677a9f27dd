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

  @Test func whatHasNoCounterpartIsRefused() throws {
    let folder = try folder()
    try Graft.expectFailure(64, arguments(folder, "--task", "pair"), says: ["pair_choice"])
    try Graft.expectFailure(
      64, arguments(folder, "--task", "pair_choice", "--split", "validation"), says: ["--protocol"])
    try Graft.expectFailure(64, arguments(folder), says: ["nothing to evaluate on"])
    let bert = arguments(folder, "--task", "pair_choice").map {
      $0 == Self.gpt ? $0.replacing("gpt2", with: "bert") : $0
    }
    try Graft.expectFailure(64, bert, says: ["decoders"])
  }
}
