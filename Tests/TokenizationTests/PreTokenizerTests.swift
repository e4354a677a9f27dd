import Testing

@testable import Tokenization

@Suite struct PreTokenizerTests {
  @Test func workedExample() {
    #expect(words("I've  2 cats") == ["I", "'ve", " ", " 2", " cats"])
  }

  @Test func whiteSpaceLeavesItsLastCharacterToTheNextWord() {
    #expect(words("a   b") == ["a", "  ", " b"])
    #expect(words("a\n\nb") == ["a", "\n", "\n", "b"])
    #expect(words("a \n") == ["a", " \n"])
    #expect(words("   ") == ["   "])
    #expect(words("a\u{A0}b") == ["a", "\u{A0}", "b"])
  }

  @Test func contractionsAreLowerCaseAndStandAtTheStartOfAWord() {
    #expect(words("don't") == ["don", "'t"])
    #expect(words("DON'T") == ["DON", "'", "T"])
    #expect(words("!'s") == ["!'", "s"])
    #expect(words(" 's") == [" '", "s"])
    #expect(words("'l") == ["'", "l"])
  }

  @Test func malformedBytesAreOtherCharacters() {
    #expect(words([0x61, 0xFF, 0xC3, 0x21, 0x62]) == [[0x61], [0xFF, 0xC3, 0x21], [0x62]])
    // An encoded surrogate and an overlong slash are not characters either.
    #expect(words([0x61, 0xED, 0xA0, 0x80]) == [[0x61], [0xED, 0xA0, 0x80]])
    #expect(words([0x61, 0xC0, 0xAF]) == [[0x61], [0xC0, 0xAF]])
  }
}
