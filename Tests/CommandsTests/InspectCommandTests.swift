import Foundation
import TestSupport
import Testing

/// `graft inspect objective` and `graft inspect transform`.
@Suite(.tags(.process)) struct InspectCommandTests {
  private struct View: Decodable {
    struct Token: Decodable, Equatable {
      var id: Int
      var token: String
    }
    struct Position: Decodable {
      var reads: Token
      var predicts: Token?
      var change: String?
      var isInPrefix: Bool?
    }
    struct Example: Decodable {
      var text: [Token]
      var encoder, decoder: [Position]
      var answer: Float?
    }
    var layout: String
    var parameters: [String: Double]
    var stretches: Int
    var examples: [Example]
  }

  private static let text = """
    The old fisherman mended his nets by the harbour while his daughter counted the boats that had come home, and when \
    the last of them was in they walked up the hill together and lit the lamp in the window of the small white house.
    """

  private func view(_ arguments: [String]) throws -> View {
    let outcome = try Graft.run(["inspect", "objective"] + arguments + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(View.self, from: Data(outcome.output.utf8))
  }

  /// The tokens of the vocabulary that stand for what was taken out.
  private func isSentinel(_ token: View.Token) -> Bool { token.token.hasPrefix("<extra_id_") }

  @Test func everyObjectiveIsShown() throws {
    struct Listed: Decodable { var name: String }
    let list = try Graft.run(["list", "objectives"])
    let names = list.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names.count >= 12)
    for name in names {
      let shown = try Graft.run(["inspect", "objective", name, "--text", Self.text])
      #expect(shown.status == 0 && shown.errors.isEmpty, "\(name): \(shown.errors)")
      #expect(shown.output.contains("objective   \(name): "))
      let example = try #require(try view([name, "--text", Self.text]).examples.first, "\(name)")
      #expect((example.encoder + example.decoder).contains { $0.predicts != nil }, "\(name) predicts nothing")
    }
  }

  /// With the spans of the decoder put where the encoder has their sentinels, the text is whole again.
  @Test func spansAreThoseTheEncoderLacks() throws {
    let view = try view(["span-corruption", "--text", Self.text, "--seed", "5"])
    #expect(view.layout == "encoder-decoder" && view.parameters["noise-density"] == 0.15)
    let example = view.examples[0]
    var spans: [Int: [View.Token]] = [:]
    var last: Int?
    for token in example.decoder.compactMap(\.predicts).dropLast() {
      if isSentinel(token) { last = token.id } else { spans[try #require(last), default: []].append(token) }
    }
    let whole = example.encoder.map(\.reads).dropLast().flatMap { isSentinel($0) ? spans[$0.id] ?? [] : [$0] }
    #expect(whole == example.text)
    #expect(!spans.isEmpty)
    // A decoder reads what it predicted a place before.
    #expect(example.decoder.dropFirst().map(\.reads) == example.decoder.dropLast().compactMap(\.predicts))
  }

  @Test func whatIsHiddenIsToldByToken() throws {
    let view = try view([
      "masked-lm", "--text", Self.text, "--set", "masking-rate=0.5", "mask-share=0.5", "--seed", "1",
    ])
    let example = view.examples[0]
    let positions = example.encoder.dropFirst()
    #expect(positions.map { $0.predicts ?? $0.reads } == example.text)
    let changes = positions.filter { $0.predicts != nil }.map { ($0.change, $0.reads == $0.predicts) }
    #expect(Set(changes.map(\.0)) == ["masked", "replaced", "kept"])
    #expect(changes.allSatisfy { ($0.0 == "kept") == $0.1 })
    #expect(positions.allSatisfy { ($0.change == "masked") == isSentinel($0.reads) })
    let shown = try Graft.run(["inspect", "objective", "masked-lm", "--text", Self.text, "--seed", "1"])
    #expect(shown.output.contains("predicts") && shown.output.contains("masked"))
  }

  @Test func aFileIsCutIntoStretches() throws {
    let folder = try TestFolder()
    let file = try folder.write("book.txt", (0..<40).map { _ in Self.text }.joined(separator: "\n"))
    let causal = ["causal-lm", file, "--sequence-length", "16", "-n", "2"]
    let view = try view(causal)
    #expect(view.examples.count == 2 && view.stretches > 2)
    for example in view.examples {
      #expect(example.decoder.compactMap(\.predicts) == example.text && example.text.count == 16)
    }
    let prefix = ["prefix-lm"] + causal.dropFirst() + ["--layout", "prefix-decoder"]
    #expect(try self.view(prefix).examples[0].decoder[0].isInPrefix == true)
    // The checkpoint says what it is laid out for.
    let world = try World.shared.get()
    let own = try self.view(["prefix-lm", "--text", "the red ball is on the box", "--checkpoint", world.run])
    #expect(own.layout == "encoder-decoder")
  }

  @Test func whatCannotBeShownIsSaid() throws {
    func expect(_ code: Int32, _ arguments: [String], says texts: [String]) throws {
      try Graft.expectFailure(code, ["inspect", "objective"] + arguments, says: texts)
    }
    try expect(64, ["span-coruption", "--text", "a"], says: ["did you mean 'span-corruption'?"])
    try expect(64, ["masked-lm", "--text", Self.text, "--set", "masking-rat=1"], says: ["masking-rate"])
    try expect(64, ["masked-lm", "--text", Self.text, "--layout", "decoder"], says: ["it trains encoder"])
    try expect(65, ["prefix-lm", "--text", "a"], says: ["too short for prefix-lm"])
    try Graft.expectFailure(
      66, ["inspect", "objective", "prefix-lm", "nowhere.txt"], says: ["nowhere.txt"], hint: false)
    let both = try Graft.run(["inspect", "objective", "prefix-lm"])
    #expect(both.status == 64 && both.errors.contains("give either --text or a file"))
  }

  private struct Transform: Decodable {
    struct Rows: Decodable {
      struct Row: Decodable {
        struct Text: Decodable {
          var field, before: String
          var after: String?
        }
        var label, prompt: String
        var expected: [String]
        var keepsLabel: Bool
        var texts: [Text]
      }
      var kind: String
      var tried, changed: Int
      var notApplicable: [String: Int]
      var examples: [Row]
    }
    struct Kind: Decodable { var kind, needs: String }
    var kinds: [Kind]
    var rows: Rows?
  }

  private func transform(_ arguments: [String]) throws -> Transform {
    let outcome = try Graft.run(["inspect", "transform"] + arguments + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Transform.self, from: Data(outcome.output.utf8))
  }

  @Test func aTransformIsShownOnRows() throws {
    let bare = try transform(["negation"])
    #expect(bare.kinds.map(\.kind) == ["inference", "sentence"] && bare.rows == nil)
    let world = try World.shared.get()
    let task = ["--task", "micro-nli", "--tasks", world.directory, "--data", world.directory]
    let rows = try #require(try transform(["negation", "-n", "2"] + task).rows)
    #expect(rows.kind == "inference" && rows.examples.count == 2)
    #expect(rows.changed + rows.notApplicable.values.reduce(0, +) == rows.tried)
    for row in rows.examples {
      #expect(row.keepsLabel && row.expected == [row.label])
      #expect(row.texts.map { $0.after != nil } == [false, true], "only the hypothesis is changed")
      let after = try #require(row.texts[1].after)
      #expect(after.contains("and false is not true") && row.prompt.contains(after))
    }
    let shown = try Graft.run(["inspect", "transform", "swap-pair"] + task)
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("becomes neutral or") || shown.output.contains("becomes entailment or"))
    try Graft.expectFailure(64, ["inspect", "transform", "negatoin"], says: ["did you mean 'negation'?"])
  }

  /// Two fields of any names are texts that some transforms can change; others say which names would do.
  @Test func fieldsOfOwnNames() throws {
    let folder = try TestFolder()
    let rows = (0..<4).map { "Tom has won \($0) games.\tTom isn't here.\t\(["good", "bad"][$0 % 2])" }
    try folder.write("mine.tsv", (["title\tbody\tverdict"] + rows).joined(separator: "\n") + "\n")
    let path = try folder.write(
      "mine.yaml",
      """
      task: mine
      version: 1
      source: {folder: ., format: tsv, label: verdict, fields: {title: title, body: body, verdict: verdict}}
      splits: {test: mine.tsv}
      inputs: "mine title: {title} body: {body}"
      targets: "{verdict}"
      choices: [good, bad]
      metrics: [accuracy]

      """)
    let task = ["--task", "mine", "--tasks", path, "--data", folder.path]
    let typo = try #require(try transform(["typo"] + task).rows)
    #expect(typo.kind == "pair" && typo.changed == 4)
    #expect(typo.examples[0].texts.map(\.field) == ["title", "body"])
    #expect(typo.examples[0].texts.allSatisfy { $0.after != nil })
    let name = try #require(try transform(["swap-name"] + task).rows?.examples.first)
    #expect(name.texts.allSatisfy { $0.after?.contains("Tom") == false }, "a name is another everywhere")
    #expect(try transform(["expand-contractions"] + task).rows?.examples[0].texts[1].after == "Tom is not here.")
    try Graft.expectFailure(
      64, ["inspect", "transform", "swap-pair"] + task,
      says: ["is one of pair", "typo", "sentence1 and sentence2", "premise and hypothesis"])
  }
}
