import Foundation
import Support
import TestSupport
import Tokenization

@testable import Corpus

extension TestFolder {
  var cache: String { path + "/cache" }
}

/// The documents of a file, pieces joined.
func documents(_ path: String, _ options: CorpusOptions = CorpusOptions()) throws(GraftError) -> [[UInt8]] {
  var result: [[UInt8]] = []
  var current: [UInt8] = []
  try DocumentReader(path: path, options: options).forEachPiece { (piece) throws(GraftError) in
    current += piece.bytes
    if piece.endsDocument {
      result.append(current)
      current = []
    }
  }
  return result
}

func texts(_ path: String, _ options: CorpusOptions = CorpusOptions()) throws(GraftError) -> [String] {
  try documents(path, options).map { String(decoding: $0, as: UTF8.self) }
}

/// A tokenizer whose tokens are bytes: easy to count.
func byteTokenizer() throws(GraftError) -> Tokenizer {
  try Tokenizer.train(
    documents: ["a"], options: TokenizerTrainingOptions(vocabularySize: 259, sentinelCount: 0))
}
