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

/// A log of a run that was killed or went back is that of a run which was not.
@Suite struct ResumedEventLogTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  private func resumed(from step: Int, _ lines: [String]) throws -> (lines: [String], endsWithSave: Bool) {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    let log = try EventLog(path: path, resumingFrom: step)
    let kept = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    return (kept, log.endsWithSave)
  }

  private func event(_ name: String, _ step: Int) -> String { #"{"event":"\#(name)","step":\#(step)}"# }

  @Test func itIsCutAfterTheCheckpoint() throws {
    let kept = [event("heldOut", 0), event("step", 4), event("saved", 4)]
    let found = try resumed(from: 4, kept + [event("heldOut", 4), event("step", 8)])
    #expect(found.lines == kept && found.endsWithSave)
  }

  /// The process died between the checkpoint and the line.
  @Test func itSaysWhenTheSaveIsMissing() throws {
    let kept = [event("heldOut", 0), event("step", 4)]
    let found = try resumed(from: 4, kept)
    #expect(found.lines == kept && !found.endsWithSave)
  }

  @Test func whatWasGoneBackOnStays() throws {
    let first = [event("step", 4), event("saved", 4), event("step", 5), event("step", 9)]
    let back = first + [event("rolledBack", 4), event("step", 5), event("step", 7)]
    #expect(try resumed(from: 7, back).lines == back)
    #expect(try resumed(from: 4, back).lines == Array(first.prefix(2)))
    let saved = back + [event("saved", 7)]
    #expect(try resumed(from: 7, saved + [event("step", 8)]).lines == saved)
  }

  /// Someone removed the later checkpoint to go on from the one before.
  @Test func anEarlierCheckpointIsFound() throws {
    let lines = [event("saved", 4), event("step", 5), event("saved", 8), event("step", 9)]
    #expect(try resumed(from: 4, lines).lines == [event("saved", 4)])
  }
}
