import Inference
import Support
import Testing

/// What comes with this build.
@Suite struct ReleasedModelsTests {
  /// Every model opens, is in 16 bits, and has a card that says what people have to know.
  @Test func everyModelOpensAndHasACard() throws {
    #expect(ReleasedModels.names.contains("rootstock-mini"))
    for name in ReleasedModels.names {
      let (saved, configuration, _) = try ModelFolder.open(name)
      #expect(configuration.family == "modern")
      #expect(saved.tensors.allSatisfy { $0.type == .bfloat16 })
      let card = String(decoding: try FileContents.read("\(saved.path)/README.md"), as: UTF8.self)
      for part in ["CC BY-SA", "operations", "not for"] { #expect(card.contains(part), "\(name): \(part)") }
    }
  }

  @Test func aNameNobodyHasIsRefused() throws {
    let error = #expect(throws: GraftError.self) { try ModelFolder.resolve("rootstock-mni") }
    #expect(error?.code == .missingInput && error?.hint?.contains("did you mean 'rootstock-mini'") == true)
    #expect(ReleasedModels.path("rootstock") == nil)
  }
}
