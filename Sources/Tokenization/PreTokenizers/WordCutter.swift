/// The second stage of encoding, for models that are not byte-level: what cuts text into words.
protocol WordCutter: Sendable {
  /// Cuts the words of `text` further; may rewrite its bytes.
  /// - Parameter isStart: whether the text is the beginning of what is encoded, with no special token before it.
  func cut(_ text: inout WordList, isStart: Bool)
}
