import Compute
import Corpus
import Foundation
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing
import Tokenization

@testable import Inference
@testable import Training

/// Token vectors from co-occurrence counts.
@Suite(.tags(.slow)) struct CooccurrenceEmbeddingTests {
  private static let colours = [" red", " green", " blue", " yellow"]
  private static let numbers = [" one", " two", " three", " four"]

  /// Colours and numbers each stand in sentences of their own.
  private static let text: String = {
    var lines: [String] = []
    for round in 0..<400 {
      lines.append("paint the\(colours[round % 4]) wall with a\(colours[(round / 4) % 4]) brush")
      lines.append("count\(numbers[round % 4]) sheep and\(numbers[(round / 4) % 4]) goats")
    }
    return lines.joined(separator: "\n\n")
  }()

  private func vectors(
    _ folder: TestFolder, shards: Int = 2, key: UInt64 = 1, width: Int? = nil
  ) throws -> (rows: [[Float]], drawn: [[Float]], tokenizer: Tokenizer) {
    let tokenizer = try Tokenizer.train(
      documents: [Self.text], options: TokenizerTrainingOptions(vocabularySize: 340, sentinelCount: 8))
    try folder.write("corpus.txt", Self.text)
    var options = CorpusOptions()
    options.documentBoundary = .blankLines
    let corpus = try PreparedCorpus.prepare(
      files: ["\(folder.path)/corpus.txt"], tokenizer: tokenizer, options: options,
      cacheDirectory: "\(folder.path)/cache")
    var configuration = try Laboratory.shared.get().configuration("t5")
    configuration.vocabularySize = tokenizer.vocabulary.size
    if let width { configuration.sizes["width"] = SizeValue(width) }
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 2), precision: .f32, shardCount: shards, training: false)
    let embedding = model.backbone.tokenEmbedding
    func rows() -> [[Float]] {
      (0..<embedding.rows).map { row in
        let first = embedding.offset + row * embedding.columns
        return Array(model.store.values[first..<first + embedding.columns])
      }
    }
    let drawn = rows()
    try CooccurrenceEmbedding.initialize(
      embedding, of: model, from: [corpus.training], key: RandomKey(seed: key))
    return (rows(), drawn, tokenizer)
  }

  private func cosine(_ a: [Float], _ b: [Float]) -> Float {
    func dot(_ x: [Float], _ y: [Float]) -> Float { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }

  @Test func tokensOfOneKindLieTogether() throws {
    let (rows, drawn, tokenizer) = try vectors(try TestFolder())
    func row(_ word: String) throws -> [Float] {
      let tokens = tokenizer.encode(word)
      return rows[Int(try #require(tokens.count == 1 ? tokens.first : nil, "\(word) is several tokens"))]
    }
    for (a, b) in [(0, 1), (1, 2), (2, 3), (0, 3)] {
      let colours = try (row(Self.colours[a]), row(Self.colours[b]))
      let numbers = try (row(Self.numbers[a]), row(Self.numbers[b]))
      #expect(cosine(colours.0, colours.1) > 0.5)
      #expect(cosine(numbers.0, numbers.1) > 0.5)
      #expect(cosine(colours.0, numbers.0) < 0.2)
    }
    // A sentinel occurs nowhere and keeps what was drawn; a token that occurs has the drawn values' size.
    let sentinel = Int(try #require(tokenizer.vocabulary.sentinels.first))
    #expect(rows[sentinel] == drawn[sentinel])
    let all = drawn.joined()
    let size = (all.reduce(0) { $0 + $1 * $1 } / Float(all.count)).squareRoot()
    let red = try row(" red")
    let own = (red.reduce(0) { $0 + $1 * $1 } / Float(red.count)).squareRoot()
    #expect(abs(own - size) < 1e-4 * size)
  }

  @Test func oneSeedGivesTheSameVectors() throws {
    let first = try vectors(try TestFolder()).rows
    #expect(try vectors(try TestFolder()).rows == first)
  }

  /// The matrix has no more directions than tokens; what is left of a row is the same zero for all.
  @Test func modelMayBeWiderThanTheVocabulary() throws {
    let (rows, drawn, tokenizer) = try vectors(try TestFolder(), width: 512)
    let red = Int(try #require(tokenizer.encode(" red").first))
    let size = tokenizer.vocabulary.size
    #expect(size < 512)
    #expect(rows.joined().allSatisfy { $0.isFinite })
    #expect(rows[red] != drawn[red])
    #expect(rows[red][size...].allSatisfy { $0 == 0 })
  }
}
