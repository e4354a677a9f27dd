import Support
import Testing

@testable import Commands

/// Numbers as people write them in flags.
@Suite struct QuantityTests {
  @Test(arguments: [
    ("40K", 40_000), ("40k", 40_000), ("1.5G", 1.5e9), ("2e14", 2e14), ("36M", 36e6), ("7", 7), ("3t", 3e12),
  ]) func quantities(_ text: String, _ value: Double) {
    #expect(Quantity(argument: text)?.value == value)
  }

  @Test(arguments: ["", "K", "-4k", "0", "40 K", "4kk", "nan", "1e999"]) func noQuantities(_ text: String) {
    #expect(Quantity(argument: text) == nil)
  }

  @Test func parametersOfObjectives() throws {
    #expect(
      try assignments(["static-masks=true", "whole-words=False", "noise-density=0.2"])
        == ["static-masks": 1, "whole-words": 0, "noise-density": 0.2])
    for text in ["static-masks=yes", "static-masks", "static-masks=", "=3x"] {
      let error = #expect(throws: GraftError.self) { try assignments([text]) }
      #expect(error?.code == .usage && error?.hint?.contains("static-masks=true") == true)
    }
  }
}
