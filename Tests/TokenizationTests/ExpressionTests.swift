import Testing

@testable import Tokenization

/// Regular expressions in the syntax of Oniguruma. What they match on texts of many kinds is compared with it in
/// StageTests and by Tests/Interoperability/tokenizers.sh.
@Suite struct ExpressionTests {
  private func matches(_ expression: String, _ text: String) throws -> [String] {
    let compiled = try RegularExpression(expression)
    let bytes = Array(text.utf8)
    var result: [String] = []
    compiled.withMatcher { matcher in
      bytes.withUnsafeBufferPointer { buffer in
        matcher.forEachMatch(in: buffer) { result.append(String(decoding: buffer[$0..<$1], as: UTF8.self)) }
      }
    }
    return result
  }

  /// As the Python package `tokenizers` 0.23 gives them.
  @Test(arguments: [
    (#"$"#, "a\nb", ["", ""]), ("(?i:a??)*+", "b", ["", ""]), (#"^"#, "a\nb\n", ["", ""]), (#"\Z"#, "a\n", ["", ""]),
    (#"\z"#, "a\n", [""]),
    ("b*", "abbc", ["", "bb", ""]), ("", "ab", ["", "", ""]), ("a{,2}", "aaa", ["aa", "a"]),
    ("a{2}?", "aaa", ["aa", ""]), ("a{2}+", "aaaaaa", ["aaaaaa"]), ("a{1,2}+a", "aaaa", ["aaaa"]), ("a++a", "aaa", []),
    ("a{", "a{", ["a{"]), ("a{x}", "a{x}", ["a{x}"]), ("(?i:'s)", "'ſ", ["'ſ"]), ("(?i:k)", "\u{212A}", ["\u{212A}"]),
    ("(?i:[^k])", "\u{212A}kx", ["x"]), ("(?m:a.b)", "a\nb", ["a\nb"]), ("a.b", "a\nb a\rb", ["a\rb"]),
    (#"\bx\b"#, "x xx \u{200D}x", ["x", "x"]), ("[a-]", "a-b", ["a", "-"]), ("[]a]", "]a", ["]", "a"]),
    ("[a[bc]]", "abc", ["a", "b", "c"]), ("[^a&&b]", "abc", ["a", "b", "c"]), ("[a-c&&[^b]]", "abc", ["a", "c"]),
    ("[[:^space:]]", "a b", ["a", "b"]), (#"\x41\x{42}\u0043"#, "ABC", ["ABC"]), (#"\h+"#, "fg9", ["f", "9"]),
    ("(?<=a|bc)x", "ax bcx", ["x", "x"]), ("(?>a+)a", "aaa", []), ("a||b", "ab", ["a", ""]),
    (#"\w+"#, "a²_\u{200C}b", ["a²_", "b"]), (#"a(?i)b|c"#, "aB aC c", ["aB", "aC"]),
    (#"\s"#, "\u{85}\u{B}\u{180E}", ["\u{85}", "\u{B}"]),
  ]) func matchLikeOniguruma(_ expression: String, _ text: String, _ wanted: [String]) throws {
    #expect(try matches(expression, text) == wanted)
  }

  @Test(arguments: [
    #"\X"#, #"\R"#, #"\K"#, #"(a)\1"#, "(?<n>a)", "(?~a)", "(?x)a", "(?s:a)", "(?i:ss)", "(?i:é)", "(?i:[é])", "*a",
    "a|)", "(a",
    "[a", "[]", "[z-a]", #"[a-\d]"#, #"[\p{L}-z]"#, #"\p{Nonsense}"#, #"\p{L"#, #"\x{110000}"#, "a{3,1}", "a{100000}",
    "\\",
    "(?<=a+)b", "(?:a?)*?b", "(?:a|){2,}?", #"\101"#, #"\G"#, #"\N"#,
  ]) func othersAreRefused(_ expression: String) {
    #expect(throws: ExpressionError.self) { try RegularExpression(expression) }
  }

  @Test func characterSets() {
    #expect(ScalarSet([5...9, 1...3, 4...4]).ranges == [1...9])
    #expect(ScalarSet.all.inverted.isEmpty)
    let letters = ScalarSet.categories(["L"])
    #expect(letters == ScalarSet(pairs: CharacterRanges.letters))
    #expect(ScalarSet.categories(["N"]) == ScalarSet(pairs: CharacterRanges.numbers))
    #expect(letters.union(letters.inverted) == .all && letters.intersection(letters.inverted).isEmpty)
    #expect(ScalarSet.categories(["Cn"]).contains(0x378) && !ScalarSet.categories(["Cn"]).contains(0x41))
  }

  /// The worked example of `SplitBehavior`.
  @Test(arguments: [
    (SplitBehavior.removed, ["the", "final", "countdown"]),
    (.isolated, ["the", "-", "final", "-", "-", "countdown"]),
    (.mergedWithPrevious, ["the-", "final-", "-", "countdown"]),
    (.mergedWithNext, ["the", "-final", "-", "-countdown"]),
    (.contiguous, ["the", "-", "final", "--", "countdown"]),
  ]) func behaviors(_ behavior: SplitBehavior, _ wanted: [String]) {
    var text = WordList(Array("the-final--countdown".utf8))
    PatternCutter(pattern: .text(.text([0x2D])), behavior: behavior).cut(&text, isStart: true)
    #expect(text.words.map { String(decoding: text.bytes[$0], as: UTF8.self) } == wanted)
  }
}
