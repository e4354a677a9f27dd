import Foundation
import TestSupport
import Testing

/// `graft ngram …`, and its models where others are taken.
@Suite(.tags(.process)) struct NGramCommandTests {
  private static let fixtures = "\(Graft.packageRoot)/Tests/Fixtures/ngrams"
  private static let train = "\(fixtures)/train.txt"
  private static let heldOut = "\(fixtures)/held-out.txt"

  /// A model of the fixture's text.
  private func model(in folder: TestFolder, _ more: String...) throws -> String {
    let path = "\(folder.path)/model"
    let outcome = try Graft.run(["ngram", "train", "--corpus", Self.train, "--order", "3", "--output", path] + more)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("discounts"))
    return path
  }

  private struct Scores: Decodable {
    struct File: Decodable { var perplexity: Double }
    var files: [File]
  }

  private struct Rates: Decodable {
    struct File: Decodable {
      struct Rates: Decodable {
        struct Estimate: Decodable { var value: Double }
        var perplexityPerToken: Estimate
      }
      var rates: Rates
    }
    var files: [File]
  }

  private func json<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) throws -> Value {
    let outcome = try Graft.run(arguments + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(type, from: Data(outcome.output.utf8))
  }

  /// The perplexity is that of the ARPA file and that of `graft score`, and a cache changes it.
  @Test func everyWayToAPerplexityLeadsToOne() throws {
    let folder = try TestFolder()
    let arpa = "\(folder.path)/model.arpa"
    let model = try model(in: folder, "--arpa", arpa)
    func perplexity(_ model: String, _ more: String...) throws -> Double {
      try json(Scores.self, ["ngram", "score", "--model", model, "--file", Self.heldOut] + more).files[0].perplexity
    }
    let found = try perplexity(model)
    #expect(abs(try perplexity(arpa) - found) < 1e-3 * found)
    let rates = try json(Rates.self, ["score", "--checkpoint", model, "--file", Self.heldOut])
    #expect(abs(rates.files[0].rates.perplexityPerToken.value - found) < 1e-9 * found)
    #expect(abs(try perplexity(model, "--cache", "0.2") - found) > 0.01)
  }

  @Test func mixturesAreModels() throws {
    let folder = try TestFolder()
    let model = try model(in: folder)
    let (other, mixed) = ("\(folder.path)/other", "\(folder.path)/mixed")
    let trained = try Graft.run([
      "ngram", "train", "--corpus", Self.heldOut, "--vocabulary", model, "--order", "2", "--output", other,
    ])
    #expect(trained.status == 0 && trained.errors.contains("note: too few"), "\(trained.errors)")
    let outcome = try Graft.run([
      "ngram", "mix", "--model", model, other, "--held-out", Self.heldOut, "--output", mixed,
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let arguments = ["ngram", "sample", "--model", mixed, "--count", "3", "--seed", "5", "w1"]
    let drawn = try Graft.run(arguments)
    #expect(drawn.output.split(separator: "\n").count == 3 && drawn.output.hasPrefix("w1"))
    #expect(try Graft.run(arguments).output == drawn.output)
    try Graft.expectFailure(64, ["ngram", "mix", "--model", model, other, "--output", mixed], says: ["weights"])
  }

  @Test func generateGoesOn() throws {
    let folder = try TestFolder()
    let model = try model(in: folder)
    let greedy = try Graft.run(["generate", "--checkpoint", model, "w1", "w5"])
    #expect(greedy.status == 0 && greedy.output.split(separator: "\n", omittingEmptySubsequences: false).count == 3)
    let sampled = try Graft.run(["generate", "--checkpoint", model, "--sample", "--seed", "1", "w1", "--json", "-"])
    #expect(sampled.output.contains("logProbability"))
    try Graft.expectFailure(64, ["generate", "--checkpoint", model, "--beam", "4", "w1"], says: ["n-gram model"])
  }

  /// The files of a folder are counted as if they were named.
  @Test func aFolderIsItsFiles() throws {
    let folder = try TestFolder()
    let text = try String(contentsOfFile: Self.train, encoding: .utf8)
    let paths = [try folder.write("texts/a.txt", text), try folder.write("texts/b.txt", text)]
    let counted = try [["\(folder.path)/texts"], paths].enumerated().map { index, corpus in
      let output = "\(folder.path)/model-\(index)"
      let outcome = try Graft.run(["ngram", "train", "--order", "2", "--output", output, "--corpus"] + corpus)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output.split(separator: "\n").dropLast()
    }
    #expect(counted[0] == counted[1] && counted[0].count == 4)
  }

  @Test func whatIsWrongIsSaid() throws {
    let folder = try TestFolder()
    let model = try model(in: folder)
    let empty = try folder.write("empty.txt", "\n")
    let output = "\(folder.path)/new"
    func train(_ more: String...) -> [String] { ["ngram", "train", "--output", output, "--corpus"] + more }
    try Graft.expectFailure(65, train(empty), says: ["no word in"])
    try Graft.expectFailure(64, train(Self.train, "--order", "0"), says: ["--order 0"])
    try Graft.expectFailure(64, train(Self.train, "--cut-offs", "1"), says: ["--cut-offs 1"])
    try Graft.expectFailure(66, train("\(folder.path)/none.txt"), says: ["none.txt"])
    try Graft.expectFailure(66, ["ngram", "score", "--model", folder.path, "--file", Self.heldOut])
    try Graft.expectFailure(65, ["ngram", "score", "--model", model, "--file", empty])
    try Graft.expectFailure(
      64, ["score", "--checkpoint", model, "--file", Self.heldOut, "--window", "8"], says: ["--window"])
    try Graft.expectFailure(64, ["embed", "--checkpoint", model, "w1"], says: ["n-gram counts"])
    // Nothing but its own is written over.
    try folder.write("notes/mine.txt", "mine")
    try Graft.expectFailure(
      64, ["ngram", "train", "--corpus", Self.train, "--output", "\(folder.path)/notes"], says: ["not empty"])
  }
}
