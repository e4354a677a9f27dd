import Records
import Support

/// Lays out a vocabulary: `<pad>`, `</s>`, `<unk>`; in a byte-level one the 256 bytes; what was learned, by rank;
/// special tokens of one's own; the sentinels downwards, so that `<extra_id_0>` is the last id.
struct VocabularyBuilder {
  let options: TokenizerTrainingOptions

  /// Ids that what is learned may fill, from the front.
  private var learnedLimit: Int {
    options.vocabularySize - options.sentinelCount - options.specialTokens.count
  }

  func byteLevel(
    words: borrowing ByteStringTable, counts: [Int64], progress: (TokenizerTrainingProgress) -> Void
  ) -> TokenizerParts {
    var tokens = [[UInt8]](repeating: [], count: SpecialTokens.always.count)
    var byteIDs = [TokenID](repeating: 0, count: 256)
    for byte in ByteAlphabet.order {
      byteIDs[Int(byte)] = TokenID(tokens.count)
      tokens.append([byte])
    }
    var merges: [(left: TokenID, right: TokenID, result: TokenID)] = []
    if options.unit == .bpe {
      var learner = MergeLearner(words: words, counts: counts, byteIDs: byteIDs)
      merges = learner.learn(
        into: &tokens, limit: learnedLimit, minimumCount: options.minimumCount, progress: progress)
    }
    let (specials, vocabulary) = addSpecials(to: &tokens)
    return .byteLevel(
      vocabulary: vocabulary, normalization: options.normalization, pattern: options.pattern, pieces: tokens,
      specials: specials, byteIDs: byteIDs, merges: merges)
  }

  func wordLevel(words: borrowing ByteStringTable, counts: [Int64]) -> TokenizerParts {
    var candidates: [(count: Int64, bytes: [UInt8])] = []
    for index in 0..<words.count where counts[index] >= options.minimumCount {
      candidates.append((counts[index], Array(words.string(index))))
    }
    candidates.sort {
      $0.count == $1.count ? $0.bytes.lexicographicallyPrecedes($1.bytes) : $0.count > $1.count
    }
    // Text may have the name of a special token in it, which stays that token's alone.
    let names = Set((SpecialTokens.always + options.specialTokens).map { Array($0.utf8) })
    var tokens = [[UInt8]](repeating: [], count: SpecialTokens.always.count)
    for candidate in candidates where tokens.count < learnedLimit {
      let isSpecial =
        names.contains(candidate.bytes)
        || SpecialTokens.sentinelNumber(String(decoding: candidate.bytes, as: UTF8.self)) != nil
      if !isSpecial { tokens.append(candidate.bytes) }
    }
    let (specials, vocabulary) = addSpecials(to: &tokens)
    return .wordLevel(
      isOfCharacters: options.unit == .character, vocabulary: vocabulary,
      normalization: options.normalization, pieces: tokens, specials: specials)
  }

  private func addSpecials(to tokens: inout [[UInt8]]) -> ([AddedToken], Vocabulary) {
    var specials = SpecialTokens.always.enumerated().map { AddedToken(id: TokenID($0), name: $1) }
    for name in options.specialTokens {
      specials.append(AddedToken(id: TokenID(tokens.count), name: name))
      tokens.append([])
    }
    let size = tokens.count + options.sentinelCount
    var sentinels: [TokenID] = []
    for number in 0..<options.sentinelCount {
      sentinels.append(TokenID(size - 1 - number))
      specials.append(AddedToken(id: TokenID(size - 1 - number), name: SpecialTokens.sentinel(number)))
    }
    tokens += [[UInt8]](repeating: [], count: options.sentinelCount)
    return (specials, Vocabulary(size: size, sentinels: sentinels))
  }
}
