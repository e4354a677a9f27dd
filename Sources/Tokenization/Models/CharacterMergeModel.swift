import Records

/// BPE of characters (Sennrich et al. 2016), as SentencePiece's models are kept for Llama 2 and Mistral and the first
/// ones were: a word begins as the tokens of its characters; a character without a token is spelled in the tokens of
/// its bytes, `<0x00>` … `<0xFF>`, or is unknown.
///
/// Worked examples: with the tokens `▁` `a` `▁a` and the merge of the first two, the word `▁aé` is `▁a` `<0xC3>`
/// `<0xA9>`. With the suffix `</w>` and the merge of `a` and `t</w>`, the word `at` is `at</w>`.
final class CharacterMergeModel: TokenModel {
  /// What the tokens of a word look like besides their characters.
  struct Affixes {
    /// Begins every character but the first.
    var prefix: [UInt8] = []
    /// Ends the last.
    var suffix: [UInt8] = []
  }

  /// What becomes of characters without a token.
  struct Unknowns {
    /// The token of each byte, -1 where there is none; nil if bytes are not spelled.
    var byteIDs: [TokenID]?
    /// Nil if such characters are left out, as the peer does where no token is named.
    var token: TokenID?
    /// Whether neighbouring ones are one token.
    var fuses = false
  }

  /// The tokens that characters may be.
  private let characters = ByteTrie()
  /// The node of the prefix; nil if no token has it.
  private let continuation: Int32?
  private let pieces: [[UInt8]]
  private let affixes: Affixes
  private let unknowns: Unknowns
  private let bytes: Set<TokenID>
  /// The merges; it has no bytes of its own.
  let merging: MergeModel
  private let words: ByteTrie?

  let takesAnyBytes = false

  /// - Parameters:
  ///   - pieces: the text of each id; empty for ids that no text becomes.
  ///   - ignoresMerges: whether a word that is a token becomes it without any merging.
  init(
    pieces: [[UInt8]], merges: [(left: TokenID, right: TokenID, result: TokenID)], affixes: Affixes,
    unknowns: Unknowns, ignoresMerges: Bool
  ) {
    self.pieces = pieces
    self.affixes = affixes
    self.unknowns = unknowns
    bytes = Set((unknowns.byteIDs ?? []).filter { $0 >= 0 })
    merging = MergeModel(byteIDs: [], merges: merges, pieces: pieces)
    let hasAffixes = !affixes.prefix.isEmpty || !affixes.suffix.isEmpty
    let words = ignoresMerges ? ByteTrie() : nil
    for (id, piece) in pieces.enumerated() where !piece.isEmpty {
      words?.insert(piece, TokenID(id))
      if hasAffixes || Self.characterLength(piece[0]) == piece.count { characters.insert(piece, TokenID(id)) }
    }
    self.words = words
    continuation = characters.node(of: affixes.prefix)
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
      for (index, token) in tokens.enumerated().dropFirst(first) {
        if token == model.unknowns.token, let length = unknowns.popFirst() {
          end += length
        } else if model.bytes.contains(token), characterEnd > 0 || end < length && model.byte(word[end], is: token) {
          // The bytes of a character have one end.
          if characterEnd == 0 { characterEnd = end + CharacterMergeModel.characterLength(word[end]) }
          ends.append(min(characterEnd, length))
          end = min(end + 1, length)
          if end >= characterEnd { characterEnd = 0 }
          continue
        } else {
          var count = model.pieces[Int(token)].count - (index > first ? model.affixes.prefix.count : 0)
          if index == tokens.count - 1 { count -= model.affixes.suffix.count }
          // Where characters are left out, what has an affix is not always where it should be.
          end += max(1, count)
        }
        end = min(end, length)
        ends.append(end)
      }
    }

    private func readSymbols(_ word: UnsafePointer<UInt8>, _ length: Int) {
      symbols.removeAll(keepingCapacity: true)
      unknownLengths.removeAll(keepingCapacity: true)
      var start = 0
      // How many bytes of unknown characters are not a token yet.
      var unknown = 0
      func flush() {
        guard unknown > 0, let token = model.unknowns.token else { return }
        symbols.append(token)
        unknownLengths.append(unknown)
        unknown = 0
      }
      while start < length {
        let end = min(length, start + CharacterMergeModel.characterLength(word[start]))
        defer { start = end }
        if let token = model.character(word, start..<end, isLast: end == length) {
          flush()
          symbols.append(token)
        } else if let ids = model.spelled(word, start..<end, isLast: end == length) {
          // Unknown characters before come after them, as in the peer.
          symbols += ids
        } else {
          if !model.unknowns.fuses { flush() }
          unknown += end - start
        }
      }
      flush()
    }
  }

  /// The token of a character of a word.
  private func character(_ word: UnsafePointer<UInt8>, _ range: Range<Int>, isLast: Bool) -> TokenID? {
    guard var node = range.lowerBound == 0 ? 0 : continuation else { return nil }
    for offset in range {
      node = characters.child(node, word[offset])
      if node < 0 { return nil }
    }
    if isLast {
      for byte in affixes.suffix {
        node = characters.child(node, byte)
        if node < 0 { return nil }
      }
    }
    let token = characters.token(at: node)
    return token >= 0 ? token : nil
  }

  /// The tokens of a character's bytes, those of its affixes among them; nil unless all are there.
  private func spelled(_ word: UnsafePointer<UInt8>, _ range: Range<Int>, isLast: Bool) -> [TokenID]? {
    guard let byteIDs = unknowns.byteIDs else { return nil }
    var ids = range.lowerBound == 0 ? [] : affixes.prefix.map { byteIDs[Int($0)] }
    for offset in range { ids.append(byteIDs[Int(word[offset])]) }
    if isLast { ids += affixes.suffix.map { byteIDs[Int($0)] } }
    return ids.contains(-1) ? nil : ids
  }

  private func byte(_ byte: UInt8, is token: TokenID) -> Bool { unknowns.byteIDs?[Int(byte)] == token }

  private func wholeWord(_ word: UnsafePointer<UInt8>, _ length: Int) -> TokenID? {
    guard let words else { return nil }
    let match = words.longestMatch(in: word, length, from: 0)
    return match.token >= 0 && match.length == length ? match.token : nil
  }
}
