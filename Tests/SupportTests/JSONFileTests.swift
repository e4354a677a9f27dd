import Foundation
import Support
import Testing

@Suite struct JSONFileTests {
  private struct Scores: Codable, Equatable {
    var values: [Double]
    var part: Float
    var name: String
  }

  private let folder: TemporaryFolder
  private let scores = Scores(values: [.infinity, -.infinity, 0.1], part: -.infinity, name: "a/b")

  init() throws { folder = try TemporaryFolder() }

  /// Written by hand, as a program in another language would meet them.
  @Test func numbersThatJSONHasNoWordForAreStrings() throws {
    let line = #"{"name":"a/b","part":"-Infinity","values":["Infinity","-Infinity",0.1]}"#
    #expect(try String(decoding: JSONFile.line(scores), as: UTF8.self) == line)
    #expect(try JSONFile.value(Scores.self, in: line.utf8) == scores)
    #expect(try String(decoding: JSONFile.line([Double.nan]), as: UTF8.self) == #"["NaN"]"#)
    #expect(try JSONFile.value([Double].self, in: #"["NaN"]"#.utf8)[0].isNaN)
  }

  /// A study that had no score for one of its trials could not be written, after all its training.
  @Test func theyAreReadFromWhereTheyAreWritten() throws {
    let path = folder.path("scores.json")
    try JSONFile.write(scores, to: path)
    #expect(try JSONFile.read(Scores.self, from: path) == scores)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasPrefix("{\n  \"name\" : \"a/b\",\n") && text.hasSuffix("}\n"))
    var lines = JSONLines()
    try lines.append(scores)
    try lines.append(scores)
    try lines.write(to: path)
    let read = try FileContents.lines(path).map { try JSONFile.value(Scores.self, in: $0.utf8) }
    #expect(read == [scores, scores])
  }

  /// Other strings are no numbers.
  @Test(arguments: ["nan", "inf", "1", "+Infinity"]) func otherStringsAreNone(_ text: String) throws {
    let path = folder.path("scores.json")
    try Data(#"{"name":"","part":0,"values":[1,"\#(text)"]}"#.utf8).write(to: URL(fileURLWithPath: path))
    let failure = #expect(throws: GraftError.self) { try JSONFile.read(Scores.self, from: path) }
    #expect(failure?.code == .badData && failure?.message.contains("'values.[1]'") == true, "\(failure!)")
  }
}
