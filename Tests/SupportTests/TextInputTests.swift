import Foundation
import Support
import Testing

@Suite struct TextInputTests {
  @Test(
    arguments: [
      ([], ""), ([0xEF, 0xBB, 0xBF], ""), ([0xFF, 0xFE], ""), (Array("a".utf8), "a"), ([0xFF, 0xFE, 0x61, 0], "a"),
    ] as [([UInt8], String)])
  func askingWhetherThereIsTextReadsNone(_ bytes: [UInt8], _ text: String) throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path("text")))
    let input = try TextInput(folder.path("text"))
    #expect(input.isEmpty == text.isEmpty)
    var read: [UInt8] = []
    while try input.read(into: &read) {}
    #expect(String(decoding: read, as: UTF8.self) == text)
    #expect(input.isEmpty == text.isEmpty)
  }
}
