import Foundation
import Support

@testable import Tokenization

/// What Tests/Fixtures/tokenizer/foreign/patterns.json.gz holds; make_pattern_fixtures.py says how it was made.
struct PatternFixture: Decodable {
  struct Variant: Decodable {
    var name: String
    var ignoresMerges: Bool
    var ids: [[Int32]]
  }

  struct Ranks: Decodable {
    var pattern: String
    var ids: [[Int32]]
  }

  struct Offsets: Decodable {
    var name: String
    var base: String
    /// Id, start, end in bytes.
    var tokens: [[[Int32]]]
  }

  var texts: [String]
  var variants: [Variant]
  var ranks: [Ranks]
  var offsetTexts: [String]
  var offsets: [Offsets]

  private static let path = Fixture.folder + "/foreign/patterns.json.gz"

  private static let shared = Result {
    try JSONDecoder().decode(PatternFixture.self, from: Data(FileContents.read(path)))
  }

  static func load() throws -> PatternFixture { try shared.get() }

  /// The changes of the rows at a key of the fixture, by their names.
  private static func changes(_ key: String) throws -> [String: [String: Any]] {
    let content = try JSONSerialization.jsonObject(with: Data(FileContents.read(path))) as? [String: Any]
    var result: [String: [String: Any]] = [:]
    for row in content?[key] as? [[String: Any]] ?? [] {
      if let name = row["name"] as? String { result[name] = row["changes"] as? [String: Any] }
    }
    return result
  }

  static func tokenizer(_ variant: Variant) throws -> Tokenizer {
    var changes = try changes("variants")[variant.name] ?? [:]
    var model = try ForeignFixture.object("gpt2")["model"] as? [String: Any] ?? [:]
    model["ignore_merges"] = variant.ignoresMerges
    if variant.ignoresMerges { model["merges"] = (model["merges"] as? [Any])?.dropLast(300).map { $0 } }
    changes["model"] = model
    return try Tokenizer.parse(ForeignFixture.altered("gpt2", changes))
  }

  static func tokenizer(_ row: Offsets) throws -> Tokenizer {
    try Tokenizer.parse(ForeignFixture.altered(row.base, changes("offsets")[row.name] ?? [:]))
  }

  static func rankFile() throws -> [UInt8] {
    try FileContents.read(Fixture.folder + "/foreign/ranks.tiktoken.gz")
  }
}
