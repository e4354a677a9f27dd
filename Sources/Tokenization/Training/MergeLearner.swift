import Support

/// Learns merges from counted words. Only the words that contain the merged pair are looked at again, and
/// only the counts of the pairs that changed are touched.
struct MergeLearner: ~Copyable {
  /// A pair as it stood when it was queued; the most frequent comes first, then the lower ids.
  private struct Candidate: Comparable {
    var count: Int64
    var pair: UInt64

    static func < (left: Candidate, right: Candidate) -> Bool {
      left.count == right.count ? left.pair < right.pair : left.count > right.count
    }
  }

  /// All words' tokens end to end; a word's tokens shrink in place.
  private var symbols: [Int32] = []
  private var starts: [Int] = []
  private var lengths: [Int32] = []
  private let counts: [Int64]

  /// Pairs are numbered in order of appearance; `numbers` finds the number.
  private var numbers = PairTable(capacity: 1 << 16)
  private var pairCounts: [Int64] = []
  /// The words a pair was seen in, as linked lists in one array: a list may name a word twice or a word
  /// that has lost the pair, which is seen when the word is looked at.
  private var listHeads: [Int32] = []
  private var listWords: [Int32] = []
  private var listNext: [Int32] = []
  private var queue = BinaryHeap<Candidate>()
  /// Pairs whose count has grown since they were last queued.
  private var grown: [UInt64] = []
  /// The round in which a pair was last put into `grown`.
  private var grownInRound: [Int32] = []
  private var round: Int32 = 0

  init(words: borrowing ByteStringTable, counts: [Int64], byteIDs: [Int32]) {
    self.counts = counts
    starts.reserveCapacity(words.count)
    for word in 0..<words.count {
      starts.append(symbols.count)
      let bytes = words.string(word)
      lengths.append(Int32(bytes.count))
      for byte in bytes { symbols.append(byteIDs[Int(byte)]) }
    }
    for word in 0..<starts.count {
      let start = starts[word]
      for position in start..<(start + max(0, Int(lengths[word]) - 1)) {
        add(pairKey(symbols[position], symbols[position + 1]), in: word)
      }
    }
    queueGrown()
  }

  private mutating func add(_ pair: UInt64, in word: Int) {
    let known = numbers.value(pair)
    let number: Int
    if known == PairTable.absent {
      number = pairCounts.count
      numbers.insert(pair, UInt64(number))
      pairCounts.append(0)
      listHeads.append(-1)
      grownInRound.append(-1)
    } else {
      number = Int(known)
    }
    pairCounts[number] += counts[word]
    if grownInRound[number] != round {
      grownInRound[number] = round
      grown.append(pair)
    }
    let head = listHeads[number]
    if head < 0 || listWords[Int(head)] != Int32(word) {
      listHeads[number] = Int32(listWords.count)
      listWords.append(Int32(word))
      listNext.append(head)
    }
  }

  private mutating func queueGrown() {
    for pair in grown {
      let count = pairCounts[Int(numbers.value(pair))]
      if count > 0 { queue.insert(Candidate(count: count, pair: pair)) }
    }
    grown.removeAll(keepingCapacity: true)
    round += 1
  }

  /// Merges until there are `limit` tokens or no pair is frequent enough.
  mutating func learn(
    into tokens: inout [[UInt8]], limit: Int, minimumCount: Int64,
    progress: (TokenizerTrainingProgress) -> Void
  ) -> [(left: Int32, right: Int32, result: Int32)] {
    var merges: [(left: Int32, right: Int32, result: Int32)] = []
    let target = limit - tokens.count
    // Two different pairs can make the same bytes, as (a, bc) and (ab, c); the second reuses the first's id.
    var ids: [[UInt8]: Int32] = [:]
    for (id, bytes) in tokens.enumerated() where !bytes.isEmpty { ids[bytes] = Int32(id) }
    while tokens.count < limit, let candidate = queue.popMinimum() {
      let number = Int(numbers.value(candidate.pair))
      guard pairCounts[number] == candidate.count else {
        if pairCounts[number] > 0 {
          queue.insert(Candidate(count: pairCounts[number], pair: candidate.pair))
        }
        continue
      }
      guard candidate.count >= minimumCount else { break }
      let left = Int32(truncatingIfNeeded: candidate.pair >> 32)
      let right = Int32(truncatingIfNeeded: candidate.pair)
      let bytes = tokens[Int(left)] + tokens[Int(right)]
      let result = ids[bytes] ?? Int32(tokens.count)
      if Int(result) == tokens.count {
        ids[bytes] = result
        tokens.append(bytes)
      }
      merges.append((left, right, result))
      apply(left, right, result, number: number)
      queueGrown()
      if merges.count % 256 == 0 { progress(.merging(merges: merges.count, of: target)) }
    }
    progress(.merging(merges: merges.count, of: max(merges.count, target)))
    return merges
  }

  private mutating func apply(_ left: Int32, _ right: Int32, _ result: Int32, number: Int) {
    var entry = listHeads[number]
    // The list is taken off first: what the merge itself adds belongs to a new one.
    listHeads[number] = -1
    while entry >= 0 {
      merge(left, right, result, in: Int(listWords[Int(entry)]))
      entry = listNext[Int(entry)]
    }
  }

  private mutating func merge(_ left: Int32, _ right: Int32, _ result: Int32, in word: Int) {
    let start = starts[word]
    let end = start + Int(lengths[word])
    var (first, last) = (-1, -1)
    var position = start
    while position + 1 < end {
      if symbols[position] == left, symbols[position + 1] == right {
        if first < 0 { first = position }
        last = position
        position += 2
      } else {
        position += 1
      }
    }
    guard first >= 0 else { return }
    // From the pair before the first occurrence to the one after the last, all are taken back and counted anew: exact
    // for runs such as `aaa`, too, where pairs overlap.
    let begin = max(start, first - 1)
    position = begin
    while position <= min(last + 1, end - 2) {
      pairCounts[Int(numbers.value(pairKey(symbols[position], symbols[position + 1])))] -= counts[word]
      position += 1
    }
    var (read, write) = (first, first)
    var lastResult = first
    while read < end {
      if read <= last, symbols[read] == left, symbols[read + 1] == right {
        symbols[write] = result
        lastResult = write
        read += 2
      } else {
        symbols[write] = symbols[read]
        read += 1
      }
      write += 1
    }
    lengths[word] = Int32(write - start)
    position = begin
    while position <= min(lastResult, write - 2) {
      let pair = pairKey(symbols[position], symbols[position + 1])
      if symbols[position] == result || symbols[position + 1] == result {
        add(pair, in: word)
      } else {
        pairCounts[Int(numbers.value(pair))] += counts[word]
      }
      position += 1
    }
  }
}
