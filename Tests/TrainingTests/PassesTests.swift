import Testing
import Training

@Suite struct PassesTests {
  /// 30,000 examples' worth, between 3 and 20 passes.
  @Test(arguments: [(500, 20.0), (1500, 20), (3000, 10), (10_000, 3), (67_349, 3), (0, 20)])
  func fewExamplesAreReadMoreOften(_ examples: Int, _ passes: Double) {
    #expect(Passes.automatic(examples: examples) == passes)
  }

  @Test func textAndBack() {
    for text in ["auto", "3", "0.5"] { #expect(Passes(argument: text)?.description == text) }
    for text in ["", "automatic", "three"] { #expect(Passes(argument: text) == nil) }
  }
}
