import Foundation
import Support
import Testing

@testable import Reporting

@Suite struct EventLogTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  private func content() throws -> String {
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func anEventIsALine() throws {
    let log = try EventLog(path: path)
    try log.append("start", ["text": "a \"b\"\n\u{1}ä", "flag": true, "list": .list([1, 2.5])])
    try log.append("step", step: 3, ["loss": .number(.nan), "rate": 0.001])
    #expect(
      try content() == """
        {"event":"start","flag":true,"list":[1,2.5],"text":"a \\"b\\"\\n\\u0001ä"}
        {"event":"step","step":3,"loss":"NaN","rate":0.001}

        """)
  }

  @Test func everyLineIsJSON() throws {
    let log = try EventLog(path: path)
    for step in 0..<20 {
      try log.append("step", step: step, ["loss": .number(Double(step) / 3), "name": .text("\u{7F}\\")])
    }
    for (step, line) in try content().split(separator: "\n").enumerated() {
      let object = try JSONDecoder().decode([String: Value].self, from: Data(line.utf8))
      #expect(object["step"]?.number == Double(step))
      #expect(object["loss"]?.number == Double(step) / 3)
      #expect(object["name"]?.text == "\u{7F}\\")
    }
  }

  private struct Value: Decodable {
    var number: Double?
    var text: String?
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      number = try? container.decode(Double.self)
      text = try? container.decode(String.self)
    }
  }

  @Test func resumingCutsWhatWillBeDoneAgain() throws {
    do {
      let log = try EventLog(path: path)
      try log.append("start")
      for step in [10, 20, 30] { try log.append("step", step: step) }
    }
    let log = try EventLog(path: path, resumingFrom: 20)
    try log.append("step", step: 30, ["again": true])
    #expect(
      try content() == """
        {"event":"start"}
        {"event":"step","step":10}
        {"event":"step","step":20}
        {"event":"step","step":30,"again":true}

        """)
  }

  @Test func resumingCutsAHalfWrittenLine() throws {
    try "{\"event\":\"step\",\"step\":1}\n{\"event\":\"st".write(
      toFile: path, atomically: true, encoding: .utf8)
    try EventLog(path: path, resumingFrom: 5).append("step", step: 2)
    #expect(try content() == "{\"event\":\"step\",\"step\":1}\n{\"event\":\"step\",\"step\":2}\n")
  }

  @Test func resumingWithoutALogStartsOne() throws {
    try EventLog(path: path, resumingFrom: 5).append("step", step: 6)
    #expect(try content() == "{\"event\":\"step\",\"step\":6}\n")
  }

  @Test func startingAnewEmptiesTheLog() throws {
    try "old\n".write(toFile: path, atomically: true, encoding: .utf8)
    _ = try EventLog(path: path)
    #expect(try content() == "")
  }

  @Test func aFolderThatIsNotThereIsAnError() {
    #expect(throws: GraftError.self) { try EventLog(path: path + "/no/events.jsonl") }
  }
}
