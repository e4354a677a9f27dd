import Foundation
import Support
import Testing

@testable import Tokenization

/// What Tests/Fixtures/tokenizer/foreign holds; make_foreign_fixtures.py beside it says how it was made.
struct ForeignFixture: Decodable {
  struct Variant: Decodable, CustomTestStringConvertible {
    var name: String
    var base: String
    var ids: [[Int32]]
    var decoded: [String]
    var marked: [String]
    var markedIDs: [[Int32]]
    var markedDecoded: [String]

    var testDescription: String { name }
  }

  var texts: [String]
  var variants: [Variant]

  private static let folder = Fixture.folder + "/foreign"

  static let shared: ForeignFixture? = try? JSONDecoder().decode(
    ForeignFixture.self, from: Data(FileContents.read(folder + "/cases.json.gz")))

  /// The text of one of the `tokenizer.json` files.
  static func json(_ base: String) throws -> [UInt8] {
    try FileContents.read("\(folder)/\(base).tokenizer.json.gz")
  }

  /// The text of each variant's `tokenizer.json`: its base with some keys replaced.
  static let jsons: [String: [UInt8]] = {
    guard
      let cases = try? JSONSerialization.jsonObject(with: Data(FileContents.read(folder + "/cases.json.gz"))),
      let rows = (cases as? [String: Any])?["variants"] as? [[String: Any]]
    else { return [:] }
    var result: [String: [UInt8]] = [:]
    for row in rows {
      guard let name = row["name"] as? String, let base = row["base"] as? String else { continue }
      result[name] = try? altered(base, row["changes"] as? [String: Any] ?? [:])
    }
    return result
  }()

  /// The tokenizers of the variants by name.
  static let tokenizers: [String: Tokenizer] = jsons.compactMapValues { try? Tokenizer.parse($0) }

  /// A file with some keys of its top level replaced.
  static func altered(_ base: String, _ changes: [String: Any]) throws -> [UInt8] {
    if changes.isEmpty { return try json(base) }
    var content = try object(base)
    let characterMap = (try object("t5")["normalizer"] as? [String: Any])?["precompiled_charsmap"]
    for (key, value) in changes { content[key] = replaced(value, characterMap) }
    return Array(try JSONSerialization.data(withJSONObject: content))
  }

  static func object(_ base: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(json(base))) as? [String: Any] ?? [:]
  }

  private static func replaced(_ value: Any, _ characterMap: Any?) -> Any {
    switch value {
    case let text as String where text == "@character map": characterMap ?? text
    case let members as [String: Any]: members.mapValues { replaced($0, characterMap) }
    case let elements as [Any]: elements.map { replaced($0, characterMap) }
    default: value
    }
  }
}
