import Foundation
import TestSupport
import Testing

/// `graft vectors …`, and its files as first values of a model's embedding.
@Suite(.tags(.process)) struct VectorsCommandTests {
  private static let fixtures = "\(Graft.packageRoot)/Tests/Fixtures/word-vectors"
  private static let text = "\(Graft.packageRoot)/Tests/Fixtures/ngrams/train.txt"

  private func run(_ arguments: [String]) throws -> Graft.Outcome {
    let outcome = try Graft.run(["vectors"] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  /// From text to answers; the same bytes by one and by three threads, and through both formats.
  @Test func fromTextToAnswers() throws {
    let folder = try TestFolder()
    let arguments = ["--corpus", Self.text, "--size", "16", "--epochs", "2", "--minimum-count", "2"]
    func train(_ name: String, _ more: String...) throws {
      let output = "\(folder.path)/\(name)"
      let outcome = try run(["train", "--output", output] + arguments + more)
      #expect(outcome.errors.contains("epoch 2: loss") && outcome.output.contains("16 numbers"))
    }
    for method in ["skip-gram", "glove"] {
      try train("\(method)-1", "--method", method, "--threads", "1")
      try train("\(method)-3", "--method", method, "--threads", "3")
      #expect(try folder.bytes("\(method)-1") == folder.bytes("\(method)-3"))
    }
    #expect(try folder.bytes("glove-1") != folder.bytes("skip-gram-1"))
    let vectors = "\(folder.path)/skip-gram-1"
    for (from, to, format) in [("skip-gram-1", "b", "binary"), ("b", "t", "text")] {
      _ = try run(
        ["convert", "--vectors", "\(folder.path)/\(from)", "--format", format, "--output", "\(folder.path)/\(to)"])
    }
    #expect(try folder.bytes("t") == folder.bytes("skip-gram-1"))
    let neighbours = try run(["neighbours", "--vectors", vectors, "--count", "3", "w0", "w1 -w2 +w3"]).output
    #expect(neighbours.split(separator: "\n").count == 8, "\(neighbours)")
    try Graft.expectFailure(65, ["vectors", "neighbours", "--vectors", vectors, "absent"], says: ["'absent'"])
  }

  @Test func questionsAndPairs() throws {
    let vectors = "\(Self.fixtures)/vectors.bin"
    let analogies = try run(["analogies", "--vectors", vectors, "--file", "\(Self.fixtures)/questions.txt"]).output
    #expect(analogies.contains("second part") && analogies.contains("all"))
    let similarity = try run(
      ["similarity", "--vectors", vectors, "--file", "\(Self.fixtures)/pairs.tsv", "--json", "-"]
    ).output
    #expect(similarity.contains("\"covered\"") && similarity.contains("\"lower\""))
    #expect(similarity.contains("\"word-similarities\""))
    let json = try run(
      ["analogies", "--vectors", vectors, "--file", "\(Self.fixtures)/questions.txt", "--json", "-"]
    ).output
    #expect(json.contains("\"word-analogies\"") && json.contains("\"total\""))
    let few = try run(
      ["analogies", "--vectors", vectors, "--file", "\(Self.fixtures)/questions.txt", "--most", "5"]
    ).output
    #expect(few != analogies)
  }

  @Test func whatIsWrongIsSaid() throws {
    let folder = try TestFolder()
    let train = ["vectors", "train", "--corpus", Self.text, "--output", "\(folder.path)/x"]
    try Graft.expectFailure(64, train + ["--x-max", "10"], says: ["--x-max", "glove"])
    try Graft.expectFailure(64, train + ["--method", "glove", "--negatives", "3"], says: ["--negatives", "skip-gram"])
    try Graft.expectFailure(64, train + ["--size", "0"], says: ["--size"])
    try Graft.expectFailure(64, train + ["--minimum-count", "0"], says: ["--minimum-count"])
    try Graft.expectFailure(65, train + ["--minimum-count", "1000000"], says: ["1000000"])
    // Before anything is learned.
    let characters = "\(folder.path)/characters.json"
    let learned = try Graft.run([
      "tokenizer", "train", "--corpus", Self.text, "--unit", "character", "--vocabulary-size", "60", "--sentinels", "0",
      "--output", characters,
    ])
    #expect(learned.status == 0, "\(learned.errors)")
    let refused = try Graft.run(train + ["--tokenizer", characters])
    #expect(refused.status == 65 && refused.errors.contains("whitespace") && !refused.errors.contains("epoch"))
    try FileManager.default.removeItem(atPath: characters)
    let vectors = "\(Self.fixtures)/vectors.txt"
    try Graft.expectFailure(64, ["vectors", "neighbours", "--vectors", vectors, "--most", "0", "w1"], says: ["--most"])
    try Graft.expectFailure(65, ["vectors", "neighbours", "--vectors", Self.text, "w1"], says: ["begin with"])
    try folder.write("mine", "mine\n")
    try Graft.expectFailure(
      64, ["vectors", "convert", "--vectors", vectors, "--format", "text", "--output", "\(folder.path)/mine"])
    #expect(folder.names == ["mine"])
  }

  /// Vectors of the tokenizer's tokens, as wide as the model or not.
  @Test func pretrainingBeginsWithThem() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    func vectors(_ size: Int) throws -> String {
      let path = "\(folder.path)/\(size)"
      _ = try run([
        "train", "--corpus", world.corpus, "--tokenizer", world.tokenizer, "--size", "\(size)", "--epochs", "1",
        "--output", path,
      ])
      return path
    }
    func arguments(_ size: Int) throws -> [String] {
      world.pretrain(into: "\(folder.path)/run-\(size)", steps: 2, ["--embeddings", try vectors(size)])
    }
    try Graft.expectFailure(65, arguments(7), says: ["7 numbers", "--size "])
    let hint = try Graft.run(arguments(7)).errors
    let width = try #require(hint.split(separator: "--size ").last?.prefix { $0.isNumber }).description
    let outcome = try Graft.run(arguments(try #require(Int(width))))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("begin with their vectors"))
    // Another beginning is another model.
    let drawn = try Graft.run(world.pretrain(into: "\(folder.path)/drawn", steps: 2))
    #expect(drawn.status == 0)
    func loss(_ text: String) -> Substring? { text.split(separator: "\n").last { $0.contains("loss") } }
    #expect(loss(outcome.errors) != loss(drawn.errors))
    try Graft.expectFailure(
      66, world.pretrain(into: "\(folder.path)/none", steps: 2, ["--embeddings", "coocurrence"]), says: ["coocurrence"])
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/none"))
  }
}
