import Foundation
import TestSupport
import Testing

/// Studies whose models are dealt over processes under mpirun.
@Suite(.serialized, .tags(.process), .enabled(if: Ranks.mpirun != nil, "no mpirun here: apt-get install openmpi-bin"))
struct DealtStudyTests {
  private func study(_ world: World, _ command: String, output: String, _ more: String...) -> [String] {
    [
      command, "--checkpoint", world.run, "--tasks", world.directory, "--data", world.directory, "--output", output,
      "--steps", "3", "--batch", "4", "--shards", "2", "--precision", "f32", "--input-length", "40", "--task",
      "micro-sentiment", "micro-nli",
    ] + more
  }

  /// Files below a folder whose names end so, by their paths.
  private func files(_ folder: String, _ ending: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where name.hasSuffix(ending) {
      files[name] = FileManager.default.contents(atPath: "\(folder)/\(name)")
    }
    return files
  }

  private struct Event: Decodable, Hashable {
    var cell: String
    var seed: Int
    var stage: String
    var event: String
  }

  private func ledger(_ folder: String) throws -> [Event] {
    try String(contentsOfFile: "\(folder)/ledger.jsonl", encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Event.self, from: Data($0.utf8))
    }
  }

  @Test func aMatrixIsThatOfOneProcessAndGoesOn() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let (alone, together) = ("\(folder.path)/alone", "\(folder.path)/together")
    let one = try Graft.run(study(world, "transfer", output: alone, "--seeds", "2"))
    #expect(one.status == 0, "\(one.errors)")
    let two = try Graft.run(study(world, "transfer", output: together, "--seeds", "2"), launcher: Ranks.launcher(2))
    #expect(two.status == 0, "\(two.errors)")
    // Both had a part in it, and one of them speaks.
    #expect(two.errors.contains("  on rank 1"), "\(two.errors)")
    #expect(two.output.replacingOccurrences(of: together, with: alone) == one.output)
    let predictions = try files(alone, ".jsonl").filter { $0.key.contains("predictions/") }
    #expect(try files(together, ".jsonl").filter { $0.key.contains("predictions/") } == predictions)
    #expect(predictions.count == 4)
    // One ledger, whoever did the work.
    #expect(try Set(ledger(together)) == Set(ledger(alone)))
    #expect(try ledger(together).count == 8)
    #expect(try files(together, "events.jsonl").count == 4)
    // Another seed is added by three, and what is done stays.
    let more = try Graft.run(study(world, "transfer", output: together, "--seeds", "3"), launcher: Ranks.launcher(3))
    #expect(more.status == 0, "\(more.errors)")
    #expect(try ledger(together).count == 12 && ledger(together).suffix(4).allSatisfy { $0.seed == 2 })
  }

  /// One of two backbones has too few positions for the task.
  @Test func aStageThatFailsIsToldByRank0() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try world.folder.write("shorter.json", World.preset("gpt", layers: 0, extra: ", \"maximumLength\": 48"))
    let grid = try folder.write(
      "grid.yaml",
      """
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
      axes:
        objective: [none, causal-lm]
        backbone: [WORLD/tiny-gpt.json, WORLD/shorter.json]
      baseline: none@tiny-gpt
      seeds: [0]
      finetune: {steps: 3, batch: 4, precision: f32, shards: 2, input-length: 40, target-length: 16}
      tasks:
        - {task: micro-sentiment, split: validation}

      """.replacingOccurrences(of: "WORLD", with: world.folder.path))
    let outcome = try Graft.run(
      ["ablate", grid, "--output", "\(folder.path)/run", "--tasks", world.directory, "--data", world.directory],
      launcher: Ranks.launcher(2))
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains("2 stages failed"), "\(outcome.errors)")
    #expect(
      outcome.output.contains("Failed: causal-lm@shorter, seed 0, finetune-micro-sentiment:"), "\(outcome.output)")
    let events = try ledger("\(folder.path)/run")
    #expect(Set(events.filter { $0.event == "failed" }.map(\.cell)) == ["none@shorter", "causal-lm@shorter"])
    #expect(events.count { $0.event == "finished" } == 4, "\(events)")
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/run/table.md"))
  }

  /// Prefixes on ranks that are killed: what was done stays, and one process does the rest.
  @Test func aKilledRankEndsTheStudyAndOneProcessGoesOn() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let (whole, parts) = ("\(folder.path)/whole", "\(folder.path)/parts")
    func arguments(_ output: String) -> [String] {
      study(world, "prefixes", output: output, "--readings", "4", "--seeds", "2", "--signal", "natural", "none")
    }
    #expect(try Graft.run(arguments(whole)).status == 0)
    let run = try Graft.Running(arguments(parts), launcher: Ranks.launcher(2))
    while run.isRunning, (try? ledger(parts).contains { $0.event == "finished" }) != true { usleep(2000) }
    let victims = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter {
      let words = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\($0)/cmdline"))) ?? Data()
      let command = String(decoding: words, as: UTF8.self).split(separator: "\0")
      return command.first.map { $0.hasSuffix("/graft") } == true && command.contains { $0 == parts }
    }
    if let victim = victims.max() { kill(victim, SIGKILL) }
    _ = try run.wait()
    let rest = try Graft.run(arguments(parts))
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(
      try files(parts, ".jsonl").filter { $0.key.contains("predictions/") }
        == files(whole, ".jsonl").filter { $0.key.contains("predictions/") })
    #expect(
      rest.output.replacingOccurrences(of: parts, with: whole)
        == (try Graft.run(arguments(whole)).output))
  }

  /// Ranks train each trial together, as they train any run.
  @Test func trialsAreThoseOfOneProcess() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    var found: [[String: Data]] = []
    for ranks in [1, 2] {
      let run = "\(folder.path)/run-\(ranks)"
      let outcome = try Graft.run(
        world.replacing(
          "--output", by: run,
          in: world.finetune(
            "trials", task: "micro-sentiment", "--select", "best", "--trials", "2", "--no-overlap", "--no-baselines")),
        launcher: ranks > 1 ? Ranks.launcher(ranks) : [])
      #expect(outcome.status == 0, "\(outcome.errors)")
      found.append(try files(run, ".safetensors").merging(files(run, ".jsonl")) { one, _ in one })
    }
    func kept(_ files: [String: Data]) -> [String: Data] { files.filter { !$0.key.hasSuffix("events.jsonl") } }
    #expect(found[0].count > 6 && kept(found[0]) == kept(found[1]))
  }

  @Test func aFolderThatIsNotSharedIsNamed() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let graft = try #require(Graft.executable)
    let outcome = try Graft.run(
      study(world, "transfer", output: "\(folder.path)/here") + [":", "-n", "1", graft]
        + study(world, "transfer", output: "\(folder.path)/there"), launcher: Ranks.launcher(1))
    #expect(outcome.status == 66, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("rank 1 on ") && outcome.errors.contains("does not see the folder"), "\(outcome.errors)")
    #expect(outcome.errors.components(separatedBy: "error: ").count == 2, "\(outcome.errors)")
  }
}
