import Records

/// BPE of characters (Sennrich et al. 2016) as SentencePiece's models are kept for Llama 2 and Mistral: a word begins
/// as the tokens of its characters; a character without a token is spelled in the tokens of its bytes, `<0x00>` …
/// `<0xFF>`, or is unknown.
///
/// Worked example: with the tokens `▁` `a` `▁a` and the merge of the first two, the word `▁aé` is `▁a` `<0xC3>`
/// `<0xA9>`.
final class CharacterMergeModel: TokenModel {
  /// The token of each character.
  private let characters: ByteTrie
  private let pieces: [[UInt8]]
  /// The token of each byte; nil if characters without a token are unknown.
  private let byteIDs: [TokenID]?
  /// Nil if such characters are left out, as the peer does where no token is named.
  private let unknown: TokenID?
  /// Whether neighbouring unknown characters are one token.
  private let fusesUnknown: Bool
  /// The merges; it has no bytes of its own.
  let merging: MergeModel
  private let ignoresMerges: Bool
  private let words: ByteTrie?

  let takesAnyBytes = false

  init(
    pieces: [[UInt8]], merges: [(left: TokenID, right: TokenID, result: TokenID)], byteIDs: [TokenID]?,
    unknown: TokenID?, fusesUnknown: Bool, ignoresMerges: Bool
  ) {
    self.pieces = pieces
    self.byteIDs = byteIDs
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    self.ignoresMerges = ignoresMerges
    merging = MergeModel(byteIDs: [], merges: merges, pieces: pieces)
    characters = ByteTrie()
    let words = ignoresMerges ? ByteTrie() : nil
    for (id, piece) in pieces.enumerated() where !piece.isEmpty {
      words?.insert(piece, TokenID(id))
      if Self.characterLength(piece[0]) == piece.count { characters.insert(piece, TokenID(id)) }
    }
    self.words = words
  }

  private static func characterLength(_ first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }

  func makeWorker() -> any TokenModelWorker { Worker(model: self) }

  private final class Worker: TokenModelWorker {
    private let model: CharacterMergeModel
    private var merger = WordMerger()
    private var symbols: [TokenID] = []
    /// How many bytes each unknown token stands for.
    private var unknownLengths: [Int] = []

    init(model: CharacterMergeModel) { self.model = model }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
      // Positions are 32 bits wide. A word of a gigabyte is cut between two characters.
      let limit = 1 << 28
      guard length <= limit else {
        var end = limit
        while word[end] & 0xC0 == 0x80 { end -= 1 }
        append(word, end, to: &tokens)
        return append(word + end, length - end, to: &tokens)
      }
      if let whole = model.wholeWord(word, length) { return tokens.append(whole) }
      readSymbols(word, length)
      merger.append(symbols: symbols, model: model.merging, to: &tokens)
    }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], ends: inout [Int]) {
      if let whole = model.wholeWord(word, length) {
        tokens.append(whole)
        return ends.append(length)
      }
      let first = tokens.count
      readSymbols(word, length)
      merger.append(symbols: symbols, model: model.merging, to: &tokens)
      var (end, characterEnd) = (0, 0)
      var unknowns = unknownLengths[...]
      for token in tokens[first...] {
        if token == model.unknown, let length = unknowns.popFirst() {
          end += length
        } else if model.isByte(token), characterEnd > 0 || model.byteAt(word[end], is: token) {
          // The bytes of a character have one end.
          if characterEnd == 0 { characterEnd = end + CharacterMergeModel.characterLength(word[end]) }
          ends.append(min(characterEnd, length))
          end += 1
          if end >= characterEnd { characterEnd = 0 }
          continue
        } else {
          end += model.pieces[Int(token)].count
        }
        ends.append(end)
      }
    }

    private func readSymbols(_ word: UnsafePointer<UInt8>, _ length: Int) {
      symbols.removeAll(keepingCapacity: true)
      unknownLengths.removeAll(keepingCapacity: true)
      var start = 0
      var followsUnknown = false
      while start < length {
        let end = min(length, start + CharacterMergeModel.characterLength(word[start]))
        defer { start = end }
        let match = model.characters.longestMatch(in: word, end, from: start)
        if match.token >= 0, match.length == end - start {
          symbols.append(match.token)
          followsUnknown = false
        } else if let byteIDs = model.byteIDs {
          for offset in start..<end { symbols.append(byteIDs[Int(word[offset])]) }
        } else if let unknown = model.unknown {
          if followsUnknown, model.fusesUnknown {
            unknownLengths[unknownLengths.count - 1] += end - start
          } else {
            symbols.append(unknown)
            unknownLengths.append(end - start)
          }
          followsUnknown = true
        }
      }
    }
  }

  private func isByte(_ token: TokenID) -> Bool { byteIDs?.contains(token) == true }
  private func byteAt(_ byte: UInt8, is token: TokenID) -> Bool { byteIDs?[Int(byte)] == token }

  private func wholeWord(_ word: UnsafePointer<UInt8>, _ length: Int) -> TokenID? {
    guard let words else { return nil }
    let match = words.longestMatch(in: word, length, from: 0)
    return match.token >= 0 && match.length == length ? match.token : nil
  }
}
