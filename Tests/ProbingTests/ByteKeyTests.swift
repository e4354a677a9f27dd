import Records
import Testing

@testable import Probing

/// Words that are canonically equal are counted apart, as the bytes of their texts are.
@Suite struct ByteKeyTests {
  @Test func cueWords() {
    let counts = CueCounts(
      texts: [["caf\u{E9}"], ["cafe\u{301}"], ["cafe\u{301}"]], labels: [0, 1, 1], classCount: 2)
    #expect(counts.words.count == 2 && counts.counts == [1, 0, 0, 2])
    #expect(counts.number(of: "cafe\u{301}") == 1)
  }

  @Test func surfaceFeatures() {
    func example(_ first: String, _ second: String) -> Example {
      Example(identifier: "t/s/1", inputs: "", targets: "", fields: ["a": first, "b": second])
    }
    let features = SurfaceFeatures(fields: ["a", "b"], training: [example("caf\u{E9}", "x")])
    let values = Dictionary(
      uniqueKeysWithValues: zip(
        features.names, features(example("cafe\u{301}", "caf\u{E9}"), isInTraining: false)))
    #expect(values["overlap:a"] == 0 && values["unseen:a"] == 1 && values["unseen:b"] == 0)
  }
}
