import Foundation
import Support
import Testing

@Suite struct GraftErrorTextTests {
  @Test func longPartsLoseTheirMiddle() {
    let name = String(repeating: "x", count: 5_000_000)
    let error = GraftError(
      .badData, "no '\(name)' here", hint: "known: \(name).",
      location: SourceLocation(file: name, line: 3))
    #expect(error.description.utf8.count < 6000)
    #expect(error.description.hasPrefix("no 'xxx"))
    #expect(error.description.contains(" here"))
    #expect(error.description.contains(":3)"))
    let unknown = GraftError.unknownName("column", "y", known: [name, "short"])
    #expect(unknown.description.utf8.count < 500)
    #expect(unknown.description.contains("short"))
    // One "character" of megabytes.
    let marks = "e" + String(repeating: "\u{301}", count: 1_000_000)
    #expect(GraftError.shown(marks).utf8.count < 2000)
  }

  @Test func controlCharactersAreSpelledOut() {
    #expect(GraftError.shown("a\u{1B}[31mb\nc\td\u{202E}") == "a\\u{1b}[31mb\nc\td\\u{202e}")
    #expect(GraftError(.usage, "\u{1B}]0;title\u{7}").description == "\\u{1b}]0;title\\u{7}")
  }

  @Test func reasonsOfFoundationAreWords() throws {
    let folder = try TemporaryFolder()
    do {
      _ = try FileManager.default.contentsOfDirectory(atPath: folder.path("none"))
      Issue.record("listed a folder that is not there")
    } catch {
      let text = GraftError(.inputOutput, "cannot list", cause: error).description
      #expect(!text.contains("Domain") && !text.contains("Code="))
      #expect(text.lowercased().contains("no such file"))
    }
    let other = NSError(domain: "NSXMLParserErrorDomain", code: 68)
    #expect(GraftError.reason(other) == "error 68 (NSXMLParserErrorDomain)")
    struct Value: Decodable { var key: [Int] }
    for (json, part) in [("{\"key\": [1, \"x\"]}", "key"), ("{", "JSON"), ("{}", "key")] {
      do {
        _ = try JSONDecoder().decode(Value.self, from: Data(json.utf8))
        Issue.record("decoded \(json)")
      } catch {
        let text = GraftError.reason(error)
        #expect(!text.contains("Domain") && !text.contains("CodingKeys("), "\(text)")
        #expect(text.contains(part), "\(text)")
      }
    }
  }
}
