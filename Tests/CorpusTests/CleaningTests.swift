import Testing

@testable import Corpus

@Suite struct CleaningTests {
  /// Three sentences that no rule objects to.
  private static let good = "This line has five words. So does this one here.\nAnd this is the third line."

  private func clean(
    _ text: String, _ rule: CleaningRule, badWords: Set<String> = []
  ) -> (text: String?, count: Int) {
    var cleaner = DocumentCleaner(CleaningOptions(rules: [rule], badWords: badWords))
    let result = Array(text.utf8).withUnsafeBytes { cleaner.clean($0) }
    return (result.map { String(decoding: $0, as: UTF8.self) }, cleaner.report[rule])
  }

  @Test func goodTextIsKept() {
    var cleaner = DocumentCleaner(.c4Deduplicated)
    let result = Array(Self.good.utf8).withUnsafeBytes { cleaner.clean($0) }
    #expect(result == Array(Self.good.utf8))
    #expect(cleaner.report.counts.isEmpty)
    #expect(cleaner.report.linesKept == 2)
    #expect(cleaner.report.bytesKept == Self.good.utf8.count)
  }

  @Test func everyLineRule() {
    let long = String(repeating: "é", count: 1001)
    #expect(clean("a \(long) b\nshort", .lineLongWord) == ("short", 1))
    #expect(clean("a \(long.dropLast()) b", .lineLongWord).count == 0)
    #expect(
      clean("Cats[1] sleep.[citation needed]\nHead [edit]\nArray[i] stays [a1].", .citationMarks)
        == ("Cats sleep.\nHead\nArray[i] stays [a1].", 2))
    #expect(
      clean("Ends. \nno end\nEnds?\nEnds!\n\"Ends\"\ntrails off...\nends;", .lineEndMark)
        == ("Ends.\nEnds?\nEnds!\n\"Ends\"", 3))
    #expect(
      clean("one two three four\none two  three four five", .lineTooShort)
        == ("one two  three four five", 1))
    #expect(clean("Please enable JavaScript now.\nkept", .lineJavascript) == ("kept", 1))
    #expect(
      clean("See our Privacy Policy.\nWe use cookies.\nThis site uses cookies\ncookies", .linePolicy)
        == ("cookies", 3))
    #expect(clean("One line.\n  one LINE. \nTwo.", .lineDuplicate) == ("One line.\nTwo.", 1))
  }

  @Test func everyDocumentRule() {
    #expect(clean(String(repeating: "é", count: 190_001), .documentTooLong) == (nil, 1))
    #expect(clean(String(repeating: "é", count: 190_000), .documentTooLong).count == 0)
    #expect(clean("fine\nLorem Ipsum dolor", .documentLoremIpsum) == (nil, 1))
    #expect(clean("fine\nif (x) {", .documentCurlyBracket) == (nil, 1))
    #expect(clean("what a Darn thing", .documentBadWord, badWords: ["darn"]) == (nil, 1))
    #expect(clean("what a darning thing", .documentBadWord, badWords: ["darn"]).count == 0)
    #expect(clean("One. Two.", .documentTooFewSentences) == (nil, 1))
    #expect(clean("One. Two.\nthree", .documentTooFewSentences).count == 0)
  }

  @Test func sentences() {
    #expect(DocumentCleaner.sentences(Array("He said \"No.\" Why? 3.5 is fine.".utf8)) == 3)
    #expect(DocumentCleaner.sentences(Array("Wait... what?! (Yes.)".utf8)) == 3)
    #expect(DocumentCleaner.sentences(Array("no mark".utf8)) == 1)
  }

  @Test func repeatedLinesAreSeenAcrossDocuments() {
    var cleaner = DocumentCleaner(CleaningOptions(rules: [.lineDuplicate]))
    let first = Array("A line.\nB line.".utf8).withUnsafeBytes { cleaner.clean($0) }
    let second = Array("b LINE.\nC line.".utf8).withUnsafeBytes { cleaner.clean($0) }
    #expect(first == Array("A line.\nB line.".utf8))
    #expect(second == Array("C line.".utf8))
  }

  @Test func rulesApplyInOrder() {
    // The citation goes first, so the line then ends like a sentence; too short is counted after the end
    // mark.
    var cleaner = DocumentCleaner(.c4)
    let text = "This one ends with citation.[12]\nToo short.\nno end mark and also quite long\n" + Self.good
    let result = Array(text.utf8).withUnsafeBytes { cleaner.clean($0) }
    #expect(result == Array(("This one ends with citation.\n" + Self.good).utf8))
    #expect(cleaner.report[.citationMarks] == 1)
    #expect(cleaner.report[.lineEndMark] == 1)
    #expect(cleaner.report[.lineTooShort] == 1)
    #expect(cleaner.report.linesRead == 5)
    #expect(cleaner.report.linesKept == 3)
  }
}
