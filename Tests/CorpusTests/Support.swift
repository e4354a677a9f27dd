import Foundation
import Support
import Tokenization

@testable import Corpus

/// A folder that is gone when the test is.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("graft-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = self.path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

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
