import Testing

@testable import Reporting

@Suite struct TableTests {
  private var table: Table {
    var table = Table([.init("task"), .init("score", .right)])
    table.append(["sst2", "81.7 ± 2.5"])
    table.append(["größe|x", "9"])
    return table
  }

  @Test func alignsPlainText() {
    #expect(
      table.plainText == """
        task          score
        -------  ----------
        sst2     81.7 ± 2.5
        größe|x           9

        """)
  }

  @Test func writesMarkdown() {
    #expect(
      table.markdown == """
        | task | score |
        | --- | ---: |
        | sst2 | 81.7 ± 2.5 |
        | größe\\|x | 9 |

        """)
  }

  /// A `Character` of Swift may be a line break of two scalars, or `|` with a mark.
  @Test func escapesInMarkdownWhatIsPartOfACharacter() {
    var table = Table([.init("a")])
    for cell in ["x\r\ny", "x\ry\n", "x|\u{301}y", "\n\r"] { table.append([cell]) }
    #expect(
      table.markdown == """
        | a |
        | --- |
        | x<br>y |
        | x<br>y<br> |
        | x\\|\u{301}y |
        | <br><br> |

        """)
  }

  @Test func anEmptyTableHasItsTitles() {
    #expect(Table([.init("a"), .init("b")]).plainText == "a  b\n-  -\n")
  }

  @Test func widthsAreThoseOfATerminal() {
    #expect(displayWidth("±–ä") == 3)
    #expect(displayWidth("a\u{308}") == 1)
    #expect(displayWidth("漢字") == 4)
  }
}
