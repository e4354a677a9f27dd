import ModelKit
import Records
import TestSupport
import Testing

@testable import Inference

/// How much of a text a model sees where nothing is said.
@Suite struct InputLengthTests {
  private func length(_ family: String, _ change: (inout ModelConfiguration) -> Void = { _ in }) throws -> Int {
    var configuration = SmallModels.configuration(family)
    change(&configuration)
    return try TaskAnswerer.inputLength(configuration, 16, .continuation)
  }

  /// All positions but those of the answer; of a decoder without a limit 2048, not those of a prompt.
  @Test func decodersThatGoOnSeeAllTheyCan() throws {
    #expect(try length("gpt") { $0.sizes["maximumLength"] = 100 } == 84)
    #expect(try length("modern") { $0.sizes["maximumLength"] = nil } == 2032)
    #expect(try length("lstm") == 2032)
    #expect(try TaskAnswerer.inputLength(SmallModels.configuration("gpt"), 16, .prompt) == 128)
    #expect(try TaskAnswerer.inputLength(SmallModels.configuration("bert"), 16, nil) == 128)
  }
}
