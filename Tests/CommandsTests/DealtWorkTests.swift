import Foundation
import Microworld
import Support
import TestSupport
import Testing
import Tokenization

/// What several processes do together under mpirun that needs no gradients, and what they are told where they differ.
@Suite(.serialized, .tags(.process), .enabled(if: Ranks.mpirun != nil, "no mpirun here: apt-get install openmpi-bin"))
struct DealtWorkTests {
  /// A world with more rows than one batch has.
  private static let tasks = Result { () throws -> TestFolder in
    let folder = try TestFolder()
    try Microworld.write(
      to: "\(folder.path)/world",
      options: MicroworldOptions(
        corpusBytes: 4000, trainingExamples: 24, validationExamples: 150, testExamples: 150))
    return folder
  }

  /// Runs a command in one process and in two, each of which writes a folder, and compares every file and what is
  /// printed.
  /// - Parameter arguments: with OUT for the folder.
  private func compare(_ arguments: [String], input: String? = nil, from sourceLocation: Testing.SourceLocation) throws
  {
    var found: [(outcome: Graft.Outcome, files: [String: Data])] = []
    for ranks in [1, 2] {
      let folder = try TestFolder()
      let words = arguments.map { $0.replacingOccurrences(of: "OUT", with: folder.path) }
      let outcome = try Graft.run(words, input: input, launcher: ranks > 1 ? Ranks.launcher(ranks) : [])
      #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
      var files: [String: Data] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
        guard let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(name)") else { continue }
        // Where it went stands in it.
        files[name] = Data(
          String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: folder.path, with: "OUT").utf8)
      }
      found.append((outcome, files))
    }
    #expect(found[0].outcome.output == found[1].outcome.output, sourceLocation: sourceLocation)
    #expect(!found[0].files.isEmpty && found[0].files == found[1].files, sourceLocation: sourceLocation)
  }

  /// - Parameter tasks: the folder of the task, in which its rows are.
  private func evaluation(_ world: World, _ tasks: String, _ more: String...) -> [String] {
    ["evaluate", "--checkpoint", world.run, "--task", "micro-sentiment", "--tasks", tasks, "--data", tasks] + more
  }

  @Test func evaluationsAreTheSame() throws {
    let (world, tasks) = (try World.shared.get(), try Self.tasks.get())
    try compare(
      evaluation(world, "\(tasks.path)/world", "--json", "OUT/scores.json", "--by", "label"),
      from: #_sourceLocation)
    try compare(
      evaluation(
        world, "\(tasks.path)/world", "--answers", "generate", "--beam", "4", "--target-length", "4",
        "--limit", "40", "--json", "OUT/scores.json"),
      from: #_sourceLocation)
  }

  @Test func scoresAndAnswersAreTheSame() throws {
    let world = try World.shared.get()
    let texts = (1...70).map { "a text of number \($0)" }
    try compare(
      ["generate", "--checkpoint", world.run, "--target-length", "4", "--json", "OUT/answers.json"] + texts,
      from: #_sourceLocation)
    try compare(
      ["score", "--checkpoint", world.run, "--input", "a text", "--json", "OUT/scores.json", "--target"] + texts,
      from: #_sourceLocation)
    let folder = try TestFolder()
    let decoder = "\(folder.path)/decoder"
    let trained = try Graft.run(
      world.replacing(
        "--backbone", by: "\(world.folder.path)/tiny-gpt.json",
        in: world.pretrain(into: decoder, steps: 2, ["--objective", "causal-lm"])))
    #expect(trained.status == 0, "\(trained.errors)")
    // Standard input is that of rank 0.
    let text = try String(contentsOfFile: world.corpus, encoding: .utf8)
    try compare(
      ["score", "--checkpoint", decoder, "--file", "-", world.corpus, "--json", "OUT/rates.json"],
      input: String(text.prefix(6000)), from: #_sourceLocation)
    let remembering = try Graft.run(
      ["score", "--checkpoint", decoder, "--file", world.corpus, "--cache", "0.1"], launcher: Ranks.launcher(2))
    #expect(remembering.status == 64 && remembering.errors.contains("not dealt over processes"))
  }

  /// Machines that have no disk in common: the second cannot write where the first keeps the run, and has tokens of its
  /// own. Files of the corpus are tokenised by both, and the bytes are those of one process.
  @Test func nothingNeedsToBeShared() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let text = try String(contentsOfFile: world.corpus, encoding: .utf8)
    var corpus: [String] = []
    for part in 0..<3 { corpus.append(try folder.write("text-\(part).txt", text + "\nPart \(part).\n")) }
    func arguments(_ output: String, cache: String) -> [String] {
      var words = world.replacing("--cache", by: "\(folder.path)/\(cache)", in: world.pretrain(into: output, steps: 3))
      if let place = words.firstIndex(of: "--corpus") { words.replaceSubrange(place + 1...place + 1, with: corpus) }
      return words
    }
    func tokens(_ cache: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(cache)").sorted()
    }
    func model(_ run: String) throws -> Data { try folder.bytes("\(run)/model/model.safetensors") }
    let one = try Graft.run(arguments("\(folder.path)/one", cache: "cache"))
    #expect(one.status == 0, "\(one.errors)")
    #expect(try tokens("cache").count == 3)
    // One cache, which both fill.
    let shared = "\(folder.path)/shared"
    let both = try Graft.run(arguments(shared, cache: "cache-shared"), launcher: Ranks.launcher(2))
    #expect(both.status == 0, "\(both.errors)")
    #expect(try tokens("cache-shared") == tokens("cache"))
    let apart = try run(
      arguments("\(folder.path)/apart", cache: "cache-0"), arguments("/proc/none/run", cache: "cache-1"))
    #expect(apart.status == 0, "\(apart.errors)")
    #expect(try tokens("cache-0") == tokens("cache") && tokens("cache-1") == tokens("cache"))
    #expect(try model("one") == model("shared") && model("one") == model("apart"))
  }

  /// Only the first of two ranks gets `first`, the second `second`.
  private func run(_ first: [String], _ second: [String]) throws -> Graft.Outcome {
    let graft = try #require(Graft.executable)
    return try Graft.run(first + [":", "-n", "1", graft] + second, launcher: Ranks.launcher(1))
  }

  /// Answers of other texts would be mixed without a word.
  @Test func otherDataIsFound() throws {
    let (world, tasks) = (try World.shared.get(), try Self.tasks.get())
    let other = try TestFolder()
    try FileManager.default.copyItem(atPath: "\(tasks.path)/world", toPath: "\(other.path)/world")
    let file = "\(other.path)/world/sentiment-test.jsonl"
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    try lines.dropFirst().joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try run(
      evaluation(world, "\(tasks.path)/world"), evaluation(world, "\(other.path)/world"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("rank 1 on ") && outcome.errors.contains("has other texts"), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  /// Two machines, whose files have the same names.
  @Test func ranksThatTrainOnSomethingElseAreNamed() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let text = try String(contentsOfFile: world.corpus, encoding: .utf8)
    let tokenizer = try String(contentsOfFile: world.tokenizer, encoding: .utf8)
    var arguments = world.replacing("--corpus", by: "corpus.txt", in: world.pretrain(into: "run", steps: 2))
    arguments = world.replacing("--tokenizer", by: "tokenizer.json", in: arguments)
    let graft = try #require(Graft.executable)
    let other = try folder.write("graft", "")
    try Data((FileManager.default.contents(atPath: graft) ?? Data()) + [0]).write(to: URL(fileURLWithPath: other))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: other)
    try Tokenizer.train(
      documents: [String(text.reversed())], options: TokenizerTrainingOptions(vocabularySize: 400, sentinelCount: 24)
    ).write(to: "\(folder.path)/other.json")
    let otherTokenizer = try String(contentsOfFile: "\(folder.path)/other.json", encoding: .utf8)
    func outcome(
      _ name: String, executable: String? = nil, corpus: String? = nil, tokenizer changed: String? = nil,
      rate: String = "1e-2"
    ) throws -> Graft.Outcome {
      for (rank, files) in [(text, tokenizer), (corpus ?? text, changed ?? tokenizer)].enumerated() {
        try makeFolder("\(folder.path)/\(name)-\(rank)")
        _ = try folder.write("\(name)-\(rank)/corpus.txt", files.0)
        _ = try folder.write("\(name)-\(rank)/tokenizer.json", files.1)
      }
      let second = world.replacing("--learning-rate", by: rate, in: arguments)
      return try Graft.run(
        arguments + [":", "-n", "1", "-wdir", "\(folder.path)/\(name)-1", executable ?? graft] + second,
        launcher: Ranks.launcher(1) + ["-wdir", "\(folder.path)/\(name)-0"])
    }
    let cases = [
      (64, "another graft", try outcome("graft", executable: other)),
      (65, "another corpus", try outcome("corpus", corpus: text + "\nMore.\n")),
      (65, "another tokenizer", try outcome("tokenizer", tokenizer: otherTokenizer)),
      (64, "another setting", try outcome("setting", rate: "1e-3")),
    ]
    for (code, words, outcome) in cases {
      #expect(outcome.status == code, "\(words): \(outcome.errors)")
      #expect(
        outcome.errors.contains("rank 1 on ") && outcome.errors.contains("has \(words)"), "\(words): \(outcome.errors)")
      // One says it, once.
      #expect(outcome.errors.components(separatedBy: "error: ").count == 2, "\(outcome.errors)")
    }
    #expect(try outcome("same").status == 0)
  }
}

/// How several processes are started here.
enum Ranks {
  static let mpirun = ["/usr/bin/mpirun", "/usr/local/bin/mpirun"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static func launcher(_ ranks: Int) throws -> [String] {
    [try #require(mpirun), "--allow-run-as-root", "--oversubscribe", "-n", "\(ranks)"]
  }
}
