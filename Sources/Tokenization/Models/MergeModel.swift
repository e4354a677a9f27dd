import Records

/// Byte-level BPE (Sennrich et al. 2016; bytes as in Radford et al. 2019): byte ids and merges.
final class MergeModel: TokenModel, @unchecked Sendable {
  // The table is written in `init` only, hence safe to share.
  private let table: PairTable
  /// The id of each byte on its own.
  let byteIDs: [Int32]
  /// Pairs with the token they make, the most urgent first.
  let merges: [(left: TokenID, right: TokenID, result: TokenID)]

  /// How many bytes each id stands for.
  private let lengths: [Int32]
  /// The words that are tokens whatever the merges say; nil if there are none.
  private let wholeWords: ByteTrie?

  /// Whether a word that is a token becomes it without any merging.
  var ignoresMerges: Bool { wholeWords != nil }

  let takesAnyBytes = true

  /// - Parameters:
  ///   - pieces: the bytes of each id, empty for ids that no text becomes.
  ///   - ignoresMerges: whether a word that is a token becomes it without any merging.
  init(
    byteIDs: [Int32], merges: [(left: TokenID, right: TokenID, result: TokenID)], pieces: [[UInt8]],
    ignoresMerges: Bool = false
  ) {
    self.byteIDs = byteIDs
    self.merges = merges
    lengths = pieces.map { Int32(clamping: $0.count) }
    if ignoresMerges {
      let trie = ByteTrie()
      for (id, piece) in pieces.enumerated() where !piece.isEmpty { trie.insert(piece, TokenID(id)) }
      wholeWords = trie
    } else {
      wholeWords = nil
    }
    var table = PairTable(capacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      let key = pairKey(merge.left, merge.right)
      table.insert(key, UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merge.result)))
    }
    self.table = table
  }

  /// The rank (upper half) and result (lower half) of merging two tokens; `PairTable.absent` if they do not
  /// merge. Values therefore compare like ranks.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> UInt64 { table.value(pairKey(left, right)) }

  /// The token that a word is whatever the merges say.
  private func wholeWord(_ word: UnsafePointer<UInt8>, _ length: Int) -> TokenID? {
    guard let wholeWords else { return nil }
    let match = wholeWords.longestMatch(in: word, length, from: 0)
    return match.token >= 0 && match.length == length ? match.token : nil
  }

  func makeWorker() -> any TokenModelWorker { Worker(model: self) }

  private final class Worker: TokenModelWorker {
    let model: MergeModel
    var merger = WordMerger()

    init(model: MergeModel) { self.model = model }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
      if let whole = model.wholeWord(word, length) {
        tokens.append(whole)
      } else {
        merger.append(word, length, model: model, to: &tokens)
      }
    }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], ends: inout [Int]) {
      if let whole = model.wholeWord(word, length) {
        tokens.append(whole)
        ends.append(length)
        return
      }
      let first = tokens.count
      merger.append(word, length, model: model, to: &tokens)
      var end = 0
      for token in tokens[first...] {
        end += Int(model.lengths[Int(token)])
        ends.append(end)
      }
    }
  }
}
