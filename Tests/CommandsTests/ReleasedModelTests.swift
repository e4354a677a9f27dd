import Foundation
import TestSupport
import Testing

/// Models that come with Graft and are taken by name.
@Suite(.tags(.process)) struct ReleasedModelTests {
  /// A home with one model, the shared run in 16 bits, under a name.
  private func home(_ name: String) throws -> TestFolder {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try folder.write("card.md", "# A small model\n")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/Checkpoints/models", withIntermediateDirectories: true)
    let outcome = try Graft.run([
      "convert", "--from", world.run, "--to", "\(folder.path)/Checkpoints/models/\(name)", "--layout", "graft",
      "--precision", "bf16", "--card", "\(folder.path)/card.md",
    ])
    #expect(outcome.status == 0 && outcome.output.contains("graft checkpoint, t5"), "\(outcome.errors)")
    return folder
  }

  private func run(_ arguments: [String], home: TestFolder) throws -> Graft.Outcome {
    try Graft.Running(arguments, environment: ["GRAFT_HOME": home.path]).wait()
  }

  @Test func aModelIsTakenByItsName() throws {
    let world = try World.shared.get()
    let home = try home("seedling")
    let listed = try run(["list", "checkpoints"], home: home)
    #expect(listed.output.contains("seedling") && listed.output.contains("t5: "), "\(listed.output)\(listed.errors)")
    let folder = "\(home.path)/Checkpoints/models/seedling"
    #expect(try String(contentsOfFile: "\(folder)/README.md", encoding: .utf8) == "# A small model\n")
    let whole = try world.folder.bytes("run/model/model.safetensors").count
    let rounded = try home.bytes("Checkpoints/models/seedling/model.safetensors").count
    #expect(Double(rounded) < 0.6 * Double(whole))
    func scored(_ checkpoint: String) throws -> String {
      let outcome = try run(
        ["score", "--checkpoint", checkpoint, "--input", "a b", "--target", "c", "--json", "-"], home: home)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    #expect(try scored("seedling") == scored(folder))

    let wrong = try run(["inspect", "checkpoint", "seedlin"], home: home)
    #expect(wrong.status == 66 && wrong.errors.contains("did you mean 'seedling'"), "\(wrong.errors)")
  }

  /// The same model with drawn values is what pretraining is measured by.
  @Test func anUntrainedModelIsFromScratch() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    func finetune(_ output: String, _ more: [String]) throws -> Graft.Outcome {
      let arguments = world.replacing(
        "--output", by: "\(folder.path)/\(output)", in: world.finetune("x", task: "micro-nli", "--seeds", "1"))
      return try Graft.run(arguments + ["--no-baselines", "--no-overlap"] + more)
    }
    let trained = try finetune("trained", [])
    let drawn = try finetune("drawn", ["--untrained"])
    #expect(trained.status == 0 && trained.output.contains("pretrained"), "\(trained.errors)")
    #expect(drawn.status == 0 && drawn.output.contains("from-scratch"), "\(drawn.errors)")
    let configurations = try ["trained", "drawn"].map { try folder.bytes("\($0)/model/config.json") }
    #expect(configurations[0] == configurations[1])
    #expect(
      try folder.bytes("trained/model/model.safetensors") != folder.bytes("drawn/model/model.safetensors"))
  }

  /// What says how a model from scratch is made needs its tokenizer, too.
  @Test func aBackboneAloneIsNotEnough() throws {
    let world = try World.shared.get()
    let outcome = try Graft.run([
      "finetune", "--backbone", "t5-nano", "--task", "micro-nli", "--tasks", world.directory, "--data", world.directory,
      "--output", "\(world.folder.path)/none",
    ])
    #expect(outcome.status == 64 && outcome.errors.contains("from scratch needs a tokenizer"), "\(outcome.errors)")
  }

  /// A recipe that is kept names the model that was a default.
  @Test(arguments: ["finetune", "prefixes", "transfer"]) func aPrintedRecipeNamesTheModel(_ command: String) throws {
    let words = [command, "--task", "sst2", "--output", "x", "--print-config"]
    let shown = try Graft.run(words)
    #expect(shown.output.contains("\ncheckpoint: rootstock-mini\n"), "\(shown.output)\(shown.errors)")
    let scratch = try Graft.run(words + ["--tokenizer", "t.json"])
    #expect(scratch.output.contains("\ncheckpoint: null\n") && scratch.output.contains("\nbackbone: t5-mini\n"))
  }
}
