import Foundation
import Support
import Testing

@Suite struct YAMLBoundTests {
  private func expectRefusal(_ text: String) {
    let error = #expect(throws: GraftError.self) { _ = try YAMLValue(parsing: text, file: "a.yaml") }
    #expect(error?.code == .badData)
    #expect(error?.location?.file == "a.yaml")
  }

  @Test func aliasesThatMultiplyAreRefused() {
    var nines = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    var twos = "a0: &a0 x\n"
    for level in 1...9 {
      let row = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      nines += "a\(level): &a\(level) [\(row)]\n"
    }
    for level in 1...64 { twos += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    expectRefusal(nines)
    expectRefusal(twos)
  }

  @Test func aliasesThatMultiplyInKeysAreRefused() {
    var text = "a0: &a0 x\n"
    for level in 1...40 { text += "a\(level): &a\(level) {k: *a\(level - 1), l: *a\(level - 1)}\n" }
    expectRefusal(text + "? *a40\n: x\n")
    expectRefusal(text + "*a40 : x\n")
    expectRefusal(text + "? [*a40]\n: x\n")
    expectRefusal(text + "b: {[*a40]: x}\n")
  }

  @Test func usualAliasesAreRead() throws {
    let text = "base: &base {a: 1}\n" + (0..<200).map { "k\($0): *base\n" }.joined()
    #expect(try YAMLValue(parsing: text, file: "a.yaml").entries().count == 201)
  }

  @Test func deepNestingIsRefused() {
    for depth in [101, 5000] {
      expectRefusal(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    }
    expectRefusal((0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined())
  }

  @Test func byteOrderMarksAreReadOver() throws {
    let folder = try TemporaryFolder()
    try folder.put("\u{FEFF}a: 1\n", in: "a.yaml")
    #expect(try YAMLValue.file(folder.path("a.yaml")).entries().map(\.key) == ["a"])
  }
}
