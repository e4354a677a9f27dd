import Foundation
import TestSupport
import Testing

/// `graft finetune --after`: other tasks first.
@Suite(.tags(.process)) struct IntermediateTrainingTests {
  private struct Run: Decodable {
    struct Configuration: Decodable {
      var tasks: [String]
      var initialCheckpoint: String?
    }
    var configuration: Configuration
  }

  private func run(_ path: String) throws -> Run.Configuration {
    try JSONDecoder().decode(Run.self, from: Data(contentsOf: URL(fileURLWithPath: "\(path)/run.json"))).configuration
  }

  @Test func allSeedsGoOnFromOneModel() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/run"
    let arguments = world.replacing(
      "--output", by: output,
      in: world.finetune(
        "after", task: "micro-nli", "--after", "micro-sentiment", "--after-epochs", "1", "--seeds", "2",
        "--no-overlap", "--no-baselines"))
    let outcome = try Graft.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try run("\(output)/after").tasks == ["micro-sentiment"])
    #expect(try run("\(output)/after").initialCheckpoint == world.run)
    for seed in 0...1 {
      #expect(try run("\(output)/seed-\(seed)").initialCheckpoint == "\(output)/after")
    }
    // What is there already is not made again.
    let first = try folder.bytes("run/after/model/model.safetensors")
    try FileManager.default.removeItem(atPath: "\(output)/seed-1")
    let again = try Graft.run(arguments + ["--resume"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try folder.bytes("run/after/model/model.safetensors") == first)
    #expect(FileManager.default.fileExists(atPath: "\(output)/seed-1/results.json"))
    // A model that was trained on labels first, but on no text, is still one from scratch.
    let scratch = [
      "finetune", "--tokenizer", world.tokenizer, "--backbone", world.preset, "--task", "micro-nli", "--after",
      "micro-sentiment", "--after-epochs", "1", "--tasks", world.directory, "--data", world.directory, "--output",
      "\(folder.path)/scratch", "--steps", "2", "--batch", "4", "--precision", "f32", "--no-overlap", "--no-baselines",
      "--select", "best",
    ]
    let drawn = try Graft.run(scratch)
    #expect(drawn.status == 0, "\(drawn.errors)")
    #expect(drawn.output.contains("from-scratch") && !drawn.output.contains("pretrained"), "\(drawn.output)")
    #expect(drawn.errors.contains("are kept to select the best model by"), "\(drawn.errors)")
  }
}
