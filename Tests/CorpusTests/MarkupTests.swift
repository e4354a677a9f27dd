import Testing

@testable import Corpus

/// The rules of markup, on lines of English Wikipedia, Wikinews and film reviews as they were found there.
@Suite struct MarkupTests {
  /// What a rule makes of a text and how many places it changed.
  private func clean(_ text: String, _ rules: CleaningRule...) -> (text: String?, count: Int) {
    var cleaner = DocumentCleaner(CleaningOptions(rules: Set(rules)))
    let result = Array(text.utf8).withUnsafeBytes { cleaner.clean($0) }
    return (result.map { String(decoding: $0, as: UTF8.self) }, rules.reduce(0) { $0 + cleaner.report[$1] })
  }

  @Test func lineBreaks() {
    #expect(clean("Wow.<br /><br />The Bad: it <br>ends</br>", .lineBreaks) == ("Wow.\n\nThe Bad: it\nends", 4))
    #expect(clean("a\n<br style=\"clear:left\">\nb", .lineBreaks) == ("a\n\nb", 1))
    #expect(clean("x <bra> y < br", .lineBreaks) == ("x <bra> y < br", 0))
  }

  @Test func entities() {
    #expect(clean("R&amp;B singer, &quot;pied&quot;", .htmlEntities) == ("R&B singer, \"pied\"", 3))
    #expect(clean("clich&#233;d &#x10c;etvorka a&amp;nbsp;b", .htmlEntities) == ("clichéd Četvorka a b", 4))
    // As they stand in reviews that lost their own escapes.
    #expect(clean("a Q&A; session, R&B; five- and", .htmlEntities) == ("a Q&A; session, R&B; five- and", 0))
    #expect(clean("&#1; &#x110000; AT&T; a & b;", .htmlEntities).count == 0)
  }

  @Test func templates() {
    #expect(clean("is {{IPA|a {{b}} c}} a town", .wikiTemplates) == ("is  a town", 1))
    #expect(clean("{{#if:x\n| y }}end", .wikiTemplates) == ("end", 1))
    let formula = #"\left(10^{10^{10}}\right)^{\left(10^{{10}^{10}}\right)}"#
    #expect(clean(formula, .wikiTemplates) == (formula, 0))
    #expect(clean("never {{ closes", .wikiTemplates) == ("never {{ closes", 0))
  }

  @Test func tables() {
    let text = """
      The tower.
      {| class="wikitable"
      |-
      |style="padding-left:0;text-align:left;"| 1921 est.
       |url=http://plato.stanford.edu/archives/
       | {{#if:||}}{{
      }}{{#if:
      class="wikitable succession-box" style="margin:0.5em auto;"
      |}
      __NOEDITSECTION__
      |x| is a norm.
      __init__ is Python, class 5 = six.
      """
    #expect(clean(text, .wikiTables) == ("The tower.\n|x| is a norm.\n__init__ is Python, class 5 = six.", 9))
  }

