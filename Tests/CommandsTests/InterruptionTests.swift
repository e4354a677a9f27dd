import Checkpointing
import Foundation
import TestSupport
import Testing

/// Runs that are killed, interrupted, or run out of space, and go on as if nothing had been.
@Suite(.serialized, .tags(.process)) struct InterruptionTests {
  private static let steps = 80
  private static let weights = "model/model.safetensors"

  private func arguments(_ world: World, _ output: String) -> [String] {
    world.pretrain(into: output, steps: Self.steps, ["--save-every", "4", "--evaluate-every", "50"])
  }

  /// One uninterrupted run that all others are compared with.
  private static let whole = Result {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let outcome = try Graft.run(InterruptionTests().arguments(world, "\(folder.path)/whole"))
    guard outcome.status == 0 else { throw World.Failure(text: outcome.errors) }
    return try folder.bytes("whole/\(weights)")
  }

  /// Waits for a checkpoint after `step`; false if the run ended before.
  private func waitForCheckpoint(after step: Int, of output: String, _ run: Graft.Running) throws -> Bool {
    let checkpoints = CheckpointFolder("\(output)/checkpoints")
    while run.isRunning {
      if try checkpoints.latestStep() ?? 0 > step { return true }
      usleep(2000)
    }
    return false
  }

  @Test func aKilledRunGoesOnAsIfItHadNotBeen() throws {
    let world = try World.shared.get()
    let expected = try Self.whole.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/run"
    let checkpoints = CheckpointFolder("\(output)/checkpoints")
    var kills = 0
    // Before anything is saved, then at random moments after a save.
    for delay in [300, 0, 7, 31, 83, 140] {
      let before = try checkpoints.latestStep() ?? 0
      let run = try Graft.Running(arguments(world, output) + ["--resume"])
      if kills > 0 { _ = try waitForCheckpoint(after: before, of: output, run) }
      usleep(UInt32(1000 * delay))
      run.send(SIGKILL)
      let outcome = try run.wait()
      if outcome.wasSignalled { kills += 1 }
    }
    #expect(kills >= 3, "the run ended before it could be killed")
    let end = try Graft.run(arguments(world, output) + ["--resume"])
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.bytes("run/\(Self.weights)") == expected)
    // Nothing half-written is left behind.
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(output)/checkpoints")
    #expect(names.allSatisfy { !$0.hasSuffix(".partial") }, "\(names)")
    // Each event stands once, in order.
    let steps = try String(decoding: folder.bytes("run/events.jsonl"), as: UTF8.self).split(separator: "\n")
      .compactMap { line -> Int? in
        let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
        return event.event == "step" ? event.step : nil
      }
    #expect(steps == Array(stride(from: 20, through: Self.steps, by: 20)))
    // Training counts what the killed processes did; the total has at least the reading of the corpus on top.
    let timings = try JSONDecoder().decode(Manifest.self, from: folder.bytes("run/run.json")).timings
    #expect(try #require(timings["total"]) > #require(timings["training"]))
  }

  private struct Manifest: Decodable {
    var timings: [String: Double]
  }

  private struct Event: Decodable {
    var event: String
    var step: Int?
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aSignalSavesAndEnds(_ signal: Int32, _ code: Int32) throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let output = "\(folder.path)/run"
    let run = try Graft.Running(arguments(world, output))
    try #require(try waitForCheckpoint(after: 0, of: output, run))
    run.send(signal)
    let outcome = try run.wait()
    #expect(!outcome.wasSignalled)
    #expect(outcome.status == code, "\(outcome.errors)")
    #expect(outcome.errors.contains("is saved"))
    #expect(outcome.errors.contains("--resume"))
    let end = try Graft.run(arguments(world, output) + ["--resume"])
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.bytes("run/\(Self.weights)") == Self.whole.get())
  }

  /// Whether small disks can be mounted here, as root and in a container of one's own.
  private static let canMount: Bool = {
    guard let folder = try? TestFolder(), mount(folder.path) else { return false }
    return shell("umount '\(folder.path)'") == 0
  }()

  private static func mount(_ path: String) -> Bool { shell("mount -t tmpfs -o size=8m tmpfs '\(path)'") == 0 }

  @Test(.enabled(if: canMount, "needs the right to mount a small disk"))
  func aFullDiskHarmsNothingThatWasSaved() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let disk = "\(folder.path)/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    try #require(Self.mount(disk))
    defer { _ = Self.shell("umount '\(disk)'") }
    let output = "\(disk)/run"
    let run = try Graft.Running(arguments(world, output))
    try #require(try waitForCheckpoint(after: 0, of: output, run))
    run.send(SIGTERM)
    #expect(try run.wait().status == 143)
    let checkpoints = CheckpointFolder("\(output)/checkpoints")
    let step = try #require(try checkpoints.latestStep())
    let saved = try Data(
      contentsOf: URL(fileURLWithPath: "\(checkpoints.path(step: step))/model.safetensors"))
    // Leaves too little for another checkpoint.
    _ = Self.shell("dd if=/dev/zero of='\(disk)/filler' bs=1k 2>/dev/null; truncate -s -100k '\(disk)/filler'")
    try Graft.expectFailure(
      74, arguments(world, output) + ["--resume"], says: ["No space left", "free some space"])
    #expect(try checkpoints.latestStep() == step)
    #expect(try Graft.run(["inspect", "checkpoint", checkpoints.path(step: step)]).status == 0)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: "\(checkpoints.path(step: step))/model.safetensors")) == saved
    )
    try folder.remove("disk/filler")
    let end = try Graft.run(arguments(world, output) + ["--resume"])
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.bytes("disk/run/\(Self.weights)") == Self.whole.get())
  }

  @Test func resultsThatCannotBeWritten() throws {
    let world = try World.shared.get()
    let train = ["tokenizer", "train", "--corpus", world.corpus, "--vocabulary-size", "360", "--output"]
    try Graft.expectFailure(74, train + ["\(world.folder.path)/no/such/folder.json"], says: ["folder.json"])
    // The folder has room for no file, whoever asks.
    try Graft.expectFailure(74, train + ["/proc/tokenizer.json"], says: ["/proc/tokenizer.json"])
  }

  private static func shell(_ command: String) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
