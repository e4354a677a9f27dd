import Randomness
import Records

/// Merges words with some merges left out (Provilkov et al. 2020, "BPE-Dropout: Simple and Effective Subword
/// Regularization", algorithm 1): at each step every possible merge is left out with a probability, of the others the
/// most urgent is done; when all are left out, the word is done.
///
/// Worked example: with the merges `a b`, `ab c` and probability p, "abc" is `abc` with probability (1 - p)², `ab c`
/// with (1 - p) p and `a b c` with p.
struct DropoutMerger {
  /// Longer words are cut every so many bytes: every step looks at the whole word.
  static let longestWord = 1024

  var probability: Double
  private var symbols: [TokenID] = []

  init(probability: Double) { self.probability = probability }

  /// Appends the tokens of one word; the draws depend on the key alone.
  mutating func append(
    _ word: ArraySlice<UInt8>, model: MergeModel, key: RandomKey, to tokens: inout [TokenID]
  ) {
    var generator = key.generator()
    var start = word.startIndex
    while start < word.endIndex {
      let end = min(start + Self.longestWord, word.endIndex)
      symbols.removeAll(keepingCapacity: true)
      for byte in word[start..<end] { symbols.append(model.byteIDs[Int(byte)]) }
      while mergeOnce(model, &generator) {}
      tokens += symbols
      start = end
    }
  }

  /// - Returns: whether a merge was done.
  private mutating func mergeOnce(_ model: MergeModel, _ generator: inout KeyedGenerator) -> Bool {
    var best = PairTable.absent
    var position = 0
    for index in 0..<max(0, symbols.count - 1) {
      let pair = model.merge(symbols[index], symbols[index + 1])
      guard pair != PairTable.absent, generator.uniform() >= probability, pair < best else { continue }
      best = pair
      position = index
    }
    guard best != PairTable.absent else { return false }
    symbols[position] = TokenID(truncatingIfNeeded: best)
    symbols.remove(at: position + 1)
    return true
  }
}
