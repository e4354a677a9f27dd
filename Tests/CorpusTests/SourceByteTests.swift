import Records
import Support
import TestSupport
import Testing
import Tokenization

@testable import Corpus

/// Bytes are those of the text as it was, whatever a tokenizer throws away.
@Suite struct SourceByteTests {
  static let text = """
    The cat  sees the dog, and naïve Zebras see   THE CAT.

    A rare wörd: xylophone!

    the cat sees the dog

    """

  static func tokenizer(_ unit: VocabularyUnit, lower: Bool = false) throws -> Tokenizer {
    var options = TokenizerTrainingOptions(vocabularySize: unit == .word ? 12 : 290, sentinelCount: 0)
    options.unit = unit
    if lower { options.normalization = [.lowercase] }
    return try Tokenizer.train(documents: ["the cat sees the dog the cat sees the dog"], options: options)
  }

  @Test(arguments: [VocabularyUnit.word, .character, .bpe, .byte])
  func streamsHaveTheBytesOfTheirText(_ unit: VocabularyUnit) throws {
    let folder = try TestFolder()
    let tokenizer = try Self.tokenizer(unit)
    var options = CorpusOptions()
    options.documentBoundary = .blankLines
    options.heldOutFraction = 0
    let path = try folder.write("a.txt", Self.text)
    let corpus = try PreparedCorpus.prepare(
      files: [path], tokenizer: tokenizer, options: options, cacheDirectory: folder.cache)
    let stream = corpus.training
    let lengths = try texts(path, options).map(\.utf8.count)
    #expect(stream.byteCount == lengths.reduce(0, +) && stream.byteCount == corpus.textByteCount)
    #expect((0..<stream.documentCount).map { stream.byteCount(of: stream.documentRange($0)) } == lengths)
    // Parts add up to the whole, and none is below zero.
    let parts = (0..<stream.tokenCount).map { stream.byteCount(of: $0..<$0 + 1) }
    #expect(parts.reduce(0, +) == stream.byteCount && parts.allSatisfy { $0 >= 0 })
    if unit == .bpe || unit == .byte {
      #expect(parts == stream.tokens(0..<stream.tokenCount).map { tokenizer.byteCount($0) })
    } else if unit == .word {
      let spelled = stream.tokens(0..<stream.tokenCount).reduce(0) { $0 + tokenizer.byteCount($1) }
      #expect(spelled < stream.byteCount)
    }
  }
}
