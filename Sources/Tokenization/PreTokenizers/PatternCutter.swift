/// Cuts words by what matches in them: `Split`, `Digits`, `Punctuation` and `CharDelimiterSplit` of Hugging Face
/// tokenizers.
struct PatternCutter: WordCutter {
  enum Pattern: Sendable {
    /// Each character of a set.
    case characters(ScalarTable)
    case text(TextPattern)
  }

  var pattern: Pattern
  var behavior: SplitBehavior
  /// Whether what is between the matches counts as matches, and they as what is between.
  var isInverted = false

  func cut(_ text: inout WordList, isStart: Bool) {
    var result: [Range<Int>] = []
    result.reserveCapacity(text.words.count)
    var parts = Parts(isInverted: isInverted)
    switch pattern {
    case .characters(let table):
      for word in text.words {
        parts.begin(word)
        text.forEachScalar(of: word) { scalar, range in
          if let scalar, table.contains(scalar) { parts.match(range) }
        }
        behavior.append(parts.end(), to: &result)
      }
    case .text(let pattern):
      text.bytes.withUnsafeBufferPointer { buffer in
        pattern.withFinder { find in
          for word in text.words {
            parts.begin(word)
            find(UnsafeBufferPointer(rebasing: buffer[word])) { start, end in
              parts.match(word.lowerBound + start..<word.lowerBound + end)
            }
            behavior.append(parts.end(), to: &result)
          }
        }
      }
    }
    text.words = result
  }

  /// The parts of one word as its matches come in.
  private struct Parts {
    let isInverted: Bool
    private var list: [SplitBehavior.Part] = []
    private var word = 0..<0
    private var last = 0

    init(isInverted: Bool) { self.isInverted = isInverted }

    mutating func begin(_ word: Range<Int>) {
      self.word = word
      last = word.lowerBound
      list.removeAll(keepingCapacity: true)
    }

    mutating func match(_ range: Range<Int>) {
      if last < range.lowerBound { list.append(.init(range: last..<range.lowerBound, isMatch: isInverted)) }
      list.append(.init(range: range, isMatch: !isInverted))
      last = range.upperBound
    }

    mutating func end() -> [SplitBehavior.Part] {
      if last < word.upperBound { list.append(.init(range: last..<word.upperBound, isMatch: isInverted)) }
      return list
    }
  }
}
