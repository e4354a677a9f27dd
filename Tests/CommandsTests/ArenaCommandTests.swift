import Foundation
import TestSupport
import Testing

/// `graft arena`: every model's figures are those of the commands that make and score it by itself.
@Suite(.tags(.process)) struct ArenaCommandTests {
  private static let fixtures = "\(Graft.packageRoot)/Tests/Fixtures/ngrams"
  private let folder: TestFolder
  private let output: String

  init() throws {
    folder = try TestFolder()
    output = "\(folder.path)/arena"
    try folder.write("lstm.json", #"{"family": "lstm", "width": 16, "decoderLayers": 1}"#)
    try folder.write("gpt.json", World.preset("gpt", layers: 0, extra: #", "maximumLength": 64"#))
  }

  private func arguments(_ models: [String], _ more: String...) -> [String] {
    [
      "arena", "--corpus", "\(Self.fixtures)/train.txt", "--validation", "\(Self.fixtures)/held-out.txt", "--steps",
      "4",
      "--batch", "4", "--shards", "2", "--precision", "f32", "--optimizer", "adafactor", "--sequence-length", "16",
      "--sample-length", "5",
      "--vocabulary-size", "300", "--prompt", "w1", "--output", output, "--model",
    ] + models + more
  }

  private struct Results: Decodable {
    struct Row: Decodable {
      struct Trial: Decodable {
        struct Rates: Decodable {
          struct Counts: Decodable { var nats: Double, tokens, words, bytes, lines: Int }
          struct Estimate: Decodable { var value: Double }
          var counts: Counts
          var perplexityPerWord: Estimate
        }
        var parameters: Int
        var operations: Double?
        var peakBytes: Int
        var learningRate: Double?
        var rates: Rates
        var remembering: Rates?
        var sample: String
      }
      var model: String
      var trials: [Trial]
    }
    struct Attempt: Decodable { var model: String, learningRate, heldOut: Double, isChosen: Bool }
    var rows: [Row]
    var attempts: [Attempt]
    var unknown: Double
    var missing: Int
  }

  private func results() throws -> Results {
    try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(fileURLWithPath: "\(output)/results.json")))
  }

  private func texts() throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(output)/cache").filter { $0.hasPrefix("texts-") }
    #expect(names.count == 1)
    return "\(output)/cache/\(names[0])"
  }

  private struct Scores: Decodable {
    struct File: Decodable { var rates: Results.Row.Trial.Rates }
    var files: [File]
  }

  /// As `graft score` has them.
  private func scores(_ model: String, _ file: String, _ more: String...) throws -> Results.Row.Trial.Rates {
    let outcome = try Graft.run(
      ["score", "--checkpoint", "\(output)/\(model)", "--file", file, "--json", "-"] + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Scores.self, from: Data(outcome.output.utf8)).files[0].rates
  }

  @Test(arguments: ["bpe", "word"]) func figuresAreThoseOfEachModelByItself(_ unit: String) throws {
    let networks = ["lstm", "gpt"].map { "\(folder.path)/\($0).json" }
    let outcome = try Graft.run(
      arguments(["uniform", "bigram", "kneser-ney-3"] + networks, "--unit", unit, "--cache-weight", "0.1"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try results()
    #expect(found.rows.map(\.model) == ["uniform", "bigram", "kneser-ney-3", "lstm", "gpt"] && found.missing == 0)
    for row in found.rows {
      #expect(outcome.output.contains(row.model) && row.trials.count == 1)
      let trial = row.trials[0]
      #expect(trial.peakBytes > 1 << 20 && !trial.sample.isEmpty && trial.parameters > 0)
      #expect((trial.operations == nil) == !["lstm", "gpt"].contains(row.model))
      // One more word a line, and the bytes of the text as it is, whoever reads it.
      #expect(
        trial.rates.counts.words == 293 + 40 && trial.rates.counts.bytes == 1169 && trial.rates.counts.lines == 40)
      #expect(abs(trial.rates.perplexityPerWord.value - exp(trial.rates.counts.nats / 333)) < 1e-6)
      #expect(trial.remembering.map { $0.counts.nats != trial.rates.counts.nats } == true)
    }
    let texts = try texts()
    let counted = try scores("kneser-ney-3/seed-0/model", "\(texts)/validation.txt", "--line-ends")
    #expect(abs(counted.counts.nats - found.rows[2].trials[0].rates.counts.nats) < 1e-9)
    let file = unit == "word" ? "\(texts)/validation.words.txt" : "\(texts)/validation.txt"
    let gpt = try scores("gpt/seed-0", file, "--window", "16")
    #expect(abs(gpt.counts.nats - found.rows[4].trials[0].rates.counts.nats) < 1e-6)
    let lstm = try scores("lstm/seed-0", file, "--window", "4096")
    #expect(abs(lstm.counts.nats - found.rows[3].trials[0].rates.counts.nats) < 1e-6)
    // Every token of the uniform model is one of the vocabulary.
    let uniform = found.rows[0].trials[0].rates.counts
    #expect(uniform.nats / Double(uniform.tokens) > log(250) && uniform.nats / Double(uniform.tokens) < log(310))
    #expect((found.unknown > 0) == (unit == "word"))
    let page = try String(contentsOfFile: "\(output)/table.md", encoding: .utf8)
    #expect(page.contains("| kneser-ney-3 |") && page.contains("with cache"))
    #expect(try String(contentsOfFile: "\(output)/arena.svg", encoding: .utf8).contains("<svg"))
  }

  @Test func moreModelsAndSeedsAreAddedToTheSameText() throws {
    #expect(try Graft.run(arguments(["kneser-ney-2"])).status == 0)
    let trial = "\(output)/kneser-ney-2/seed-0/trial.json"
    let before = try FileManager.default.attributesOfItem(atPath: trial)[.modificationDate] as? Date
    let more = try Graft.run(arguments(["kneser-ney-2", "\(folder.path)/lstm.json"], "--seeds", "2"))
    #expect(more.status == 0, "\(more.errors)")
    #expect(try FileManager.default.attributesOfItem(atPath: trial)[.modificationDate] as? Date == before)
    #expect(try results().rows.map(\.trials.count) == [2, 2] && more.output.contains("±"))
    // Another text, or another recipe, is another arena, and leaves this one as it is.
    let texts = try texts()
    try Graft.expectFailure(64, arguments(["unigram"], "--held-out", "0.1"), says: ["'text' is not what it was"])
    try Graft.expectFailure(64, arguments(["unigram"], "--batch", "8"), says: ["'settings' is not what it was"])
    #expect(FileManager.default.fileExists(atPath: "\(texts)/train.txt"))
    let shown = try Graft.run(arguments(["kneser-ney-2", "kneser-ney-4"], "--report-only"))
    #expect(shown.status == 0 && shown.output.contains("models are not trained yet"), "\(shown.errors)")
  }

  /// The rate that is shown has the least loss on what is held out, whatever it does on the validation text.
  @Test func theBestRateIsShownAndAllAreTold() throws {
    let outcome = try Graft.run(arguments(["\(folder.path)/lstm.json"], "--rate", "1e-9", "1e-2"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try results()
    #expect(found.rows.count == 1 && found.rows[0].trials[0].learningRate == 0.01)
    #expect(found.attempts.map(\.learningRate) == [1e-9, 0.01] && found.attempts.map(\.isChosen) == [false, true])
    #expect(found.attempts[0].heldOut > found.attempts[1].heldOut)
    #expect(outcome.output.contains("0.01 *"))
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    try Graft.expectFailure(64, arguments(["lstm-mimi"]), says: ["lstm-mini"])
    try Graft.expectFailure(64, arguments(["kneser-ney-40"]), says: ["kneser-ney-40"])
    try Graft.expectFailure(64, arguments(["bert-tiny"]), says: ["no probability to a text"])
    try Graft.expectFailure(64, ["arena", "--output", output], says: ["no text to train on"])
    try Graft.expectFailure(64, arguments(["unigram", "unigram"]), says: ["stands twice"])
    try Graft.expectFailure(
      64, arguments(["lstm-nano"], "--rate", "1e-3", "1e-2", "--held-out", "0"), says: ["held out"])
    try Graft.expectFailure(64, arguments(["bigram"], "--held-out", "0"), says: ["held out"])
    try Graft.expectFailure(
      65, arguments(["unigram"]).map { $0.hasSuffix("held-out.txt") ? try folder.write("empty.txt", "\n \n") : $0 },
      says: ["no word"])
  }
}
