import Records

/// WordPiece (Schuster & Nakajima 2012; as in Devlin et al. 2019): from the left, the longest piece of the vocabulary
/// that the rest of the word begins with; pieces that do not begin the word carry a prefix. A word that cannot be cut
/// so to its end, or is too long, is one unknown token.
///
/// Worked example: with `un`, `##aff`, `##able`, `##afford`: "unaffordable" is `un` `##afford` `##able`, "unable" is
/// unknown unless `##able` follows `un`: `un` `##able`.
final class WordPieceModel: TokenModel {
  private let pieces = ByteTrie()
  /// The node of the continuing prefix; nil if no piece carries it.
  private let continuation: Int32?
  private let unknown: TokenID
  private let longestWord: Int

  let takesAnyBytes = false

  /// - Parameters:
  ///   - pieces: the text of each id, prefix included; empty for ids that no text becomes.
  ///   - longestWord: in characters; a longer word is unknown.
  init(pieces: [[UInt8]], continuingPrefix: [UInt8], unknown: TokenID, longestWord: Int) {
    for (id, piece) in pieces.enumerated() where !piece.isEmpty {
      self.pieces.insert(piece, TokenID(id))
    }
    continuation = self.pieces.node(of: continuingPrefix)
    self.unknown = unknown
    self.longestWord = longestWord
  }

  func makeWorker() -> any TokenModelWorker { Worker(model: self) }

  private final class Worker: TokenModelWorker {
    let model: WordPieceModel

    init(model: WordPieceModel) { self.model = model }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
      model.append(word, length, to: &tokens) { _ in }
    }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], ends: inout [Int]) {
      let first = tokens.count
      var pieceEnds: [Int] = []
      model.append(word, length, to: &tokens) { pieceEnds.append($0) }
      // An unknown word is one token, however many pieces were found before it came to be unknown.
      ends += tokens.count - first == 1 ? [length] : pieceEnds
    }
  }

  /// - Parameter body: called with the end of each piece as it is found.
  @inline(__always)
  private func append(
    _ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], _ body: (_ end: Int) -> Void
  ) {
    let first = tokens.count
    var isKnown = length <= longestWord || characterCount(word, length) <= longestWord
    var start = 0
    while isKnown, start < length {
      // Pieces and words are UTF-8, so a match always ends where a character ends.
      guard let root = start == 0 ? 0 : continuation else {
        isKnown = false
        break
      }
      let match = pieces.longestMatch(in: word, length, from: start, at: root)
      isKnown = match.token >= 0 && match.length > 0
      tokens.append(match.token)
      start += match.length
      body(start)
    }
    guard !isKnown else { return }
    tokens.removeSubrange(first...)
    tokens.append(unknown)
  }

  private func characterCount(_ word: UnsafePointer<UInt8>, _ length: Int) -> Int {
    (0..<length).count { word[$0] & 0xC0 != 0x80 }
  }
}
