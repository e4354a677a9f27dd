/// Finds what a document shares with evaluation examples: runs of 13 words, or all words of texts of 8 to 12
/// (`NGramOverlap`, after Brown et al. 2020, appendix C). Shorter texts are not sought: they occur everywhere by
/// chance.
struct ContaminationFinder: Sendable {
  /// A run and the lines of the document that it stands in.
  struct Match: Sendable, Hashable {
    var slot: Int
    var firstLine: Int
    var lastLine: Int
  }

  /// What was found in one document.
  struct Found: Sendable {
    var matches: [Match] = []
    /// Bytes of the lines that are touched, their line feeds included.
    var lineBytes: [Int: Int] = [:]
    /// Lines with something in them.
    var lineCount = 0
  }

  let overlap: NGramOverlap
  /// By set of evaluation texts, by example, where its texts begin and end in the overlap's.
  let texts: [[Range<Int>]]

  init(_ sets: [EvaluationTexts]) {
    var words: [[UInt64]] = []
    texts = sets.map { set in
      set.examples.map { example in
        let start = words.count
        words += example.map { OverlapWords.hashes($0) }
        return start..<words.count
      }
    }
    overlap = NGramOverlap(words)
  }

  /// - Returns: nil if nothing was found.
  func search(_ text: UnsafeRawBufferPointer) -> Found? {
    var reader = NGramOverlap.Reader(overlap)
    var words = OverlapWords()
    var found = Found()
    // The lines of the last words.
    var lines = [Int](repeating: 0, count: 16)
    var (count, line, start) = (0, 0, 0)
    func take(_ word: UInt64) {
      lines[count & 15] = line
      count += 1
      reader.read(word, of: overlap) { slot, length in
        found.matches.append(Match(slot: slot, firstLine: lines[(count - length) & 15], lastLine: line))
      }
    }
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? text.count
      let bytes = UnsafeRawBufferPointer(rebasing: text[start..<end])
      words.read(bytes, take)
      if end == text.count { words.finish(take) }
      if bytes.contains(where: { $0 > 0x20 }) { found.lineCount += 1 }
      start = end
      line += 1
    }
    guard !found.matches.isEmpty else { return nil }
    let touched = Set(found.matches.flatMap { $0.firstLine...$0.lastLine })
    for (number, bytes) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where touched.contains(number) { found.lineBytes[number] = bytes.count + 1 }
    return found
  }

  /// By the run's place in the table, the sets and examples of those runs that `wanted` has.
  func owners(of wanted: Set<Int>) -> [Int: [(set: Int, example: Int)]] {
    var result: [Int: [(set: Int, example: Int)]] = [:]
    for (set, examples) in texts.enumerated() {
      for (example, range) in examples.enumerated() {
        for slot in range.flatMap(overlap.slots) where wanted.contains(slot) {
          let isNew = result[slot]?.last.map { $0.set != set || $0.example != example } ?? true
          if isNew { result[slot, default: []].append((set, example)) }
        }
      }
    }
    return result
  }
}
