/// Cuts at white space, which is dropped.
struct WhitespaceCutter: WordCutter {
  func cut(_ text: inout WordList, isStart: Bool) { text.cut(isolating: 0) }
}
