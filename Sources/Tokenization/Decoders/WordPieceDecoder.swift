/// A space before each token that does not carry the continuing prefix, except before some English punctuation if the
/// text is cleaned up.
///
/// Worked example: `un` `##able` `,` `can` is "unable, can".
struct WordPieceDecoder: TokenDecoder {
  /// What Hugging Face tokenizers replaces in each token and its space.
  private static let replacements: [(from: [UInt8], to: [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  var prefix: [UInt8]
  var cleansUp: Bool

  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8]) {
    var token = Array(piece)
    if !isFirst {
      if token.starts(with: prefix) { token.removeFirst(prefix.count) } else { token.insert(0x20, at: 0) }
    }
    if cleansUp, token.contains(0x20) {
      for (from, to) in Self.replacements { token = token.replacing(from, with: to) }
    }
    text += token
  }

  func byteCount(of piece: some RandomAccessCollection<UInt8>) -> Int {
    piece.count - (piece.starts(with: prefix) ? prefix.count : 0)
  }
}
