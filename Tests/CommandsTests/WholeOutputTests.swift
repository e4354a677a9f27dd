import Foundation
import TestSupport
import Testing

/// What a command writes in several files appears whole: a killed process leaves all of it or nothing.
@Suite(.tags(.process)) struct WholeOutputTests {
  /// Kills the run as soon as one of the places has something at it.
  /// - Returns: whether that was before its end.
  private func killed(_ run: Graft.Running, at places: [String], after delay: UInt32 = 0) throws -> Bool {
    while run.isRunning {
      if places.contains(where: { FileManager.default.fileExists(atPath: $0) }) {
        usleep(delay)
        run.send(SIGKILL)
        break
      }
      usleep(200)
    }
    return try run.wait().wasSignalled
  }

  private func names(_ path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
  }

  @Test func aKilledProbeLeavesNoHalfFolder() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    func arguments(_ name: String) -> [String] {
      [
        "probe", "--task", "micro-nli", "micro-sentiment", "--tasks", world.directory, "--data", world.directory,
        "--seeds", "2", "--folds", "2", "--output", "\(folder.path)/\(name)",
      ]
    }
    let whole = try Graft.run(arguments("whole"))
    #expect(whole.status == 0, "\(whole.errors)")
    let expected = try names("\(folder.path)/whole")
    #expect(expected.contains("micro-nli/report.txt") && expected.contains("micro-sentiment/report.txt"))
    #expect(expected.contains { $0.hasSuffix(".svg") } && expected.contains { $0.hasSuffix(".json") })
    // At first sight, and before anything could be seen.
    _ = try killed(try Graft.Running(arguments("seen")), at: ["\(folder.path)/seen"])
    #expect(try names("\(folder.path)/seen") == expected)
    let run = try Graft.Running(arguments("early"))
    while run.isRunning, !folder.names.contains(where: { $0.hasPrefix("early") }) { usleep(200) }
    run.send(SIGKILL)
    #expect(try run.wait().wasSignalled)
    #expect(!folder.names.contains("early"))
    // What it left is gone after the next, which may have other tasks.
    let next = try Graft.run(arguments("early"))
    #expect(next.status == 0, "\(next.errors)")
    #expect(try names("\(folder.path)/early") == expected)
    let one = try Graft.run(arguments("early").filter { $0 != "micro-nli" })
    #expect(one.status == 0, "\(one.errors)")
    #expect(try names("\(folder.path)/early") == expected)
    #expect(folder.names == ["early", "seen", "whole"])
  }

  @Test func aKilledEvaluationLeavesBothPartsOrNone() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let (json, answers) = ("\(folder.path)/scores.json", "\(folder.path)/scores.predictions")
    func arguments(_ tasks: String...) -> [String] {
      ["evaluate", "--checkpoint", world.run, "--tasks", world.directory, "--data", world.directory, "--split", "test"]
        + ["--json", json, "--task"] + tasks
    }
    let expected = ["micro-nli-test.jsonl", "micro-sentiment-test.jsonl"]
    // While it is at work neither is there.
    let early = try Graft.Running(arguments("micro-nli", "micro-sentiment"))
    while early.isRunning, folder.names.isEmpty { usleep(200) }
    early.send(SIGKILL)
    #expect(try early.wait().wasSignalled)
    #expect(!folder.names.contains("scores.json") && !folder.names.contains("scores.predictions"))
    // One is there no sooner than the other is about to be.
    _ = try killed(
      try Graft.Running(arguments("micro-nli", "micro-sentiment")), at: [json, answers], after: 100_000)
    #expect(folder.names == ["scores.json", "scores.predictions"])
    #expect(try names(answers) == expected)
    // The answers of an earlier evaluation are not those of the scores.
    let next = try Graft.run(arguments("micro-nli"))
    #expect(next.status == 0, "\(next.errors)")
    #expect(try names(answers) == ["micro-nli-test.jsonl"])
    #expect(folder.names == ["scores.json", "scores.predictions"])
  }

  /// A stream has no place beside it.
  @Test func anEvaluationGoesIntoAStream() throws {
    let world = try World.shared.get()
    let outcome = try Graft.run([
      "evaluate", "--checkpoint", world.run, "--tasks", world.directory, "--data", world.directory, "--task",
      "micro-sentiment", "--split", "test", "--json", "/dev/stdout",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\"results\""))
    #expect(!FileManager.default.fileExists(atPath: "/dev/stdout.predictions"))
  }
}
