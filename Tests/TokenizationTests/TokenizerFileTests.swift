import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

@Suite struct TokenizerFileTests {
  @Test func readsBackWhatItWrites() throws {
    let tokenizer = try Fixture.tokenizer()
    let again = try Tokenizer.parse(tokenizer.jsonData())
    #expect(again.contentHash == tokenizer.contentHash)
    #expect(again.vocabulary == tokenizer.vocabulary)
    #expect(again.jsonData() == tokenizer.jsonData())
  }

  @Test func writesAndReadsFilesAndFolders() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let tokenizer = try Fixture.tokenizer()
    try tokenizer.write(to: folder)
    #expect(try Tokenizer(contentsOf: folder).contentHash == tokenizer.contentHash)
    #expect(try Tokenizer(contentsOf: folder + "/tokenizer.json").contentHash == tokenizer.contentHash)
    let error = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder + "/none.json") }
    #expect(error?.code == .missingInput)
  }

  @Test func readsMergesInOneString() throws {
    let tokenizer = try Fixture.tokenizer()
    var text = String(decoding: tokenizer.jsonData(), as: UTF8.self)
    let start = try #require(text.range(of: "\"merges\": [")).upperBound
    let rest = text[start...].replacingOccurrences(
      of: "      \\[\"(.*)\", \"(.*)\"\\]", with: "\"$1 $2\"", options: .regularExpression)
    text.replaceSubrange(start..., with: rest)
    #expect(text.contains("\"Ġ t\"") || text.contains("\"t h\""))
    #expect(try Tokenizer.parse(Array(text.utf8)).contentHash == tokenizer.contentHash)
  }

  /// What is changed in the file, and what the message must name.
  static let damages: [(old: String, new: String, names: String)] = [
    ("\"type\": \"BPE\"", "\"type\": \"WordList\"", "'model' has type 'WordList'"),
    ("\"padding\": null", "\"paddin\": null", "did you mean 'padding'"),
    ("\"dropout\": null", "\"dropout\": 0.1", "'dropout'"),
    ("\"normalizer\": null", "\"normalizer\": {\"type\": \"Nmd\"}", "type 'Nmd'"),
    ("\"add_prefix_space\": false", "\"add_prefix_space\": 0", "'add_prefix_space'"),
    ("\"use_regex\": true", "\"use_regex\": 0", "'use_regex'"),
    ("\"ignore_merges\": false", "\"ignore_merges\": 1", "'ignore_merges'"),
    ("\"post_processor\": null", "\"post_processor\": {\"type\": \"BertProcessing\"}", "'post_processor'"),
    (
      "\"id\": 1, \"content\": \"</s>\"", "\"id\": 1, \"content\": \"<end>\"",
      "'<end>' the id 1, which is taken"
    ),
    ("\"<extra_id_4>\"", "\"<extra_id_44>\"", "'<extra_id_4>'"),
    ("\"a\": 67", "\"a\": 68", "ids must be 0"),
    ("\"a\": 67", "\"a\": 6.5", "whole number"),
    ("\"a\": 67,", "", "ids must be 0"),
    ("\"special\": true", "\"special\": 1", "'special' is a number"),
    ("\"model\": {", "\"model\": [", "invalid JSON"),
    ("[\"t\", \"h\"]", "[\"t\", \"qqq\"]", "'qqq'"),
    ("\"merges\": [", "\"merges\": [[\"t\"],", "pair of strings"),
    ("\"merges\": [", "\"merges\": [[\"t\", \"h\"],", "joins 't' and 'h' twice"),
    // A merge that makes its own part.
    ("\"merges\": [", "\"merges\": [[\"\", \"t\"],", "joins '' and 't'"),
    ("\"merges\": [", "\"merges\": [[\"<pad>\", \"t\"],", "joins '<pad>' and 't'"),
    ("\"a\": 67", "\"a\": 99999999999999999999", "whole number"),
    ("\"a\": 67", "\"a\": 67, \"a\": 68", "'a' occurs twice"),
    (
      "\"decoder\": {\"type\": \"ByteLevel\"", "\"decoder\": {\"type\": \"WordPieces\"",
      "'decoder' has type 'WordPieces'"
    ),
  ]

  @Test(.tags(.slow), arguments: damages.indices)
  func damageIsNamed(_ index: Int) throws {
    let (old, new, names) = Self.damages[index]
    expectDamage(of: try Fixture.tokenizer().jsonData(), old, new, named: names)
  }

  @Test func vocabularyAndMergesSayTheSame() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Sentinels are in no list of special tokens there, so a tokenizer without them is compared.
    let plain = try Tokenizer.train(
      documents: Fixture.trainingDocuments(),
      options: TokenizerTrainingOptions(vocabularySize: 690, sentinelCount: 0))
    let plainFiles = try plain.vocabularyAndMerges()
    try Data(plainFiles.vocabulary).write(to: URL(fileURLWithPath: folder + "/vocab.json"))
    try Data(plainFiles.merges).write(to: URL(fileURLWithPath: folder + "/merges.txt"))
    #expect(try Tokenizer(contentsOf: folder).contentHash == plain.contentHash)
    for base in ["bert", "t5"] {
      let other = try Tokenizer.parse(ForeignFixture.json(base))
      #expect(throws: GraftError.self) { try other.vocabularyAndMerges() }
    }
  }

  @Test func noTruncationAndNoNoiseTraps() throws {
    let json = try Fixture.tokenizer().jsonData()
    for length in stride(from: 0, to: json.count - 3, by: 977) {
      #expect(throws: GraftError.self) { try Tokenizer.parse(Array(json[..<length])) }
    }
    for _ in 0..<100 {
      var noisy = json
      for _ in 0..<3 { noisy[Int.random(in: 0..<noisy.count)] = UInt8.random(in: 0...255) }
      _ = try? Tokenizer.parse(noisy)
    }
  }
}
