/// Cuts at white space and around punctuation, as BERT does.
///
/// Worked example: "can't  go" is cut into `can` `'` `t` `go`.
struct BertCutter: WordCutter {
  func cut(_ text: inout WordList, isStart: Bool) { text.cut(isolating: TextCharacters.punctuation) }
}
