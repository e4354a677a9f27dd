import Foundation
import Support

@testable import Tokenization

/// What Tests/Fixtures/tokenizer holds; make_fixtures.py there says how it was made.
struct Fixture: Decodable {
  struct Case: Decodable {
    var text: String
    var none: [Int32]
    var nfc: [Int32]
    var nfkc: [Int32]
  }

  var cases: [Case]
  var merges: [[String]]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/tokenizer").path

  static func load() throws -> Fixture {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/expected.json"))
    return try JSONDecoder().decode(Fixture.self, from: data)
  }

  static func tokenizer() throws -> Tokenizer { try Tokenizer(contentsOf: folder) }

  /// The documents the fixture's tokenizer was trained on.
  static func trainingDocuments() throws -> [String] {
    let text = try String(contentsOfFile: folder + "/training.txt", encoding: .utf8)
    return text.trimmingCharacters(in: .newlines).components(separatedBy: "\n\n")
  }

  static let trainingOptions = TokenizerTrainingOptions(vocabularySize: 700, sentinelCount: 10)
}

/// The words that pre-tokenisation cuts bytes into.
func words(_ bytes: [UInt8], by pattern: BytePattern = .gpt2) -> [[UInt8]] {
  var result: [[UInt8]] = []
  bytes.withUnsafeBytes { buffer in
    pattern.forEachWord(in: buffer) { result.append(Array(bytes[$0..<$1])) }
  }
  return result
}

func words(_ text: String, by pattern: BytePattern = .gpt2) -> [String] {
  words(Array(text.utf8), by: pattern).map { String(decoding: $0, as: UTF8.self) }
}

/// The tokenizer's JSON with one thing replaced by another.
func altered(_ tokenizer: Tokenizer, _ old: String, _ new: String) -> [UInt8] {
  let text = String(decoding: tokenizer.jsonData(), as: UTF8.self)
  return Array(text.replacingOccurrences(of: old, with: new).utf8)
}

extension Tokenizer {
  static func parse(_ json: [UInt8]) throws(GraftError) -> Tokenizer {
    var result: Tokenizer?
    var failure: GraftError?
    json.withUnsafeBytes { bytes in
      do throws(GraftError) {
        result = try Tokenizer(json: bytes, file: "t.json")
      } catch { failure = error }
    }
    if let failure { throw failure }
    guard let result else { throw GraftError(.internalError, "no tokenizer and no error") }
    return result
  }
}
