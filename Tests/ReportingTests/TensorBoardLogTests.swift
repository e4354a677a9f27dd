import Foundation
import Testing

@testable import Reporting

/// Event files are those that TensorBoard's own writer makes, to the byte.
@Suite struct TensorBoardLogTests {
  private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/tensorboard/events.json")

  @Test func filesAreThoseOfTensorBoard() throws {
    let found = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.fixture)) as? [String: Any]
    let expected = try #require(found?["file"] as? String)
    let values = try #require(found?["values"] as? [[Any]])
    let events = try values.map { row in
      let value = try #require(row[3] as? String)
      return ScalarEvent(
        time: try #require(row[0] as? Double), step: try #require(row[1] as? Int), tag: try #require(row[2] as? String),
        value: try #require(Double(value)))
    }
    #expect(TensorBoardLog.bytes(events).map { String(format: "%02x", $0) }.joined() == expected)
  }

  @Test func nothingIsAnEmptyFile() {
    #expect(TensorBoardLog.bytes([]).isEmpty)
  }

  private static let known: [([UInt8], UInt32)] = [
    (Array(repeating: 0, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E), (Array("123456789".utf8), 0xE306_9283),
  ]

  /// RFC 3720, B.4.
  @Test(arguments: known) func sums(_ bytes: [UInt8], _ expected: UInt32) {
    #expect(TensorBoardLog.crc32c(bytes) == expected)
  }
}
