/// Numbers for the different words of a pair of texts, so that words compare and hash fast.
struct WordNumbers<Word: Hashable> {
  private var known: [Word: Int32] = [:]

  mutating func number(_ words: [Word]) -> [Int32] {
    words.map { word in
      if let number = known[word] { return number }
      let fresh = Int32(known.count)
      known[word] = fresh
      return fresh
    }
  }
}

/// How often each run of `order` words, at most four, occurs.
func ngrams(_ words: [Int32], _ order: Int) -> [SIMD4<Int32>: Int] {
  guard words.count >= order else { return [:] }
  var counts: [SIMD4<Int32>: Int] = [:]
  for start in 0...(words.count - order) {
    var ngram = SIMD4<Int32>(repeating: -1)
    for place in 0..<order { ngram[place] = words[start + place] }
    counts[ngram, default: 0] += 1
  }
  return counts
}

/// How many n-grams two texts share, each as often as in the text that has it less often.
func shared<NGram>(_ found: [NGram: Int], _ wanted: [NGram: Int]) -> Int {
  found.reduce(0) { $0 + min($1.value, wanted[$1.key] ?? 0) }
}

/// What an answer and a reference share, of what each has.
public struct WordOverlap: Sendable, Hashable {
  /// The share of the answer's words (or runs of words) that the reference has, 0 to 1.
  public var precision = 0.0
  /// The share of the reference's that the answer has, 0 to 1.
  public var recall = 0.0

  /// With nothing on either side, nothing is shared.
  init(shared: Int, answer: Int, gold: Int) {
    guard answer > 0, gold > 0 else { return }
    precision = Double(shared) / Double(answer)
    recall = Double(shared) / Double(gold)
  }

  /// The harmonic mean of both, 0 where nothing is shared.
  public var f1: Double {
    precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }
}