  @Test func links() {
    #expect(
      clean("In [[linear algebra]], [[w|2014 Games|the games]] began.", .wikiLinks)
        == ("In linear algebra, the games began.", 2))
    #expect(clean("a [[File:K.png|thumb|300px|The [[map]] b]] c", .wikiLinks) == ("a  c", 1))
    #expect(clean("[[Category:Pakistan]]x[[de:Staudammbruch]]y[[zh-yue:z]]", .wikiLinks) == ("xy", 3))
    #expect(clean("s of 2012[ [update]], Kim serves", .wikiLinks) == ("s of 2012, Kim serves", 1))
    #expect(clean("see [http://a.org/b the page] and [https://c.d].", .wikiLinks) == ("see the page and.", 2))
    let open = "the [[Republican Party (US)|Republican}}, President, array[[1, 2], 3]"
    #expect(clean(open, .wikiLinks) == (open, 0))
  }

  @Test func tags() {
    #expect(clean("H<sub>2</sub>O and <i>x</i></poem><hr/>", .htmlTags) == ("H2O and x", 6))
    #expect(clean("in 1643,<ref name=\"a\">Torricelli, p. 3.</ref> he<ref name=b />", .htmlTags) == ("in 1643, he", 2))
    #expect(clean("a<!-- hidden\nnote -->b", .htmlTags) == ("ab", 1))
    let text = "x <y and z> w; I <3 it; <ns>10</ns>; a <b; c"
    #expect(clean(text, .htmlTags) == (text, 0))
  }

  @Test func quotes() {
    #expect(
      clean("''Inside Politics'' show, '''''bold''''' and '''b'''.", .wikiQuotes)
        == ("Inside Politics show, bold and b.", 3))
    let text = "my fiancée''s fidelity ; `` It 's nice , '' he said '' and left ''"
    #expect(clean(text, .wikiQuotes) == (text, 0))
  }

  @Test func tailSections() {
    #expect(clean("Text here.\nSources.", .wikiTailSections) == ("Text here.", 1))
    let text = """
      The opera has been adapted.
      See also.
      NASA's Deep Impact probe strikes comet
      Legacy.
      It is still performed in many houses of the world today.
      == References ==
      Notes
      Cited sources
      This article incorporates text from the National Library of Medicine.
      """
    #expect(
      clean(text, .wikiTailSections).text == """
        The opera has been adapted.
        Legacy.
        It is still performed in many houses of the world today.
        This article incorporates text from the National Library of Medicine.
        """)
    #expect(clean(text, .wikiTailSections).count == 3)
    // At the start, within a line, and in small letters they are text.
    let plain = "References\nHe had references.\nsources\nNotes are taken."
    #expect(clean(plain, .wikiTailSections) == (plain, 0))
  }

  @Test func headings() {
    #expect(
      clean("=Sources=\n== The interview ==\n\n== The interview ==\nYes.", .wikiHeadings)
        == ("Sources\nThe interview\n\nYes.", 3))
    #expect(clean("a == b\n====\n= x", .wikiHeadings) == ("a == b\n====\n= x", 0))
  }

  @Test func brackets() {
    #expect(clean("Imran (). In, Connecticut (, ) is", .emptyBrackets) == ("Imran. In, Connecticut is", 2))
    #expect(clean("Kumquats (or cumquats) (; or ) are", .emptyBrackets) == ("Kumquats (or cumquats) are", 1))
    #expect(
      clean("Masefield, OM (; 1 June 1878 – 12 May 1967) was", .emptyBrackets)
        == ("Masefield, OM (1 June 1878 – 12 May 1967) was", 1))
    #expect(
      clean("Ezekiel (–); a Mojito (; ]) is; FEMA [] is", .emptyBrackets)
        == ("Ezekiel; a Mojito is; FEMA is", 3))
    #expect(clean("(, ), took a stance", .emptyBrackets) == (", took a stance", 1))
    let text = "each entry of prev[] and f() of (a) :() [ ] done"
    #expect(clean(text, .emptyBrackets) == (text, 0))
  }

  @Test func blankLinesStayWithMarkupOnly() {
    #expect(clean("Title\n\n\n\nText one.  \n", .emptyBrackets).text == "Title\n\nText one.")
    #expect(clean("Title.\n\n\nText.", .emptyBrackets, .lineEndMark).text == "Title.\nText.")
    #expect(clean("()", .emptyBrackets).text == nil)
  }

  @Test func plainTextIsUntouched() {
    let text = "A line, with (brackets) and \"quotes\" [1].\n\nIt's < 5 & > 3; it costs $3 = 4 | 5."
    var cleaner = DocumentCleaner(.markup)
    #expect(Array(text.utf8).withUnsafeBytes { cleaner.clean($0) } == Array(text.utf8))
    #expect(cleaner.report.counts.isEmpty && cleaner.report.linesKept == 2)
  }

  @Test func names() throws {
    #expect(try CleaningOptions.named(nil) == nil && CleaningOptions.named("none") == nil)
    #expect(try CleaningOptions.named("c4") == .c4 && CleaningOptions.named("markup") == .markup)
    #expect(
      try CleaningOptions.named("markup,citation-marks")?.rules == CleaningOptions.markup.rules.union([.citationMarks]))
    #expect(throws: (any Error).self) { try CleaningOptions.named("c4,c5") }
    // The key of tokens in caches: neither set has rules of the other.
    #expect(CleaningOptions.c4.rules.isDisjoint(with: CleaningOptions.markup.rules))
    #expect(CleaningOptions.c4.rules.count == 11 && CleaningOptions.markup.rules.count == 10)
  }
}
