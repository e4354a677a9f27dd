import Records

/// Every word of the vocabulary is a token, every other word the unknown token.
final class WordLevelModel: TokenModel {
  private let words = ByteTrie()
  private let unknown: TokenID

  let takesAnyBytes = false

  /// - Parameter pieces: the text of each id; empty for ids that no text becomes.
  init(pieces: [[UInt8]], unknown: TokenID) {
    for (id, piece) in pieces.enumerated() where !piece.isEmpty { words.insert(piece, TokenID(id)) }
    self.unknown = unknown
  }

  func makeWorker() -> any TokenModelWorker { Worker(model: self) }

  private final class Worker: TokenModelWorker {
    private let model: WordLevelModel

    init(model: WordLevelModel) { self.model = model }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
      let match = model.words.longestMatch(in: word, length, from: 0)
      tokens.append(match.token >= 0 && match.length == length ? match.token : model.unknown)
    }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], ends: inout [Int]) {
      append(word, length, to: &tokens)
      ends.append(length)
    }
  }
}
