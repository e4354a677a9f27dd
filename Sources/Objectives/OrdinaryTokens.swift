import Randomness
import Records
import Support

/// The tokens that stand for text: neither sentinels nor padding, end-of-sequence or unknown.
struct OrdinaryTokens: Sendable {
  private let size: Int
  private let special: Set<TokenID>

  /// - Throws: `.usage` if there are none.
  init(_ vocabulary: Vocabulary) throws(GraftError) {
    size = vocabulary.size
    let named = [vocabulary.padding, vocabulary.endOfSequence, vocabulary.unknown, vocabulary.start]
    special = Set(vocabulary.sentinels + named + [vocabulary.mask].compactMap { $0 })
    guard special.count < size else {
      throw GraftError(.usage, "the vocabulary has no tokens but special ones")
    }
  }

  func contains(_ token: TokenID) -> Bool { !special.contains(token) }

  /// One of them, uniformly.
  func draw(_ random: inout KeyedGenerator) -> TokenID {
    while true {
      let token = TokenID(random.below(size))
      if contains(token) { return token }
    }
  }
}
