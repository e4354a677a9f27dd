import Foundation
import Microworld
import TestSupport
import Testing

/// Signals while nothing is being trained: they are obeyed at once, and a finetune goes on where it was.
@Suite(.serialized, .tags(.process)) struct PromptInterruptionTests {
  /// So many examples to score that there is time to interrupt it; a debug build takes several times as long for each.
  #if DEBUG
    private static let count = 800
  #else
    private static let count = 3000
  #endif

  private static let large = Result {
    let folder = try TestFolder()
    _ = try Microworld.write(
      to: folder.path,
      options: MicroworldOptions(
        corpusBytes: 20_000, trainingExamples: count, validationExamples: 6, testExamples: count))
    return folder
  }

  private func finetune(_ world: World, _ folder: TestFolder, _ output: String) -> [String] {
    [
      "finetune", "--checkpoint", world.run, "--task", "micro-sentiment", "--tasks", folder.path, "--data",
      folder.path, "--output", output, "--steps", "2", "--batch", "4", "--shards", "2", "--precision", "f32",
    ]
  }

  /// Sends a signal once a condition holds and returns the outcome and how long the end took.
  private func interrupt(
    _ arguments: [String], by signal: Int32, when condition: () -> Bool
  ) throws -> (outcome: Graft.Outcome, seconds: Double)? {
    let run = try Graft.Running(arguments)
    while run.isRunning, !condition() { usleep(2000) }
    guard run.isRunning else { return nil }
    usleep(50_000)
    let start = ContinuousClock.now
    run.send(signal)
    let outcome = try run.wait()
    return (outcome, Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000)
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private struct Results: Decodable {
    struct Entry: Decodable { var system: String }
    var results: [Entry]
    var unfinished: [String]?
  }

  private func results(_ output: String) throws -> Results {
    try JSONDecoder().decode(
      Results.self, from: Data(contentsOf: URL(fileURLWithPath: "\(output)/results.json")))
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func scoringEndsAtOnceAndGoesOn(_ signal: Int32, _ code: Int32) throws {
    let (world, large) = (try World.shared.get(), try Self.large.get())
    let folder = try TestFolder()
    let output = "\(folder.path)/run"
    let arguments = finetune(world, large, output)
    let (outcome, seconds) = try #require(
      try interrupt(arguments, by: signal) { exists("\(output)/training-state.json") },
      "the run ended before it could be interrupted")
    #expect(outcome.status == code && !outcome.wasSignalled, "\(outcome.errors)")
    #expect(seconds < 1)
    #expect(!exists("\(output)/results.json"))
    let weights = try folder.bytes("run/model/model.safetensors")
    let end = try Graft.run(arguments + ["--resume"])
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("training ended at step 2 already"), "\(end.errors)")
    #expect(try folder.bytes("run/model/model.safetensors") == weights)
    let found = try results(output)
    #expect(found.unfinished == nil)
    #expect(Set(found.results.map(\.system)).isSuperset(of: ["pretrained", "majority"]))
  }

  /// Scores of the model are there, those of the baselines are not: such a run is not finished.
  @Test func aRunKilledAmongItsBaselinesIsNotFinished() throws {
    let (world, large) = (try World.shared.get(), try Self.large.get())
    let folder = try TestFolder()
    let (whole, output) = ("\(folder.path)/whole", "\(folder.path)/run")
    #expect(try Graft.run(finetune(world, large, whole)).status == 0)
    let arguments = finetune(world, large, output)
    let run = try Graft.Running(arguments)
    while run.isRunning, !exists("\(output)/results.json") { usleep(500) }
    run.send(SIGKILL)
    try #require(try run.wait().wasSignalled, "the run ended before it could be killed")
    #expect(try results(output).unfinished == ["baselines", "overlap"])
    let end = try Graft.run(arguments + ["--resume"])
    #expect(end.status == 0, "\(end.errors)")
    #expect(!end.errors.contains("finished already"))
    #expect(try folder.bytes("run/results.json") == folder.bytes("whole/results.json"))
    let again = try Graft.run(arguments + ["--resume"])
    #expect(again.status == 0 && again.errors.contains("finished already"))
    #expect(again.output == end.output)
  }

  @Test(arguments: ["pretrain", "tokenizer"]) func tokenisingEndsAtOnce(_ command: String) throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    // An optimised build counts the words of ten megabytes before anybody can interrupt it.
    #if DEBUG
      let copies = 3000
    #else
      let copies = 30_000
    #endif
    let text = try String(contentsOfFile: world.corpus, encoding: .utf8)
    let corpus = try folder.write("corpus.txt", String(repeating: text, count: command == "pretrain" ? 300 : copies))
    let cache = "\(folder.path)/cache"
    let arguments =
      command == "pretrain"
      ? [
        "pretrain", "--corpus", corpus, "--tokenizer", world.tokenizer, "--backbone", world.preset, "--output",
        "\(folder.path)/run", "--cache", cache, "--sequence-length", "32", "--steps", "2", "--batch", "4",
        "--shards", "2", "--precision", "f32",
      ]
      : [
        "tokenizer", "train", "--corpus", corpus, "--vocabulary-size", "2000", "--output",
        "\(folder.path)/tokenizer.json",
      ]
    let start = ContinuousClock.now
    let (outcome, seconds) = try #require(
      try interrupt(arguments, by: SIGINT) {
        command == "pretrain"
          ? ((try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []).contains {
            $0.hasSuffix(".partial")
          } : ContinuousClock.now - start > .milliseconds(400)
      }, "the command ended before it could be interrupted")
    #expect(outcome.status == 130 && !outcome.wasSignalled, "\(outcome.errors)")
    #expect(seconds < 1)
    guard command == "pretrain" else { return }
    // The next run makes the tokens and removes what the first one left.
    let small = world.replacing("--corpus", by: world.corpus, in: arguments)
    #expect(try Graft.run(small).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: cache)
    #expect(!names.isEmpty && names.allSatisfy { $0.hasSuffix(".tokens") }, "\(names)")
  }
}
