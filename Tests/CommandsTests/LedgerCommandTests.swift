import Foundation
import TestSupport
import Testing

/// What runs enter in the ledger of their folder, and what `graft ledger` finds.
@Suite(.tags(.process)) struct LedgerCommandTests {
  private struct Entry: Decodable {
    var number: Int
    var event: String
    var run: String
    var kind: String?
    var command: [String]?
    var seed: UInt64?
    var hashes: [String: String]
    var heldOut: Double?
    var scores: [String: Double]?
    var code: Int32?
  }

  private struct Report: Decodable {
    struct Run: Decodable {
      var run: String
      var state: String
      var isGone: Bool
    }
    struct Misfit: Decodable {
      var run: String?
      var line: Int?
      var text: String
    }
    var kind: String
    var lastHash: String
    var runs: [Run]
    var misfits: [Misfit]
  }

  private let folder: TestFolder
  private let world: World

  init() throws {
    folder = try TestFolder()
    world = try World.shared.get()
  }

  private func entries() throws -> [Entry] {
    try folder.bytes("run-ledger.jsonl").split(separator: 0x0A).map { try JSONDecoder().decode(Entry.self, from: $0) }
  }

  private func report(_ more: String..., status: Int32 = 0) throws -> Report {
    let outcome = try Graft.run(["ledger", folder.path, "--json", "-"] + more)
    #expect(outcome.status == status, "\(outcome.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  private func run(_ arguments: [String], status: Int32 = 0) throws {
    let outcome = try Graft.run(arguments)
    #expect(outcome.status == status, "\(outcome.errors)")
  }

  @Test func everyRunIsEnteredAndWhatDoesNotFitIsFound() throws {
    try run(world.pretrain(into: "\(folder.path)/first", steps: 2))
    let tuning = world.replacing(
      "--output", by: "\(folder.path)/tuned",
      in: world.finetune("tuned", task: "micro-sentiment", "--seeds", "2", "--split", "test", "--no-overlap"))
    try run(tuning)
    let entries = try entries()
    #expect(entries.map(\.number) == Array(1...entries.count))
    #expect(entries.map(\.event) == ["began", "finished", "began", "finished", "began", "finished", "results"])
    #expect(entries.map(\.run).prefix(4) == ["first", "first", "tuned/seed-0", "tuned/seed-0"])
    #expect(entries[0].kind == "pretraining-run" && entries[0].command?.contains("pretrain") == true)
    #expect(entries[1].heldOut != nil && entries[3].scores?["micro-sentiment.test.accuracy"] != nil)
    #expect(entries[2].seed == 0 && entries[4].seed == 1)
    #expect(entries[2].hashes.keys.sorted() == ["run.json"] && entries[3].hashes.keys.contains("results.json"))

    let shown = try Graft.run(["ledger", folder.path])
    #expect(shown.status == 0, "\(shown.errors)")
    for text in ["tuned/seed-1", "micro-sentiment, pretrained", "micro-sentiment.test.accuracy", "7 entries"] {
      #expect(shown.output.contains(text), "\(shown.output)")
    }
    let whole = try report()
    #expect(whole.kind == "ledger" && whole.misfits.isEmpty && shown.output.contains(whole.lastHash))

    // A run that is gone was tried.
    try folder.remove("first")
    #expect(try report("--expect", whole.lastHash).runs.map(\.isGone) == [true, false, false])
    try folder.copy("tuned/seed-0", to: "copy")
    #expect(try report(status: 65).misfits.map(\.run) == ["copy"])
    try folder.remove("copy")
    let results = String(decoding: try folder.bytes("tuned/results.json"), as: UTF8.self)
    try folder.write("tuned/results.json", results.replacing("\"seed\" : 1", with: "\"seed\" : 2"))
    #expect(try report(status: 65).misfits.map(\.run) == ["tuned"])
    try folder.write("tuned/results.json", results)
    // Without its last runs the ledger looks whole to who has no hash of it.
    let lines = try folder.bytes("run-ledger.jsonl").split(separator: 0x0A)
    try folder.remove("tuned")
    try folder.write("run-ledger.jsonl", [UInt8](lines[..<2].joined(separator: [0x0A])) + [0x0A])
    #expect(try report().misfits.isEmpty)
    try Graft.expectFailure(65, ["ledger", folder.path, "--expect", whole.lastHash], says: [whole.lastHash])
    try Graft.expectFailure(66, ["ledger", "\(folder.path)/nowhere"], says: ["has no run-ledger.jsonl"])
    try run(["ledger", folder.path, "--expect", "12ab"], status: 64)
  }

  @Test func aRunThatFailedOrWasStoppedIsNotLeftOut() throws {
    let failing = world.pretrain(into: "\(folder.path)/failing", steps: 20)
    try run(world.replacing("--learning-rate", by: "1e30", in: failing), status: 70)
    let stopped = try Graft.Running(world.pretrain(into: "\(folder.path)/stopped", steps: 4000))
    while stopped.isRunning, try !entries().contains(where: { $0.run == "stopped" }) { usleep(2000) }
    stopped.send(SIGTERM)
    #expect(try stopped.wait().status == 143)
    // Before anything is trained nothing is entered.
    try run(world.pretrain(into: "\(folder.path)/none", steps: 4, ["--objective", "masked-lm"]), status: 64)
    #expect(try entries().map(\.event) == ["began", "failed", "began", "interrupted"])
    #expect(try entries().map(\.code) == [nil, 70, nil, 143])
    #expect(try report().runs.map(\.state) == ["failed", "interrupted"])
    // A process that is killed says nothing; its run stays open.
    let killed = try Graft.Running(world.pretrain(into: "\(folder.path)/stopped", steps: 4000, ["--resume"]))
    while killed.isRunning, try entries().count < 5 { usleep(2000) }
    killed.send(SIGKILL)
    _ = try killed.wait()
    #expect(try entries().last?.event == "resumed" && report().runs.map(\.state) == ["failed", "open"])
  }

  @Test func theRunsOfAStudyAreEnteredBesideIt() throws {
    let output = "\(folder.path)/study"
    try run([
      "prefixes", "--checkpoint", world.run, "--tasks", world.directory, "--data", world.directory, "--output", output,
      "--steps", "2", "--batch", "4", "--shards", "2", "--precision", "f32", "--input-length", "40", "--task",
      "micro-sentiment", "micro-nli", "--readings", "2", "--seeds", "1", "--signal", "natural", "none",
    ])
    #expect(try entries().map(\.run) == ["natural", "natural", "none", "none"].map { "study/\($0)/seed-0" })
    #expect(try report().misfits.isEmpty)
  }
}
