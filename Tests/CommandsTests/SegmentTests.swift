import Foundation
import TestSupport
import Testing

/// Encoders are given the texts of a task alone, as they are pretrained, or its prompt.
@Suite(.tags(.process)) struct SegmentTests {
  private static let bert = "\(Graft.packageRoot)/Tests/Fixtures/huggingface/bert"

  private struct Run: Decodable {
    struct Configuration: Decodable {
      struct Model: Decodable { var reading: Reading? }
      struct Reading: Decodable {
        var layout: String
        var tasks: [String: String]?
      }
      var model: Model
    }
    var configuration: Configuration
  }

  private func finetuned(_ folder: TestFolder, _ name: String, _ more: [String] = []) throws -> String {
    let world = try World.shared.get()
    let outcome = try Graft.run(
      world.replacing("--checkpoint", by: Self.bert, in: world.finetune(name, task: "micro-nli"))
        .map { $0.hasSuffix("/\(name)") ? "\(folder.path)/\(name)" : $0 }
        + ["--input-length", "48", "--target-length", "8", "--no-baselines", "--no-overlap", "--optimizer", "adamw"]
        + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return "\(folder.path)/\(name)"
  }

  /// Everything that was answered, with scores.
  private func answers(_ checkpoint: String, _ more: [String] = []) throws -> [String] {
    let (world, folder) = (try World.shared.get(), try TestFolder())
    let outcome = try Graft.run(
      [
        "evaluate", "--checkpoint", checkpoint, "--task", "micro-nli", "--tasks", world.directory, "--data",
        world.directory, "--split", "test", "--no-baselines", "--no-overlap", "--input-length", "48", "--json",
        "\(folder.path)/results.json",
      ] + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    let predictions = try #require(files.first { $0.hasSuffix(".jsonl") }, "\(files)")
    return String(decoding: try folder.bytes(predictions), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func anEncoderOfTransformersIsGivenSegments() throws {
    let folder = try TestFolder()
    let segments = try finetuned(folder, "segments")
    let prompt = try finetuned(folder, "prompt", ["--layout", "prompt"])
    for (run, tasks) in [(segments, nil), (prompt, ["micro-nli": "prompt"])] {
      let found = try JSONDecoder().decode(
        Run.self, from: Data(contentsOf: URL(fileURLWithPath: "\(run)/run.json"))
      ).configuration.model.reading
      #expect(found?.layout == "segments" && found?.tasks == tasks)
    }
    let (first, second) = (try answers(segments), try answers(prompt))
    #expect(first.count == 12 && first != second)
    // A model is asked as it was trained, also after the way to transformers and back; else something else is asked.
    for (run, expected) in [(segments, first), (prompt, second)] {
      let exported = "\(run)-exported"
      let outcome = try Graft.run(["convert", "--from", run, "--to", exported])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try answers(exported) == expected)
    }
    #expect(try answers(segments, ["--layout", "prompt"]) != first)
  }

  /// Without the words of the prompt around it, a text alone is all that is read.
  @Test func oneTextIsOneSegment() throws {
    let (world, folder) = (try World.shared.get(), try TestFolder())
    func answers(_ more: [String]) throws -> String {
      let outcome = try Graft.run(
        [
          "evaluate", "--checkpoint", "\(Self.bert)-classifier", "--task", "micro-sentiment", "--tasks",
          world.directory, "--data", world.directory, "--split", "test", "--no-baselines", "--no-overlap",
          "--input-length", "40", "--json", "\(folder.path)/\(more.count).json",
        ] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    #expect(try answers([]) == answers(["--layout", "segments"]))
  }

  @Test func othersHaveNone() throws {
    let world = try World.shared.get()
    try Graft.expectFailure(
      64, world.finetune("none", task: "micro-nli", "--layout", "segments"), says: ["--layout", "encoders"])
    try Graft.expectFailure(
      64,
      [
        "evaluate", "--checkpoint", world.run, "--task", "micro-nli", "--tasks", world.directory, "--data",
        world.directory, "--layout", "segments",
      ], says: ["t5", "segments"])
  }
}
