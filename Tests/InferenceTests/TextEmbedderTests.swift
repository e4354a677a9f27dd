import Foundation
import Support
import TestSupport
import Testing

@testable import Inference

/// Vectors of texts, beside those of transformers.
@Suite struct TextEmbedderTests {
  private struct Reference: Decodable {
    var text: String
    var mean, first: [Float]
  }

  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures")
  private static let model = fixtures.appendingPathComponent("huggingface/bert").path

  private func references() throws -> [Reference] {
    try JSONFile.read([Reference].self, from: Self.fixtures.appendingPathComponent("embedding/vectors.json").path)
  }

  private func expect(_ vectors: [[Float]], _ expected: [[Float]]) {
    #expect(vectors.count == expected.count)
    for (vector, wanted) in zip(vectors, expected) {
      #expect(vector.count == wanted.count)
      for (value, other) in zip(vector, wanted) { #expect(abs(value - other) < 1e-5) }
    }
  }

  @Test func statesAreThoseOfTransformers() throws {
    let references = try references()
    let mean = try TextEmbedder(opening: Self.model, isNormalized: true, shardCount: 2)
    expect(try mean.embeddings(references.map(\.text)), references.map(\.mean))
    let first = try TextEmbedder(opening: Self.model, pooling: .first, shardCount: 1)
    expect(try first.embeddings(references.map(\.text)), references.map(\.first))
  }

  /// A copy of the model with what sentence-transformers writes beside one.
  private func published(_ files: [String: String]) throws -> TestFolder {
    let folder = try TestFolder()
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
      try FileManager.default.copyItem(atPath: "\(Self.model)/\(name)", toPath: "\(folder.path)/\(name)")
    }
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/1_Pooling", withIntermediateDirectories: true)
    for (name, text) in files { try folder.write(name, text) }
    return folder
  }

  private static let modules = """
    [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
     {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, %]
    """

  private func modules(last type: String) -> String {
    Self.modules.replacingOccurrences(
      of: "%", with: "{\"idx\": 2, \"path\": \"2_Last\", \"type\": \"sentence_transformers.models.\(type)\"}")
  }

  @Test func aFolderSaysHow() throws {
    let folder = try published([
      "modules.json": modules(last: "Normalize"),
      "1_Pooling/config.json": #"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#,
      "sentence_bert_config.json": #"{"max_seq_length": 7}"#,
    ])
    let embedder = try TextEmbedder(opening: folder.path, shardCount: 1)
    #expect(embedder.style == EmbeddingStyle(pooling: .first, isNormalized: true) && embedder.length == 7)
    let references = try references()
    let texts = references.map(\.text)
    #expect(embedder.cutCount(texts) > 0 && embedder.cutCount(["A dog."]) == 0)
    // What is short enough is as it was, but for its length.
    let vector = try embedder.embeddings(["A dog."])[0]
    #expect(abs(TextEmbedder.cosine(vector, references[1].first) - 1) < 1e-6)
    #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  @Test func whatIsNotComputedIsRefused() throws {
    let mean = #"{"pooling_mode_mean_tokens": true}"#
    let dense = try published(["modules.json": modules(last: "Dense"), "1_Pooling/config.json": mean])
    let greatest = try published([
      "modules.json": modules(last: "Normalize"), "1_Pooling/config.json": #"{"pooling_mode_max_tokens": true}"#,
    ])
    for (folder, word) in [(dense, "Dense"), (greatest, "pooling_mode_max_tokens")] {
      let error = #expect(throws: GraftError.self) { try TextEmbedder(opening: folder.path, shardCount: 1) }
      #expect(error?.code == .badData && error?.message.contains(word) == true)
    }
    let writer = Self.fixtures.appendingPathComponent("huggingface/t5").path
    let error = #expect(throws: GraftError.self) { try TextEmbedder(opening: writer, shardCount: 1) }
    #expect(error?.code == .usage)
  }

  @Test func theCosineOfZeroIsZero() {
    #expect(TextEmbedder.cosine([0, 0], [1, 0]) == 0)
    #expect(abs(TextEmbedder.cosine([1, 1], [2, 2]) - 1) < 1e-12)
    #expect(abs(TextEmbedder.cosine([1, 0], [-3, 0]) + 1) < 1e-12)
  }
}
