/// Cuts into runs of word characters and runs of what is neither word nor white space, `\w+|[^\w\s]+`; white space is
/// dropped. The pre-tokeniser `Whitespace` of Hugging Face tokenizers.
///
/// Worked example: "can't  go!?" is cut into `can` `'` `t` `go` `!?`.
struct WordRunCutter: WordCutter {
  func cut(_ text: inout WordList, isStart: Bool) {
    let flags = TextCharacters.shared.flags
    let table = ScalarTable.plainWords
    var result: [Range<Int>] = []
    for word in text.words {
      var (start, kind) = (word.lowerBound, Kind.space)
      text.forEachScalar(of: word) { scalar, range in
        let next: Kind =
          if let scalar, table.contains(scalar) {
            .word
          } else if let scalar, flags[Int(scalar)] & TextCharacters.space != 0 {
            .space
          } else {
            .other
          }
        guard next != kind else { return }
        if kind != .space { result.append(start..<range.lowerBound) }
        (start, kind) = (range.lowerBound, next)
      }
      if kind != .space { result.append(start..<word.upperBound) }
    }
    text.words = result
  }

  private enum Kind { case space, word, other }
}
