import Foundation
import TestSupport
import Testing

/// A folder of opus-mt as it is published, through the commands. See translation/make_translation_fixture.py.
@Suite(.tags(.process)) struct TranslationTests {
  private struct Fixture: Decodable {
    struct Pair: Decodable {
      var input: String
      var target: String
      var scores: [Double]
    }

    struct Answer: Decodable {
      var input: String
      var greedy: [Int]
      var greedyText: String
      var beam: [Int]
      var beamText: String
      var score: Double
    }

    var limit: Int
    var beams: Int
    var pairs: [Pair]
    var answers: [Answer]

    static let root = "\(Graft.packageRoot)/Tests/Fixtures/translation"
    static let folder = "\(root)/opus"

    static func read() throws -> Fixture {
      try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: URL(fileURLWithPath: "\(root)/opus.json")))
    }
  }

  private struct Written: Decodable {
    struct Answer: Decodable {
      var text: String
      var tokens: [Int]
      var ended: Bool
      var score: Double?
    }
    var answers: [Answer]
  }

  private struct Scored: Decodable {
    struct Token: Decodable { var logProbability: Double }
    var tokens: [Token]
  }

  private func run(_ arguments: [String]) throws -> Data {
    let outcome = try Graft.run(arguments)
    try #require(outcome.status == 0, "graft \(arguments.joined(separator: " "))\n\(outcome.errors)")
    return Data(outcome.output.utf8)
  }

  /// Everything that transformers says, of any layout.
  private func expectTransformers(_ checkpoint: String, _ fixture: Fixture) throws {
    for (beams, flags) in [(false, []), (true, ["--beam", "\(fixture.beams)"])] as [(Bool, [String])] {
      let written = try JSONDecoder().decode(
        [Written].self,
        from: run(
          ["generate", "--checkpoint", checkpoint, "--target-length", "\(fixture.limit)", "--json", "-"] + flags
            + fixture.answers.map(\.input)))
      for (own, theirs) in zip(written, fixture.answers) {
        let best = try #require(own.answers.first)
        #expect(best.tokens + (best.ended ? [0] : []) == (beams ? theirs.beam : theirs.greedy), "\(theirs.input)")
        #expect(best.text == (beams ? theirs.beamText : theirs.greedyText))
        if beams { #expect(abs((best.score ?? 0) - theirs.score) < 1e-4) }
      }
      #expect(written.count == fixture.answers.count)
    }
    for pair in fixture.pairs {
      let scored = try JSONDecoder().decode(
        Scored.self,
        from: run([
          "score", "--checkpoint", checkpoint, "--input", pair.input, "--target", pair.target, "--json", "-",
        ]))
      #expect(scored.tokens.count == pair.scores.count)
      for (own, theirs) in zip(scored.tokens, pair.scores) { #expect(abs(own.logProbability - theirs) < 1e-4) }
    }
  }

  @Test func theFolderIsReadAndWritten() throws {
    let fixture = try Fixture.read()
    let folder = try TestFolder()
    let (ours, theirs) = ("\(folder.path)/ours", "\(folder.path)/theirs")
    _ = try run(["convert", "--from", Fixture.folder, "--to", ours])
    _ = try run(["convert", "--from", ours, "--to", theirs])
    for path in [Fixture.folder, ours, theirs] { try expectTransformers(path, fixture) }
    #expect(!FileManager.default.fileExists(atPath: "\(theirs)/tokenizer.json"))
    for name in ["source.spm", "target.spm"] {
      #expect(
        try folder.bytes("theirs/\(name)") == Data(contentsOf: URL(fileURLWithPath: "\(Fixture.folder)/\(name)")))
    }
    let settings = String(decoding: try folder.bytes("theirs/tokenizer_config.json"), as: UTF8.self)
    #expect(settings.contains("\"MarianTokenizer\""))
    let generation = String(decoding: try folder.bytes("theirs/generation_config.json"), as: UTF8.self)
    #expect(generation.contains("renormalize_logits"))
  }

  /// From sentences to a score and to a fine-tuned model that transformers could read.
  @Test func theFolderIsEvaluatedAndFineTuned() throws {
    let fixture = try Fixture.read()
    let folder = try TestFolder()
    let pairs = fixture.pairs.prefix(10)
    try folder.write("data/en", pairs.map { $0.input + "\n" }.joined())
    try folder.write("data/de", pairs.map { $0.target + "\n" }.joined())
    try folder.write(
      "tasks/translate.yaml",
      """
      task: translate
      version: 1
      source: {folder: data}
      splits:
        train: {lines: {english: en, german: de}}
        test: {lines: {english: en, german: de}}
      inputs: "{english}"
      targets: "{german}"
      output: text
      metrics: [bleu]
      primaryMetric: bleu
      """)
    let task = [
      "--task", "translate", "--tasks", "\(folder.path)/tasks", "--data", folder.path, "--input-length", "32",
      "--target-length", "16",
    ]
    let evaluated = String(
      decoding: try run(["evaluate", "--checkpoint", Fixture.folder, "--no-baselines"] + task), as: UTF8.self)
    #expect(evaluated.contains("100.0"), "\(evaluated)")
    _ = try run(
      [
        "finetune", "--checkpoint", Fixture.folder, "--output", "\(folder.path)/run", "--steps", "3", "--batch", "4",
        "--shards", "1", "--precision", "f32", "--no-baselines", "--seeds", "1",
      ] + task)
    let again = String(
      decoding: try run(["evaluate", "--checkpoint", "\(folder.path)/run", "--no-baselines"] + task), as: UTF8.self)
    #expect(again.contains("bleu"))
    let page = "\(folder.path)/report.html"
    _ = try run(
      ["report", "\(folder.path)/run", "--tasks", "\(folder.path)/tasks", "--data", folder.path, "--output", page])
    let report = try String(contentsOfFile: page, encoding: .utf8)
    let section = try #require(report.components(separatedBy: "<section id=\"translations\">").dropFirst().first)
    for text in ["nrefs:1|", "from the best to the worst", "reference", "written", "alignment", pairs[0].target] {
      #expect(section.contains(text), "\(text)")
    }
    _ = try run(["convert", "--from", "\(folder.path)/run", "--to", "\(folder.path)/theirs"])
    #expect(
      try folder.bytes("theirs/target.spm")
        == Data(contentsOf: URL(fileURLWithPath: "\(Fixture.folder)/target.spm")))
  }
}
