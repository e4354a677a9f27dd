import Foundation
import TestSupport
import Testing

/// Decoders that go on with texts, and whole files, from the command line.
@Suite(.tags(.process)) struct ContinuationCommandTests {
  private static let gpt2 = RealData.package.appendingPathComponent("Tests/Fixtures/huggingface/gpt2").path

  /// A prompt that is too long is never cut in silence, and its end is what counts.
  @Test func generateKeepsTheEndAndSaysSo() throws {
    let long = String(repeating: "the cat ", count: 100)
    var answers: Set<String> = []
    for end in ["a", "the dog a"] {
      let outcome = try Graft.run([
        "generate", "--checkpoint", Self.gpt2, "--target-length", "3", "--json", "-", long + end,
      ])
      #expect(outcome.status == 0 && outcome.errors.contains("only its last 61 tokens are read"))
      answers.insert(outcome.output.replacingOccurrences(of: long + end, with: ""))
    }
    #expect(answers.count == 2)
    try Graft.expectFailure(
      64, ["generate", "--checkpoint", Self.gpt2, "--target-length", "3", "--layout", "prompt", long],
      says: ["exceeds the 61", "--input-length 61"])
    let world = try World.shared.get()
    let reading = try Graft.run(["generate", "--checkpoint", world.run, "--target-length", "2", long])
    #expect(reading.status == 0 && reading.errors.isEmpty)
    try Graft.expectFailure(
      64, ["generate", "--checkpoint", world.run, "--layout", "continuation", "a"], says: ["go on"])
  }

  @Test func filesAndStandardInputAreScored() throws {
    let folder = try TestFolder()
    let text = String(repeating: "The cat sees the dog.\nNo, said Anna.\n", count: 30)
    let path = try folder.write("a.txt", text)
    let json = "\(folder.path)/scores.json"
    let outcome = try Graft.run([
      "score", "--checkpoint", Self.gpt2, "--file", path, path, "--window", "32", "--stride", "16",
      "--line-ends", "--json", json,
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("ppl word") && outcome.output.contains("all"))
    let found = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: json))) as? [String: Any]
    let all = (found?["all"] as? [String: Any])?["counts"] as? [String: Any]
    #expect(all?["words"] as? Int == 2 * 30 * (5 + 3 + 2) && all?["lines"] as? Int == 120)
    #expect(all?["bytes"] as? Int == 2 * text.utf8.count)
    let packed = try folder.write("a.txt.gz", gzip(Array(text.utf8)))
    let unpacked = try Graft.run([
      "score", "--checkpoint", Self.gpt2, "--file", packed, path, "--window", "32", "--stride", "16", "--line-ends",
      "--json", json,
    ])
    #expect(unpacked.status == 0, "\(unpacked.errors)")
    let mixed = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: json))) as? [String: Any]
    let sum = (mixed?["all"] as? [String: Any])?["counts"] as? [String: Any]
    #expect(sum?["bytes"] as? Int == 2 * text.utf8.count && sum?["words"] as? Int == all?["words"] as? Int)
    let input = try Graft.run(["score", "--checkpoint", Self.gpt2, "--file", "-"], input: text)
    #expect(input.status == 0 && input.output.contains("windows of 64 tokens that move on by 32"))
    for (arguments, says) in [
      (["--stride", "0", "--file", path], "--stride 0"), (["--window", "65", "--file", path], "--window 65"),
      (["--file", path, "--target", "a"], "exclude"), (["--stride", "4", "--target", "a"], "--file"),
    ] {
      try Graft.expectFailure(64, ["score", "--checkpoint", Self.gpt2] + arguments, says: [says])
    }
    try Graft.expectFailure(
      64, ["score", "--checkpoint", try World.shared.get().run, "--file", path], says: ["beginning to its end"])
    let bad = try folder.write("bad.txt", [0x61, 0x0A, 0xFF])
    try Graft.expectFailure(65, ["score", "--checkpoint", Self.gpt2, "--file", bad], says: ["UTF-8", "2"])
  }

  /// What a model does not see is counted.
  @Test func cutInputsAreCounted() throws {
    let world = try World.shared.get()
    let tuned = world.finetune("cut", task: "micro-sentiment")
    #expect(try Graft.run(tuned).status == 0)
    let json = "\(world.folder.path)/cut.json"
    let outcome = try Graft.run([
      "evaluate", "--checkpoint", "\(world.folder.path)/cut", "--task", "micro-sentiment", "--tasks",
      world.directory, "--data", world.directory, "--split", "test", "--input-length", "4", "--no-baselines",
      "--no-overlap", "--json", json,
    ])
    #expect(outcome.status == 0 && outcome.errors.contains("12 of 12 inputs were cut to 4 tokens"), "\(outcome.errors)")
    #expect(try String(contentsOfFile: json, encoding: .utf8).contains("\"cutExamples\" : 12"))
  }
}
