import Foundation
import TestSupport
import Testing

/// A recurrent encoder-decoder through the commands: pretrained, fine-tuned to translate, looked into and scored by
/// length.
@Suite(.tags(.process)) struct RecurrentTranslationTests {
  private struct View: Decodable {
    var task: String?
    var source, target: String
    var isWritten: Bool
    var tokens, written: [String]
    var weights: [[Double]]
  }

  private struct Results: Decodable {
    struct Entry: Decodable {
      var task, metric: String
      var group: [String: String]
      var examples: Int
      var score: Double
      var lower, upper: Double?
    }
    var results: [Entry]
  }

  private let world: World
  private let folder: TestFolder

  init() throws {
    world = try World.shared.get()
    folder = try TestFolder()
    // Twelve sentences each of 5, 10 and 27 words.
    let short = "the dog sees it"
    let middle = "the dog sees the small cat in the house"
    let long = "the dog sees the small cat in the house and the man sees the big dog on the box and the cat sees it now"
    let lines = (0..<12).flatMap { index in [short, middle, long].map { $0.replacing("dog", with: "dog \(index)") } }
    try folder.write("data/in", lines.map { $0 + "\n" }.joined())
    try folder.write("data/out", lines.map { $0.uppercased() + "\n" }.joined())
    try folder.write(
      "tasks/shout.yaml",
      """
      task: shout
      version: 1
      source: {folder: data}
      splits:
        train: {lines: {said: in, shouted: out}}
        test: {lines: {said: in, shouted: out}}
      inputs: "say it loud: {said}"
      targets: "{shouted}"
      output: text
      metrics: [bleu]
      primaryMetric: bleu
      """)
  }

  private func run(_ arguments: [String]) throws -> String {
    let outcome = try Graft.run(arguments)
    try #require(outcome.status == 0, "graft \(arguments.joined(separator: " "))\n\(outcome.errors)")
    return outcome.output
  }

  private var task: [String] { ["--tasks", "\(folder.path)/tasks", "--data", folder.path, "--task", "shout"] }

  private func preset(_ attention: String) throws -> String {
    try folder.write(
      "\(attention).json",
      """
      {"family": "seq2seq", "cell": "gru", "width": 16, "encoderLayers": 1, "decoderLayers": 2,
       "attention": "\(attention)"}
      """)
  }

  private func trained(_ attention: String, from checkpoint: String? = nil) throws -> String {
    let start =
      try checkpoint.map { ["--checkpoint", $0] } ?? ["--backbone", preset(attention), "--tokenizer", world.tokenizer]
    let output = "\(folder.path)/\(attention)"
    _ = try run(
      ["finetune", "--output", output, "--steps", "2", "--batch", "4", "--shards", "2", "--precision", "f32"]
        + ["--no-baselines", "--no-overlap", "--target-length", "12"] + start + task)
    return output
  }

  @Test func spanCorruptionPretrainsIt() throws {
    let pretrained = "\(folder.path)/pretrained"
    let arguments = world.replacing("--backbone", by: try preset("dot"), in: world.pretrain(into: pretrained, steps: 3))
    _ = try run(arguments)
    let model = try trained("dot", from: pretrained)
    let facts = try run(["inspect", "checkpoint", model])
    #expect(facts.contains("seq2seq: width 16, 1+2 layers of gru, bidirectional encoder, dot attention"))
  }

  @Test(arguments: ["additive", "dot"]) func anAlignmentIsShown(_ attention: String) throws {
    let model = try trained(attention)
    let (json, svg) = ("\(folder.path)/a.json", "\(folder.path)/a.svg")
    let inspect = ["inspect", "alignment", "--checkpoint", model, "--source", "the dog sees it"]
    // Of the model's own files a second one takes the place.
    var shown = ""
    for _ in 0..<2 { shown = try run(inspect + ["--target", "THE DOG", "--json", json, "--svg", svg]) }
    let view = try JSONDecoder().decode(View.self, from: folder.bytes("a.json"))
    #expect(view.task == "shout" && view.source == "the dog sees it" && view.target == "THE DOG" && !view.isWritten)
    #expect(view.tokens.dropLast().joined() == "say it loud: the dog sees it")
    #expect(view.written.dropLast().joined() == "THE DOG" && view.weights.count == view.written.count)
    for weights in view.weights {
      #expect(weights.count == view.tokens.count && abs(weights.reduce(0, +) - 1) < 1e-5)
    }
    let picture = String(decoding: try folder.bytes("a.svg"), as: UTF8.self)
    #expect(picture.components(separatedBy: "class=\"cell\"").count - 1 == view.tokens.count * view.written.count)
    #expect(shown.contains("task    shout") && shown.contains("looks at (\(view.tokens.count) tokens)"))
    // What the model writes is what `generate` has it write.
    let prompt = "say it loud: the dog sees it"
    let own = try JSONDecoder().decode(View.self, from: Data(run(inspect + ["--beam", "3", "--json", "-"]).utf8))
    let written = try run(["generate", "--checkpoint", model, "--target-length", "12", "--beam", "3", prompt])
    #expect(own.isWritten && own.target + "\n" == written)
    let whole = ["inspect", "alignment", "--checkpoint", model, "--source", prompt]
    try Graft.expectFailure(64, inspect + ["--target", "THE", "--beam", "3"], says: ["--beam", "--target"])
    try Graft.expectFailure(
      64, whole + ["--task", "micro-nli", "--tasks", world.directory], says: ["micro-nli", "hypothesis"])
  }

  @Test func withoutAttentionThereIsNoAlignment() throws {
    let model = try trained("none")
    try Graft.expectFailure(
      64, ["inspect", "alignment", "--checkpoint", model, "--source", "the dog"], says: ["has no attention"])
  }

  @Test func scoresAreSplitByLength() throws {
    let model = try trained("none")
    let json = "\(folder.path)/scores.json"
    let shown = try run(
      ["evaluate", "--checkpoint", model, "--by-length", "--no-baselines", "--no-overlap", "--json", json] + task)
    let results = try JSONDecoder().decode(Results.self, from: folder.bytes("scores.json")).results
    let parts = results.filter { $0.group["source-length"] != nil }
    #expect(parts.map { $0.group["source-length"] } == ["1-5", "6-10", "26-30"])
    #expect(parts.allSatisfy { $0.examples == 12 && $0.metric == "bleu" && $0.lower != nil && $0.upper != nil })
    #expect(shown.contains("shout by source-length") && shown.contains("26-30"))
    // Answers that are right only for short texts.
    let lines = String(decoding: try folder.bytes("data/out"), as: UTF8.self).split(separator: "\n")
    let answers = try folder.write("answers", lines.map { ($0.count < 30 ? $0 : "NO") + "\n" }.joined())
    _ = try run(
      ["evaluate", "--predictions", answers, "--split", "test", "--by-length", "--no-baselines", "--json", json] + task)
    let given = try JSONDecoder().decode(Results.self, from: folder.bytes("scores.json")).results
    #expect(given.filter { !$0.group.isEmpty }.map { $0.score > 99 } == [true, false, false])
  }
}
