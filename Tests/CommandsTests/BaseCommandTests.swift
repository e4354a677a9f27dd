import Foundation
import TestSupport
import Testing

/// `--base`, the model of an adapter that has moved.
@Suite(.tags(.process)) struct BaseCommandTests {
  private static let fixtures = "\(Graft.packageRoot)/Tests/Fixtures"
  private static let base = "\(fixtures)/huggingface/llama"

  /// An adapter of PEFT's whose base is not where it says, and a task.
  private func moved() throws -> TestFolder {
    let folder = try TestFolder()
    try FileManager.default.copyItem(
      atPath: "\(Self.fixtures)/adapters/llama", toPath: "\(folder.path)/adapter")
    try folder.write(
      "tasks/cats.yaml",
      """
      task: lm-eval-cats
      version: 1
      source:
        folder: cats
        format: tsv
        fields: {text: text, label: label}
      splits: {train: rows.tsv, validation: rows.tsv}
      inputs: "{text}"
      targets: "{label}"
      choices: [sees, knows]
      layout: continuation
      output: choices
      metrics: [accuracy]
      golden:
        - fields: {text: the cat, label: sees}
          inputs: the cat
          targets: sees
      provenance: {origin: made up}

      """)
    try folder.write("data/cats/rows.tsv", "text\tlabel\nthe cat\tsees\nthe dog\tknows\n")
    return folder
  }

  private func data(_ folder: TestFolder) -> [String] {
    ["--task", "lm-eval-cats", "--tasks", "\(folder.path)/tasks", "--data", "\(folder.path)/data"]
  }

  @Test(arguments: [
    ["inspect", "checkpoint"], ["generate", "--target-length", "2"], ["score"], ["embed"], ["convert", "--merge"],
    ["evaluate", "--no-overlap", "--target-length", "8"], ["evaluate", "--protocol", "lm-eval"],
    ["finetune", "--steps", "1", "--batch", "2", "--input-length", "16", "--target-length", "8"],
    ["benchmark", "decode"],
  ]) func everyCommandFindsIt(_ command: [String]) throws {
    let folder = try moved()
    let data = data(folder)
    let more: [String]
    switch command[0] {
    case "inspect": more = ["\(folder.path)/adapter"]
    case "convert": more = ["--from", "\(folder.path)/adapter", "--to", "\(folder.path)/whole"]
    case "generate": more = ["--checkpoint", "\(folder.path)/adapter", "the cat"]
    case "embed": more = ["--checkpoint", "\(folder.path)/adapter", "the cat", "the dog"]
    case "score": more = ["--checkpoint", "\(folder.path)/adapter", "--target", "the cat"]
    case "benchmark":
      more = [
        "--checkpoint", "\(folder.path)/adapter", "--target-length", "2", "--input-length", "4", "--batch", "1",
        "--beam", "1", "--rounds", "1",
      ]
    case "finetune": more = ["--checkpoint", "\(folder.path)/adapter", "--output", "\(folder.path)/run"] + data
    default: more = ["--checkpoint", "\(folder.path)/adapter"] + data
    }
    try Graft.expectFailure(66, command + more, says: ["../../huggingface/llama", "--base"])
    let outcome = try Graft.run(command + more + ["--base", Self.base])
    #expect(outcome.status == 0, "\(outcome.errors)")
    // A whole model has none.
    let whole = (command + more).map { $0 == "\(folder.path)/adapter" ? Self.base : $0.replacing("/whole", with: "/2") }
      .map { $0 == "\(folder.path)/run" ? "\(folder.path)/run2" : $0 }
    try Graft.expectFailure(64, whole + ["--base", Self.base], says: ["whole model", "--base"])
  }

  @Test func aModelFromScratchHasNone() throws {
    let folder = try moved()
    try Graft.expectFailure(
      64, ["finetune", "--base", Self.base, "--output", "\(folder.path)/run"] + data(folder),
      says: ["--base belongs to --checkpoint"])
  }
}
