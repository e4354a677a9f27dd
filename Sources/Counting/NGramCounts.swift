import Support

/// How often each n-gram of a text occurs, as a trie in which the n-grams that go on a shorter one stand together in
/// the order of their last words.
///
/// Worked example: the sentences `a b` and `a` with n-grams up to 2 have, below `<s>`, `<s> a` 2; below `a`, `a b` 1
/// and `a </s>` 1; below `b`, `b </s>` 1.
struct NGramCounts {
  /// The n-grams of one length.
  struct Level {
    /// The last word of each; empty for words themselves, whose number is their place.
    var words: [WordID] = []
    /// How often each occurs.
    var counts: [UInt32] = []
    /// Where the longer ones that begin with each start in the next level, and at the end how many there are; empty in
    /// the last level.
    var children: [UInt32] = []
    /// The place in the level before of each without its first word; empty for words.
    var suffixes: [UInt32] = []
  }

  /// From words to n-grams of the greatest length.
  private(set) var levels: [Level] = []

  /// Positions are 32 bits wide.
  static let mostTokens = Int(UInt32.max) - 1

  /// - Parameters:
  ///   - tokens: sentences one after the other, each `<s>`, words, `</s>`.
  ///   - vocabularySize: words are below it.
  ///   - order: the greatest length, at least 1.
  init(_ tokens: [WordID], vocabularySize: Int, order: Int) {
    precondition(tokens.count <= Self.mostTokens, "NGramCounts: \(tokens.count) tokens")
    // The places in the text where each n-gram begins, together and in the order of the n-grams.
    var (positions, starts) = Self.positionsByWord(tokens, vocabularySize)
    var first = Level()
    first.counts = (0..<vocabularySize).map { starts[$0 + 1] - starts[$0] }
    levels = [first]
    for length in 1..<max(1, order) {
      var level = Level()
      let isLast = length + 1 == order
      (positions, starts) = extend(positions, starts, tokens, by: length, into: &level, isLast: isLast)
      levels.append(level)
    }
  }

  private static func positionsByWord(_ tokens: [WordID], _ size: Int) -> ([UInt32], [UInt32]) {
    var starts = [UInt32](repeating: 0, count: size + 1)
    for token in tokens { starts[Int(token) + 1] += 1 }
    for index in 0..<size { starts[index + 1] += starts[index] }
    var (next, positions) = (starts, [UInt32](repeating: 0, count: tokens.count))
    for (position, token) in tokens.enumerated() {
      positions[Int(next[Int(token)])] = UInt32(position)
      next[Int(token)] += 1
    }
    return (positions, starts)
  }

  /// Makes the n-grams of `length` + 1 words of those of `length`.
  private mutating func extend(
    _ positions: [UInt32], _ starts: [UInt32], _ tokens: [WordID], by length: Int, into level: inout Level,
    isLast: Bool
  ) -> (positions: [UInt32], starts: [UInt32]) {
    let shorter = levels.count - 1
    var (kept, keptStarts): ([UInt32], [UInt32]) = ([], [])
    kept.reserveCapacity(isLast ? 0 : positions.count)
    var children: [UInt32] = []
    children.reserveCapacity(starts.count)
    var keys: [UInt64] = []
    for node in 0..<(starts.count - 1) {
      children.append(UInt32(level.words.count))
      let run = Int(starts[node])..<Int(starts[node + 1])
      guard !run.isEmpty, tokens[Int(positions[run.lowerBound]) + length - 1] != NGramVocabulary.end else { continue }
      keys.removeAll(keepingCapacity: true)
      for place in run {
        let position = positions[place]
        keys.append(UInt64(tokens[Int(position) + length]) << 32 | UInt64(position))
      }
      if keys.count > 1 { keys.sort() }
      // Without its first word the parent is in the level before it, and so are the longer n-grams it begins.
      let below = shorter == 0 ? nil : range(of: Int(levels[shorter].suffixes[node]), in: shorter - 1)
      var (index, from) = (0, below?.lowerBound ?? 0)
      while index < keys.count {
        let word = WordID(truncatingIfNeeded: keys[index] >> 32)
        var end = index
        if !isLast { keptStarts.append(UInt32(kept.count)) }
        while end < keys.count, keys[end] >> 32 == UInt64(word) {
          if !isLast { kept.append(UInt32(truncatingIfNeeded: keys[end])) }
          end += 1
        }
        level.words.append(word)
        level.counts.append(UInt32(end - index))
        if let below {
          from = lowerBound(levels[shorter].words, from..<below.upperBound, word)
          level.suffixes.append(UInt32(from))
        } else {
          level.suffixes.append(word)
        }
        index = end
      }
    }
    children.append(UInt32(level.words.count))
    levels[shorter].children = children
    keptStarts.append(UInt32(kept.count))
    return (kept, keptStarts)
  }

  /// Where the longer n-grams stand that begin with one.
  func range(of node: Int, in level: Int) -> Range<Int> {
    Int(levels[level].children[node])..<Int(levels[level].children[node + 1])
  }

  /// The n-gram that goes on one with a word; nil if there is none.
  func child(of node: Int, in level: Int, _ word: WordID) -> Int? {
    let range = range(of: node, in: level)
    let place = lowerBound(levels[level + 1].words, range, word)
    return place < range.upperBound && levels[level + 1].words[place] == word ? place : nil
  }
}

/// The first place of a range of ascending words whose word is not below `word`; the range's end if there is none.
@inline(__always)
func lowerBound(_ words: borrowing [WordID], _ range: Range<Int>, _ word: WordID) -> Int {
  var (low, high) = (range.lowerBound, range.upperBound)
  while low < high {
    let middle = (low + high) / 2
    if words[middle] < word { low = middle + 1 } else { high = middle }
  }
  return low
}
