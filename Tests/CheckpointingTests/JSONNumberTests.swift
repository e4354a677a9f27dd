import Support
import Testing

@Suite struct JSONNumberTests {
  private func number(_ text: String) throws -> Double? {
    var text = text
    let value = try text.withUTF8 { (bytes) throws(JSONSyntaxError) in
      try JSONValue(parsing: UnsafeRawBufferPointer(bytes))
    }
    guard case .number(let number) = value.kind else { return nil }
    return number
  }

  /// Found by `make fuzz`: they were read as infinity.
  @Test(arguments: ["1e2000", "-1e309", "1e999999999999999999999", "9" + String(repeating: "0", count: 400)])
  func numbersBeyondADoubleAreRefused(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try number(text) }
  }

  @Test func theLargestAndTheSmallestAreRead() throws {
    #expect(try number("1.7976931348623157e308") == .greatestFiniteMagnitude)
    #expect(try number("-1.7976931348623157e308") == -.greatestFiniteMagnitude)
    #expect(try number("5e-324") == .leastNonzeroMagnitude)
    #expect(try number("1e-2000") == 0)
    #expect(try number("123456789012345") == 123_456_789_012_345)
  }
}
