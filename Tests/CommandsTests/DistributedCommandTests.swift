import Checkpointing
import Foundation
import TestSupport
import Testing

/// Processes that train together under mpirun.
@Suite(.serialized, .tags(.process), .enabled(if: Ranks.mpirun != nil, "no mpirun here: apt-get install openmpi-bin"))
struct DistributedCommandTests {
  private func launcher(_ ranks: Int) throws -> [String] { try Ranks.launcher(ranks) }

  private func arguments(_ world: World, _ output: String, steps: Int, _ more: String...) -> [String] {
    let arguments = world.pretrain(into: output, steps: steps, ["--save-every", "4", "--evaluate-every", "50"] + more)
    return world.replacing("--shards", by: "4", in: arguments)
  }

  private func files(_ run: String, step: Int) throws -> [Data] {
    let checkpoint = CheckpointFolder("\(run)/checkpoints").path(step: step)
    return try [
      "\(run)/model/model.safetensors", "\(checkpoint)/model.safetensors", "\(checkpoint)/optimizer.safetensors",
    ]
    .map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
  }

  @Test func twoProcessesTrainAsOne() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let (alone, together) = ("\(folder.path)/alone", "\(folder.path)/together")
    let one = try Graft.run(arguments(world, alone, steps: 6))
    #expect(one.status == 0, "\(one.errors)")
    let two = try Graft.run(arguments(world, together, steps: 6), launcher: launcher(2))
    #expect(two.status == 0, "\(two.errors)")
    #expect(try files(alone, step: 4) == files(together, step: 4))
    // One of them speaks, and one keeps the log.
    #expect(two.output.components(separatedBy: "held-out, nats per target").count == 2)
    func events(_ run: String) throws -> Int {
      try String(decoding: Data(contentsOf: URL(fileURLWithPath: "\(run)/events.jsonl")), as: UTF8.self).count {
        $0 == "\n"
      }
    }
    #expect(try events(alone) == events(together))

    var tuned: [Data] = []
    for (name, launcher) in [("one", []), ("two", try launcher(2))] {
      let run = "\(folder.path)/tuned-\(name)"
      let outcome = try Graft.run(
        [
          "finetune", "--checkpoint", alone, "--task", "micro-sentiment", "--tasks", world.directory, "--data",
          world.directory, "--output", run, "--steps", "3", "--batch", "4", "--shards", "2", "--precision", "f32",
          "--no-overlap", "--average", "0.9",
        ], launcher: launcher)
      #expect(outcome.status == 0, "\(outcome.errors)")
      tuned.append(try folder.bytes("tuned-\(name)/model/model.safetensors"))
      #expect(FileManager.default.fileExists(atPath: "\(run)/results.json"))
    }
    #expect(tuned[0] == tuned[1])
  }

  @Test func aKilledRankEndsTheRunAndAnotherNumberOfRanksGoesOn() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let (whole, parts) = ("\(folder.path)/whole", "\(folder.path)/parts")
    #expect(try Graft.run(arguments(world, whole, steps: 120)).status == 0)
    let run = try Graft.Running(arguments(world, parts, steps: 120), launcher: launcher(2))
    let checkpoints = CheckpointFolder("\(parts)/checkpoints")
    while run.isRunning, try checkpoints.latestStep() ?? 0 < 8 { usleep(2000) }
    // The ranks are children of the launcher or of its daemon.
    let victim = try #require(ranks(of: parts).max())
    kill(victim, SIGKILL)
    let killed = ContinuousClock.now
    let outcome = try run.wait()
    #expect(ContinuousClock.now - killed < .seconds(10))
    #expect(outcome.status == 128 + SIGKILL, "\(outcome.status): \(outcome.errors)")
    #expect(outcome.errors.contains("exited on signal 9"), "\(outcome.errors)")
    #expect(outcome.errors.contains("the last checkpoint is whole"), "\(outcome.errors)")
    let resumed = try Graft.run(arguments(world, parts, steps: 120, "--resume"), launcher: launcher(4))
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try files(whole, step: 120) == files(parts, step: 120))
  }

  /// Processes of graft that write to a folder.
  private func ranks(of output: String) throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { process in
      let words = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(process)/cmdline"))) ?? Data()
      let command = String(decoding: words, as: UTF8.self).split(separator: "\0")
      return command.first.map { $0.hasSuffix("/graft") } == true && command.contains { $0 == output }
    }
  }

  @Test func whatIsWrongIsSaidOnce() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let missing = world.replacing(
      "--corpus", by: "\(folder.path)/none.txt", in: arguments(world, "\(folder.path)/run", steps: 2))
    let outcome = try Graft.run(missing, launcher: launcher(2))
    #expect(outcome.status == 66, "\(outcome.errors)")
    #expect(outcome.errors.components(separatedBy: "error: ").count == 2, "\(outcome.errors)")

    // One alone is what it is without mpirun, and ends as MPI wants it.
    let one = try Graft.run(["list", "objectives"], launcher: launcher(1))
    #expect(one.status == 0 && one.errors.isEmpty, "\(one.errors)")
    #expect(one.output == (try Graft.run(["list", "objectives"]).output))

    let undealt = try Graft.run(["list", "objectives"], launcher: launcher(2))
    #expect(undealt.status == 64)
    #expect(undealt.errors.contains("not dealt over processes"), "\(undealt.errors)")
    #expect(undealt.output.isEmpty)
  }

  /// Only rank 1 cannot read the corpus: it says so, and rank 0, which waits for it, ends with it.
  @Test func anErrorOfOneRankIsToldWithItsName() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let rank0 = arguments(world, "\(folder.path)/run", steps: 2)
    let rank1 = world.replacing("--corpus", by: "\(folder.path)/none.txt", in: rank0)
    let graft = try #require(Graft.executable)
    let outcome = try Graft.run(
      rank0 + [":", "-n", "1", graft] + rank1,
      launcher: launcher(1))
    #expect(outcome.status == 66, "\(outcome.errors)")
    #expect(outcome.errors.contains("rank 1 on "), "\(outcome.errors)")
    #expect(outcome.errors.contains("none.txt"), "\(outcome.errors)")
  }

  @Test func doctorNamesTheRanksAndTheBenchmarkWhatTheySend() throws {
    let doctor = try Graft.run(["doctor"], launcher: launcher(2))
    #expect(doctor.status == 0, "\(doctor.errors)")
    #expect(doctor.output.contains("2 ranks: 2 on "), "\(doctor.output)")
    let arguments = [
      "benchmark", "train", "--size", "S", "--steps", "1", "--warm-up", "0", "--shards", "2", "--precision", "f32",
    ]
    let (alone, together) = (
      try Graft.run(arguments + ["--json", "-"]), try Graft.run(arguments + ["--json", "-"], launcher: launcher(2))
    )
    struct Report: Decodable {
      var lastLoss: Double
      var parameters: Int
      var sentBytesPerStep: Int?
    }
    let one = try JSONDecoder().decode(Report.self, from: Data(alone.output.utf8))
    let two = try JSONDecoder().decode(Report.self, from: Data(together.output.utf8))
    #expect(one.lastLoss == two.lastLoss)
    #expect(one.sentBytesPerStep == nil)
    // Half of the gradients that were written, and half of the values.
    let bytes = try #require(two.sentBytesPerStep)
    #expect(bytes > one.parameters * 2 && bytes < one.parameters * 5, "\(bytes) of \(one.parameters) parameters")
  }
}
