import Foundation
import Reporting
import Testing

@Suite struct AnsweredRowTests {
  private static let rows: [AnsweredRow] = {
    var first = AnsweredRow(index: 0, line: 2, identifier: "7", prediction: "good", fileLabel: "1")
    (first.probabilities, first.choices, first.choice) = ([0.25, 0.75], ["bad", "good"], 1)
    first.fields = ["text": "a\t\"b\",\nc"]
    var second = AnsweredRow(index: 1, line: 4, identifier: "9", prediction: "odd", fileLabel: "odd")
    second.choices = ["bad", "good"]
    second.fields = ["text": ""]
    return [first, second]
  }()

  private func text(_ format: AnsweredRowFormat, fields: [String] = ["text"]) throws -> String {
    var writer = AnsweredRowWriter(format, choices: ["bad", "good"], fields: fields)
    return try Self.rows.map { try writer.text($0) }.joined()
  }

  @Test func tables() throws {
    #expect(
      try text(.tsv)
        == "index\tid\tprediction\tprobability\tprobability:bad\tprobability:good\ttext\n"
        + "0\t7\tgood\t0.750000\t0.250000\t0.750000\ta\\t\"b\",\\nc\n1\t9\todd\t\t\t\t\n")
    #expect(
      try text(.csv)
        == "index,id,prediction,probability,probability:bad,probability:good,text\n"
        + "0,7,good,0.750000,0.250000,0.750000,\"a\t\"\"b\"\",\nc\"\n1,9,odd,,,,\n")
    #expect(try text(.lines) == "good\nodd\n")
  }

  @Test func submissions() throws {
    #expect(try text(.glue) == "index\tprediction\n7\t1\n9\todd\n")
    #expect(try text(.superglue) == "{\"idx\":7,\"label\":1}\n{\"idx\":9,\"label\":\"odd\"}\n")
  }

  @Test func objects() throws {
    let lines = try text(.jsonl).split(separator: "\n")
    let first = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
    #expect(first["prediction"] as? String == "good" && first["line"] as? Int == 2 && first["id"] as? String == "7")
    #expect(first["probabilities"] as? [String: Double] == ["bad": 0.25, "good": 0.75])
    #expect(first["fields"] as? [String: String] == ["text": "a\t\"b\",\nc"])
    #expect(try !text(.jsonl, fields: []).contains("fields"))
  }

  private static let names: [(String, AnsweredRowFormat?)] = [
    ("a.tsv", .tsv), ("a/b.csv", .csv), ("x.jsonl", .jsonl), ("x.txt", .lines), ("x", nil),
  ]

  @Test(arguments: names) func formatsByName(_ path: String, _ expected: AnsweredRowFormat?) {
    #expect(AnsweredRowFormat(path: path) == expected)
  }
}
