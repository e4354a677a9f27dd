import Foundation
import TestSupport
import Testing

/// `graft metric` on files of lines.
@Suite(.tags(.process)) struct MetricCommandTests {
  private struct Result: Decodable {
    var metric: String
    var signature: String
    var scores: [String: Double?]
    var interval: [String: [Double]]
    var count: Int

    /// A defined score.
    func score(_ name: String) throws -> Double { try #require(scores[name] ?? nil) }
  }

  private func score(
    _ metric: String, _ predictions: String, _ references: String, _ more: String...
  ) throws -> Result {
    let folder = try TestFolder()
    let outcome = try Graft.run(
      [
        "metric", metric, "--predictions", folder.write("predictions", predictions), "--json", "-",
        "--references", folder.write("references", references),
      ] + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8))
  }

  @Test func scoresAreJSON() throws {
    let result = try score("bleu", "a b c d e\nf g h i\n", "a b c d x\nf g h i\n")
    #expect(result.metric == "bleu" && result.count == 2)
    #expect(result.signature == "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:graft-1")
    let bleu = try result.score("bleu")
    let interval = try #require(result.interval["bleu"])
    #expect(interval.count == 2 && interval[0] <= bleu && bleu <= interval[1])
    #expect(result.scores.keys.contains("brevity-penalty"))
  }

  @Test func undefinedIsNull() throws {
    let result = try score("pearson", "1\n1\n", "1\n2\n")
    #expect(result.scores["pearson"] == .some(nil))
    #expect(result.interval.isEmpty)
  }

  @Test func optionsAreSet() throws {
    let plain = try score("chrf", "Ein Haus\n", "EIN HAUS\n", "--resamples", "0")
    let lower = try score("chrf", "Ein Haus\n", "EIN HAUS\n", "--resamples", "0", "--set", "lowercase=true")
    #expect(try plain.score("chrf") < 50)
    #expect(lower.scores["chrf"] == 100)
    #expect(lower.signature.contains("case:lc"))
  }

  @Test func linesHoldWhatTheMetricReads() throws {
    // Sentences, with \n between them: in another order they share all words but no long subsequence of them all.
    #expect(try score("rouge-lsum", #"c d.\na b."# + "\n", #"a b.\nc d."# + "\n").scores["rouge-lsum"] == 1)
    #expect(try score("rouge-l", #"c d.\na b."# + "\n", #"a b.\nc d."# + "\n").scores["rouge-l"] == 0.5)
    // Probabilities of the choices, sorted: a, b.
    let error = try score("calibration-error", "0.25 0.75\n1 0\n", "b\na\n").score("calibration-error")
    #expect(abs(error - 0.125) < 1e-12)
    // Log-probabilities of the tokens.
    let perplexity = try score("perplexity", "-1 -3\n", "words\n").score("perplexity")
    #expect(abs(perplexity - exp(2)) < 1e-12)
    #expect(try score("macro-f1", "a\nb\nnone\n", "a\nb\nb\n").scores["recall"] == 0.75)
  }

  /// A second file has further references, empty lines where there is none.
  @Test func severalFilesOfReferences() throws {
    let folder = try TestFolder()
    let second = try folder.write("second", "cat\n\n")
    let result = try score("squad-em", "the cat\na dog\n", "dog\ncow\n", second)
    #expect(result.scores["squad-em"] == 0.5)
    let bleu = try score(
      "bleu", "a b c d\ne f g h\n", "x y z\ne f g h\n", try folder.write("other", "a b c d\n\n"))
    let value = try bleu.score("bleu")
    #expect(abs(value - 100) < 1e-9 && bleu.signature.hasPrefix("nrefs:var|"))
    let predictions = try folder.write("predictions", "a\nb\n")
    try Graft.expectFailure(
      64, ["metric", "accuracy", "--predictions", predictions, "--references", predictions, predictions],
      says: ["takes one reference"])
    try Graft.expectFailure(
      64, ["metric", "accuracy-per-byte", "--predictions", predictions, "--references", predictions],
      says: ["how a model ranked"])
  }

  @Test func wrongLinesAreNamed() throws {
    let folder = try TestFolder()
    let words = try folder.write("words", "a\nb\n")
    func expect(
      _ code: Int32, _ metric: String, _ predictions: String, _ more: [String] = [], says texts: String...
    ) throws {
      let path = try folder.write("predictions", predictions)
      try Graft.expectFailure(
        code, ["metric", metric, "--predictions", path, "--references", words] + more, says: texts)
    }
    try expect(65, "accuracy", "a\n", says: "has 1 lines", "2")
    try expect(65, "pearson", "1\n2\n", says: "'a' is not a number", "words:1")
    try expect(65, "f1", "a\nb\n", ["--choices", "a,c"], says: "'b' is none of the choices", "words:2")
    try expect(65, "calibration-error", "1 0\n0.5\n", says: "1 probabilities for 2 choices", "predictions:2")
    try expect(65, "calibration-error", "1 0\n-0.1 -2\n", says: "no probabilities", "predictions:2")
    try expect(65, "perplexity", "-1\n0.3\n", says: "0.3 is no log-probability", "predictions:2")
    try expect(65, "perplexity", "-1\nx\n", says: "'x' is not a number", "predictions:2")
    try expect(64, "f1", "a\nb\n", ["--choices", "a,b,c"], says: "f1 needs two choices", "macro-f1")
    try expect(64, "bleu", "a\nb\n", ["--choices", "a,b"], says: "compares no choices")
    try expect(64, "bleu", "a\nb\n", ["--set", "lowercse=true"], says: "did you mean 'lowercase'?")
  }

  /// scikit-learn on the bytes of the lines: f1_score (macro, micro), matthews_corrcoef, accuracy_score.
  @Test func textsAreBytes() throws {
    let (composed, apart) = ("caf\u{E9}\n", "cafe\u{301}\n")
    for (metric, expected) in [
      ("accuracy", 1.0 / 3), ("micro-f1", 1.0 / 3), ("macro-f1", 0.25), ("matthews", -0.5),
    ] {
      let result = try score(metric, composed + apart + composed, composed + composed + apart)
      #expect(abs(try result.score(metric) - expected) < 1e-12, "\(metric)")
    }
    // Both spellings are choices.
    let chosen = try score(
      "macro-f1", composed + apart, composed + apart, "--choices", "caf\u{E9},cafe\u{301}")
    #expect(try chosen.score("macro-f1") == 1)
  }

  @Test func accuracyOfChoices() throws {
    let result = try score("accuracy", "a\nb\nx\n", "a\na\nb\n", "--choices", "a,b")
    #expect(abs(try result.score("accuracy") - 1.0 / 3) < 1e-12)
    let folder = try TestFolder()
    let files = try [folder.write("p", "a\n"), folder.write("r", "c\n")]
    try Graft.expectFailure(
      65, ["metric", "accuracy", "--predictions", files[0], "--references", files[1], "--choices", "a,b"],
      says: ["'c' is none of the choices"])
  }

  /// `-` is standard input, and a file in UTF-16 is text.
  @Test func otherInputs() throws {
    let folder = try TestFolder()
    let gold = try folder.write("r", [UInt8](try #require("a\nb c\n".data(using: .utf16LittleEndian))))
    let outcome = try Graft.run(
      ["metric", "accuracy", "--predictions", "-", "--references", gold, "--resamples", "0"],
      input: "a\nb c\n")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("accuracy\t1.0000"), "\(outcome.errors)")
    #expect(outcome.errors.contains("note: \(gold): UTF-16LE, converted"))
  }
}
