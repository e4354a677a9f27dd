import Support
import TestSupport
import Testing

@testable import StressTesting

@Suite struct ByteKeyTests {
  @Test func labelsAndWords() throws {
    let pair = ["caf\u{E9}", "cafe\u{301}"]
    let merged = MergedLabels(choices: pair + ["x"], expected: [[pair[0]], [pair[1], "x"]])
    #expect(merged.classes.count == 2 && merged(pair[0]).isExactly(pair[0]))
    #expect(merged(pair[1]).isExactly("\(pair[1])-or-x"))
    let vocabulary = TrainingVocabulary(Array(repeating: pair[0], count: TrainingVocabulary.minimumCount))
    #expect(vocabulary.contains(pair[0]) && !vocabulary.contains(pair[1]))
    // Both spellings of a word may stand in a list, the same one twice may not.
    let list = "words: [\"\(pair[0])\", \"\(pair[1])\"]\n"
    #expect(try Lexicon(YAMLValue(parsing: list, file: "l")).lists["words"]?.count == 2)
    #expect(throws: GraftError.self) {
      try Lexicon(YAMLValue(parsing: "words: [\"\(pair[0])\", \"\(pair[0])\"]\n", file: "l"))
    }
  }
}
