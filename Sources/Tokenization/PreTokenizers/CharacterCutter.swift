/// Makes every character (Unicode scalar) a word.
struct CharacterCutter: WordCutter {
  /// The regular expression that means it in `tokenizer.json`.
  static let expression = #"[\s\S]"#

  func cut(_ text: inout WordList, isStart: Bool) {
    var result: [Range<Int>] = []
    for word in text.words { text.forEachScalar(of: word) { result.append($1) } }
    text.words = result
  }
}
