import Foundation
import TestSupport
import Testing

/// A grid on the microworld: its configuration, its end after kills, and what its ledger keeps.
@Suite(.serialized, .tags(.process)) struct AblationTests {
  private static let grid = """
    version: 1
    tokenizer: tokenizer.json
    corpora: [world/corpus.txt]
    document-boundary: blank-lines
    sequence-length: 32
    budget: {tokens: 4k}
    seeds: [0, 1]
    objectives: [span-corruption, causal-lm]
    backbones: [tiny.json, tiny-gpt.json]
    baseline: {objective: span-corruption, backbone: tiny}
    pretraining: {batch: 4, precision: f32, shards: 2, warmup: 2, dropout: 0.1, save-every: 4}
    finetuning:
      tasks: [micro-sentiment, {task: micro-nli, splits: [validation, test]}]
      suites: [micro-nli-stress]
      steps: 3
      batch: 4
      precision: f32
      shards: 2
      input-length: 40
      target-length: 16

    """

  /// Writes a grid beside the shared world's files and gives the command's arguments.
  private func arguments(
    _ world: World, _ name: String, grid: String = grid, output: String, _ more: String...
  ) throws -> [String] {
    let file = try world.folder.write("\(name).yaml", grid)
    return ["ablate", file, "--output", output, "--tasks", world.directory, "--data", world.directory] + more
  }

  private func text(_ folder: TestFolder, _ name: String) throws -> String {
    String(decoding: try folder.bytes(name), as: UTF8.self)
  }

  private struct Event: Decodable {
    var cell: String
    var seed: Int
    var stage: String
    var event: String
    var error: String?
    var tokens: Int?
    var flops: Double?
  }

  private func ledger(_ folder: TestFolder, _ name: String) throws -> [Event] {
    try text(folder, "\(name)/ledger.jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(Event.self, from: Data($0.utf8))
    }
  }

  /// The results without what a clock says.
  private func results(_ folder: TestFolder, _ name: String) throws -> String {
    let lines = try text(folder, "\(name)/results.json").split(separator: "\n")
    var kept: [Substring] = []
    var isTime = false
    for line in lines {
      if line.contains("\"fineTuningSeconds\"") { isTime = true }
      if !isTime, !line.contains("\"seconds\" :") { kept.append(line) }
      if line.contains("]") { isTime = false }
    }
    return kept.joined(separator: "\n")
  }

  @Test(arguments: [
    ("seeds:", "sedes:", ["unknown key of a grid 'sedes'", "did you mean 'seeds'?", ":7:1"]),
    ("{tokens: 4k}", "{tokens: 4k, time: 4m}", ["one budget, this one has 2", ":6:"]),
    ("{tokens: 4k}", "{tokens: many}", ["'many' is no positive number", ":6:18"]),
    ("{tokens: 4k}", "{time: 0s}", ["no length of time"]),
    (
      "[span-corruption,", "[span-coruption,",
      ["unknown objective", "did you mean 'span-corruption'?", ":8:14"]
    ),
    ("[span-corruption,", "[span-corruption, span-corruption,", ["stands twice", "another 'name'"]),
    (
      "[span-corruption,", "[{objective: span-corruption, noise-densty: 0.2},",
      ["did you mean 'noise-density'?", ":8:"]
    ),
    ("[span-corruption,", "[{objective: span-corruption, noise-density: 7},", ["span-corruption allows"]),
    ("backbone: tiny}", "backbone: tny}", ["unknown backbone of this grid 'tny'", "did you mean 'tiny'?"]),
    (
      "{objective: span-corruption, backbone: tiny}", "{objective: causal-lm, backbone: tiny}",
      ["'causal-lm@tiny' does not fit", "needs the layout decoder"]
    ),
    ("batch: 4, precision", "bach: 4, precision", ["unknown key of 'pretraining' 'bach'"]),
    ("warmup: 2", "schedule: cosin", ["did you mean 'cosine'?", ":11:"]),
    ("precision: f32,", "precision: f16,", ["unknown precision 'f16'"]),
    ("[micro-sentiment,", "[micro-sentimnt,", ["did you mean 'micro-sentiment'?", ":13:"]),
    ("[validation, test]", "[validation, tset]", ["did you mean 'test'?"]),
    ("steps: 3", "steps: 3\n  epochs: 2", ["exclude each other"]),
    ("seeds: [0, 1]", "seeds: [0, 0]", ["the seed 0 stands twice"]),
    ("seeds: [0, 1]", "seeds: []", ["a list of one or more"]),
    ("version: 1", "version: 2", ["this graft reads version 1"]),
  ])
  func badConfigurations(_ old: String, _ new: String, _ says: [String]) throws {
    let world = try World.shared.get()
    let grid = Self.grid.replacingOccurrences(of: old, with: new)
    #expect(grid != Self.grid)
    let output = "\(world.folder.path)/no-grid"
    try Graft.expectFailure(
      65, try arguments(world, "bad", grid: grid, output: output, "--list"), says: says + ["bad.yaml"],
      hint: false)
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test func theGridIsListed() throws {
    let world = try World.shared.get()
    let output = "\(world.folder.path)/listed"
    let outcome = try Graft.run(try arguments(world, "listed", output: output, "--list"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    for cell in [
      "none@tiny ", "none@tiny-gpt", "span-corruption@tiny ", "span-corruption@tiny-gpt",
      "causal-lm@tiny-gpt",
    ] {
      #expect(outcome.output.contains(cell), "\(cell): \(outcome.output)")
    }
    #expect(outcome.output.contains("does not fit: causal-lm@tiny:"))
    #expect(outcome.output.contains("5 cells, 2 seeds, 2 tasks"))
    try Graft.expectFailure(
      64, try arguments(world, "listed", output: output, "--list", "--only", "span-corruption@tny"),
      says: ["did you mean 'span-corruption@tiny'?"])
    try Graft.expectFailure(
      66, try arguments(world, "listed", output: "\(output)-not", "--report-only"), says: ["holds no grid"])
  }

  @Test func aKilledGridGoesOnAsIfItHadNotBeen() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let whole = try Graft.run(try arguments(world, "killed", output: "\(folder.path)/whole"))
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.output.contains("span-corruption@tiny-gpt"))
    #expect(whole.output.contains("in each case: causal-lm@tiny."))

    let arguments = try arguments(world, "killed", output: "\(folder.path)/run")
    var kills = 0
    for lines in [3, 8, 14] {
      let run = try Graft.Running(arguments)
      while run.isRunning {
        let written = (try? text(folder, "run/ledger.jsonl"))?.split(separator: "\n").count ?? 0
        if written >= lines { break }
        usleep(2000)
      }
      usleep(UInt32(lines) * 9000)
      run.send(SIGKILL)
      if try run.wait().wasSignalled { kills += 1 }
    }
    #expect(kills == 3)
    // A line that the loss of power cut short.
    let handle = try #require(FileHandle(forWritingAtPath: "\(folder.path)/run/ledger.jsonl"))
    handle.seekToEndOfFile()
    handle.write(Data("{\"cell\":\"none@ti".utf8))
    try handle.close()
    let end = try Graft.run(arguments + ["--resume"])
    #expect(end.status == 0, "\(end.errors)")
    #expect(try results(folder, "run") == results(folder, "whole"))
    let events = try ledger(folder, "run")
    #expect((1...kills).contains(events.count { $0.event == "aborted" }), "\(events.map(\.event))")
    // 5 cells with 2 seeds: 3 of them pretrained, all fine-tuned on 2 tasks, each just once.
    #expect(events.count { $0.event == "finished" } == 2 * (3 + 5 * 2))
    for event in events where event.event == "finished" && event.stage == "pretrain" {
      #expect(abs(Double(try #require(event.tokens)) - 4000) < 400)
      #expect(try #require(event.flops) > 0)
    }
    // What fine-tuned is scored and gone; what was pretrained stays.
    let seed = "run/cells/span-corruption@tiny/seed-1"
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/\(seed)/finetune-micro-nli/model"))
    #expect(
      FileManager.default.fileExists(
        atPath: "\(folder.path)/\(seed)/finetune-micro-nli/predictions/micro-nli-test.jsonl"))
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(seed)/pretrain/model/config.json"))
    for name in ["table.md", "scores.svg"] { #expect(try !folder.bytes("run/\(name)").isEmpty) }

    // Tables alone; a seed more; another recipe.
    let report = try Graft.run(arguments + ["--report-only"])
    #expect(report.status == 0 && report.output == end.output)
    let other = Self.grid.replacingOccurrences(of: "dropout: 0.1", with: "dropout: 0.2")
    try Graft.expectFailure(
      64, try self.arguments(world, "other", grid: other, output: "\(folder.path)/run"),
      says: ["belongs to another grid: 'backbone tiny'"])
    let more = Self.grid.replacingOccurrences(of: "[0, 1]", with: "[0, 1, 2]")
    let grown = try Graft.run(
      try self.arguments(
        world, "more", grid: more, output: "\(folder.path)/run", "--only", "none@tiny"))
    #expect(grown.status == 0, "\(grown.errors)")
    #expect(try ledger(folder, "run").contains { $0.seed == 2 && $0.event == "finished" })
  }

  @Test func aCellThatFailsIsKept() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try world.folder.write("short.json", World.preset("gpt", layers: 0, extra: ", \"maximumLength\": 48"))
    let grid = Self.grid
      .replacingOccurrences(of: "[tiny.json, tiny-gpt.json]", with: "[tiny.json, short.json]")
      .replacingOccurrences(of: "[span-corruption, causal-lm]", with: "[span-corruption]")
      .replacingOccurrences(of: "[0, 1]", with: "[0]")
    let arguments = try arguments(world, "failing", grid: grid, output: "\(folder.path)/run")
    let outcome = try Graft.run(arguments)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains("4 stages failed"))
    #expect(outcome.output.contains("Failed: span-corruption@short, seed 0, finetune-micro-nli:"))
    let failed = try ledger(folder, "run").filter { $0.event == "failed" }
    #expect(
      failed.map(\.cell) == ["none@short", "none@short", "span-corruption@short", "span-corruption@short"])
    #expect(try failed.allSatisfy { try #require($0.error).contains("48 positions") })
    #expect(
      try ledger(folder, "run").contains { $0.cell == "span-corruption@tiny" && $0.event == "finished" })
  }

  @Test func aSignalIsRecorded() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let arguments = try arguments(
      world, "signalled", grid: Self.grid.replacingOccurrences(of: "4k", with: "4M"),
      output: "\(folder.path)/run", "--only", "span-corruption@tiny")
    let run = try Graft.Running(arguments)
    while run.isRunning,
      !FileManager.default.fileExists(
        atPath: "\(folder.path)/run/cells/span-corruption@tiny/seed-0/pretrain/run.json")
    { usleep(2000) }
    run.send(SIGTERM)
    let outcome = try run.wait()
    #expect(outcome.status == 143, "\(outcome.errors)")
    #expect(outcome.errors.contains("the same command goes on"))
    #expect(try ledger(folder, "run").map(\.event) == ["started", "interrupted"])
  }
}
