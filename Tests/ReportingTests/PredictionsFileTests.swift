import Foundation
import Records
import Scoring
import Support
import Testing

@testable import Reporting

@Suite struct PredictionsFileTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  @Test func comesBackAsItWas() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let examples = [
      AnsweredExample(
        identifier: "nli/test/1", target: "neutral",
        answer: Prediction(text: "entailment", choice: 0, choiceScores: [-0.1, -.infinity]),
        reference: Reference(text: "neutral", choice: 1)),
      AnsweredExample(
        identifier: "sts/test/2", target: "3.8", answer: Prediction(text: "a\n\"b\""),
        reference: Reference(text: "3.8", alternatives: ["3.80"], number: 3.75)),
    ]
    try PredictionsFile.write(examples, to: path)
    #expect(try PredictionsFile.read(path) == examples)
    #expect(try PredictionsFile.first(path) == examples[0])
    #expect(examples[0].answer.choiceScores == [-0.1, -.infinity])
    #expect(examples[1].reference.texts == ["3.8", "3.80"] && examples[1].reference.number == 3.75)
  }

  /// Graft 1 wrote no choices.
  @Test func linesWithoutChoicesAreRead() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try #"{"identifier":"a/b/1","prediction":"x","target":"y"}"#.write(
      toFile: path, atomically: true, encoding: .utf8)
    let read = try PredictionsFile.read(path)
    #expect(read.count == 1 && read[0].choice == nil && read[0].reference == Reference(text: "y"))
  }

  /// Numbers that no choice can be made by.
  @Test(arguments: [
    #"["NaN","NaN"]"#, #"[-0.1,"NaN"]"#, #"["Infinity",-1]"#, #"["-Infinity","-Infinity"]"#,
  ])
  func scoresThatAreNotFiniteAreRefused(_ scores: String) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let good = #"{"identifier":"a/b/1","prediction":"x","target":"y","choice":0,"choiceScores":[-1,-2]}"#
    let bad = #"{"identifier":"a/b/2","prediction":"x","target":"y","choice":0,"choiceScores":\#(scores)}"#
    try "\(good)\n\(bad)\n".write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: GraftError.self) { try PredictionsFile.read(path) }
    #expect(error?.code == .internalError && error?.location?.line == 2)
    #expect(error?.message.contains("a/b/2") == true)
  }

  @Test func refusesOtherLines() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "{\"identifier\":\"a/b/1\",\"prediction\":\"x\",\"target\":\"y\"}\n{\"event\":\"step\"}\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: GraftError.self) { try PredictionsFile.read(path) }
    #expect(error?.code == .badData && error?.location?.line == 2)
  }
}
