import Foundation
import TestSupport
import Testing

/// A grid on the microworld: its configuration, its end after kills, and what its ledger keeps.
@Suite(.serialized, .tags(.process)) struct AblationTests {
  private static let grid = """
    version: 2
    pretrain:
      tokenizer: WORLD/tokenizer.json
      corpus: WORLD/world/corpus.txt
      document-boundary: blank-lines
      sequence-length: 32
      tokens: 4k
      batch: 4
      precision: f32
      shards: 2
      warmup: 2
      dropout: 0.1
      save-every: 4
    axes:
      objective: [none, span-corruption, causal-lm]
      backbone: [WORLD/tiny.json, WORLD/tiny-gpt.json]
    baseline: span-corruption@tiny
    seeds: [0, 1]
    finetune: {steps: 3, batch: 4, precision: f32, shards: 2, input-length: 40, target-length: 16}
    tasks:
      - {task: micro-sentiment, split: validation}
      - {task: micro-nli, split: [validation, test], suite: micro-nli-stress}

    """

  /// Writes a grid beside the shared world's files and gives the command's arguments.
  private func arguments(
    _ world: World, _ name: String, grid: String = grid, output: String, _ more: String...
  ) throws -> [String] {
    let file = try world.folder.write(
      "\(name).yaml", grid.replacingOccurrences(of: "WORLD", with: world.folder.path))
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
    ("seeds:", "sedes:", ["unknown key of a grid 'sedes'", "did you mean 'seeds'?", ":18:1"]),
    (
      "batch: 4\n", "bach: 4\n",
      ["unknown key of a recipe for `graft pretrain` 'bach'", "did you mean 'batch'?", ":8:3"]
    ),
    ("tokens: 4k", "tokens: many", ["'many' is invalid for '--tokens", ":7:3"]),
    ("tokens: 4k", "tokens: 4k\n  flops: 1e9", ["--tokens and --flops are two budgets", ":7:3"]),
    ("tokens: 4k", "budget: 0s", ["invalid for '--budget", ":7:3"]),
    ("tokens: 4k", "seed: 3", ["'seed' is no key of a grid's recipe for `graft pretrain`", "'seeds'", ":7:3"]),
    ("dropout: 0.1", "dropout: 1.5", ["`dropout:` must be in 0 ..< 1", ":12:3"]),
    ("dropout: 0.1", "schedule: cosin", ["did you mean 'cosine'?", ":12:3"]),
    ("dropout: 0.1", "precision: f16", ["key 'precision' stands twice"]),
    ("span-corruption, causal", "span-coruption, causal", ["unknown objective", "'span-corruption'?", ":15:21"]),
    (
      "span-corruption, causal", "span-corruption, span-corruption, causal", ["stands twice", "another name", ":15:38"]
    ),
    (
      "span-corruption, causal",
      "span-corruption, {objective: span-corruption, name: x, set: noise-densty=0.2}, causal",
      ["did you mean 'noise-density'?", ":15:38"]
    ),
    ("span-corruption, causal", "[span-corruption], causal", ["a list has no name", ":15:21"]),
    (
      "baseline: span-corruption@tiny", "baseline: span-corruption@tny",
      ["did you mean 'span-corruption@tiny'?", ":17:11"]
    ),
    (
      "baseline: span-corruption@tiny", "baseline: causal-lm@tiny",
      ["'causal-lm@tiny' does not fit", "needs the layout decoder", ":15:38"]
    ),
    ("baseline: span-corruption@tiny\n", "", ["'baseline' is missing", "causal-lm@tiny-gpt"]),
    ("{task: micro-sentiment,", "{task: micro-sentimnt,", ["did you mean 'micro-sentiment'?", ":21:6"]),
    ("[validation, test]", "[validation, tset]", ["did you mean 'test'?", ":22:"]),
    ("finetune: {steps: 3", "finetune: {task: micro-nli, steps: 3", ["stands under 'tasks'", ":19:12"]),
    ("finetune: {steps: 3", "finetune: {checkpoint: x, steps: 3", ["the models are those of 'pretrain'", ":19:12"]),
    ("seeds: [0, 1]", "seeds: [0, 0]", ["the seed 0 stands twice"]),
    ("seeds: [0, 1]", "seeds: []", ["a list of one or more"]),
    ("version: 2", "version: 1", ["grids of version 1 had settings of their own", "Docs/ABLATE.md", ":1:10"]),
    ("version: 2", "version: 3", ["this graft reads version 2"]),
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
    #expect(outcome.output.contains("5 models, 2 seeds, fine-tuned 2 times each"))
    #expect(outcome.output.contains("tiny-gpt.json, objective causal-lm"))
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
      says: ["belongs to another grid: 'arm causal-lm@tiny-gpt'"])
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
      .replacingOccurrences(of: "tiny-gpt.json]", with: "short.json]")
      .replacingOccurrences(of: ", causal-lm]", with: "]")
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
      world, "signalled", grid: Self.grid.replacingOccurrences(of: "tokens: 4k", with: "tokens: 4M"),
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

  /// Variations of one recipe: another optimizer, another tokenizer, both, and the pretrained models scored as they
  /// are.
  @Test func variationsOfARecipe() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let grid = """
      version: 2
      pretrain:
        tokenizer: WORLD/tokenizer.json
        corpus: WORLD/world/corpus.txt
        objective: causal-lm
        backbone: WORLD/tiny-gpt.json
        document-boundary: blank-lines
        sequence-length: 32
        flops: 2e8
        batch: 4
        precision: f32
        shards: 2
      variations:
        muon: {optimizer: muon, learning-rate: 0.02}
        small-vocabulary: {tokenizer: WORLD/no-sentinels.json}
      leave-one-out: true
      seeds: [0, 1]
      evaluate: {task: micro-nli, split: test, limit: 8, target-length: 8}
      finetune: {steps: 2, batch: 4, precision: f32, shards: 2, input-length: 40, target-length: 16}
      tasks: [{task: micro-sentiment, split: validation}]

      """
    let arguments = try arguments(world, "variations", grid: grid, output: "\(folder.path)/run")
    let outcome = try Graft.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    struct Report: Decodable {
      struct Row: Decodable {
        struct Score: Decodable {
          struct Difference: Decodable { var seeds: [Int] }
          var column: String
          var seeds: [Int]
          var versusBaseline: Difference?
        }
        struct Cost: Decodable { var flops, bitsPerByte: Double }
        var cell, changes: String
        var pretraining: [Cost]
        var scores: [Score]
        var average: Score?
      }
      var baseline, budget: String
      var rows: [Row]
      var missing: Int
    }
    let report = try JSONDecoder().decode(Report.self, from: folder.bytes("run/results.json"))
    #expect(report.baseline == "base" && report.budget == "2.0e+08 FLOPs" && report.missing == 0)
    #expect(report.rows.map(\.cell) == ["base", "muon", "small-vocabulary", "all"])
    #expect(report.rows[1].changes == "optimizer muon, learning-rate 0.02")
    for row in report.rows {
      #expect(row.pretraining.count == 2 && row.pretraining.allSatisfy { abs($0.flops - 2e8) < 2e7 })
      #expect(row.scores.map(\.column) == ["micro-nli", "micro-sentiment"])
      #expect(row.scores.allSatisfy { $0.seeds == [0, 1] } && row.average?.seeds == [0, 1])
      #expect(row.scores.allSatisfy { ($0.versusBaseline == nil) == (row.cell == "base") })
    }
    // Muon is what was trained with, and a smaller tokenizer what the text was cut by.
    struct Run: Decodable {
      struct Configuration: Decodable {
        struct Model: Decodable { var vocabularySize: Int }
        struct Settings: Decodable { var optimizer: String }
        var model: Model
        var settings: Settings
      }
      var configuration: Configuration
    }
    func run(_ cell: String) throws -> Run.Configuration {
      try JSONDecoder().decode(Run.self, from: folder.bytes("run/cells/\(cell)/seed-1/pretrain/run.json"))
        .configuration
    }
    #expect(try run("all").settings.optimizer == "muon" && run("base").settings.optimizer == "adafactor")
    #expect(try run("all").model.vocabularySize < run("base").model.vocabularySize)
    // Half of it undone: only that is done again, and the results are the same.
    let before = try results(folder, "run")
    try FileManager.default.removeItem(atPath: "\(folder.path)/run/cells/muon/seed-1")
    let again = try Graft.run(arguments)
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.errors.contains("muon  seed 1  evaluate") && !again.errors.contains("muon  seed 0"))
    #expect(try results(folder, "run") == before)
  }
}
