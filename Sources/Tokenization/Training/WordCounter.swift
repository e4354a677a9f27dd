import Support

/// Distinct words and how often each occurred, in the order of their first appearance. Counts are of 64 bits.
struct WordCounter: ~Copyable {
  /// How text becomes words.
  enum Rule: Sendable {
    /// Without loss, by a byte-level pattern.
    case bytes(BytePattern)
    case words(any WordCutter)
  }

  /// Longer words (binary data, text without spaces) are counted in pieces of this many bytes, so that a merge never
  /// has to look through a megabyte; a whole one that is to be a token is not counted.
  static let longestWord = 256

  /// What a word takes in memory while it is counted and then while merges are learned, apart from its bytes.
  private static let bytesPerWord = 96
  /// What a byte of a word takes: itself, its symbol and the list entry of its pair, with room to grow.
  private static let bytesPerByte = 24

  private(set) var words = ByteStringTable()
  private(set) var counts: [Int64] = []
  private var wordBytes = 0

  /// About what counting and learning from these words takes.
  var memory: Int { words.count * Self.bytesPerWord + wordBytes * Self.bytesPerByte }

  mutating func count(_ text: UnsafeRawBufferPointer, by rule: Rule) {
    guard let base = text.bindMemory(to: UInt8.self).baseAddress else { return }
    switch rule {
    case .bytes(let pattern):
      pattern.forEachWord(in: text) { start, end in
        var start = start
        repeat {
          let length = min(end - start, Self.longestWord)
          add(base + start, length)
          start += length
        } while start < end
      }
    case .words(let cutter):
      var list = WordList(Array(text))
      cutter.cut(&list, isStart: true)
      list.bytes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        for word in list.words where word.count <= Self.longestWord {
          add(base + word.lowerBound, word.count)
        }
      }
    }
  }

  @inline(__always)
  private mutating func add(_ word: UnsafePointer<UInt8>, _ length: Int, times: Int64 = 1) {
    let index = words.insert(word, length, hash: ByteStringTable.hash(word, length))
    if index < counts.count {
      counts[index] += times
    } else {
      counts.append(times)
      wordBytes += length
    }
  }

  mutating func add(contentsOf other: borrowing WordCounter) {
    for index in 0..<other.words.count {
      let word = other.words.string(index)
      if let base = word.baseAddress { add(base, word.count, times: other.counts[index]) }
    }
  }

  /// Forgets the rarest words, all that occurred equally often together, until the rest takes at most `limit` bytes.
  /// - Returns: how many occurrences were forgotten.
  mutating func forgetRarest(until limit: Int) -> Int64 {
    var memoryByCount: [Int64: Int] = [:]
    for index in 0..<words.count {
      memoryByCount[counts[index], default: 0] +=
        Self.bytesPerWord + words.string(index).count * Self.bytesPerByte
    }
    var (taken, threshold) = (memory, Int64(0))
    for (count, bytes) in memoryByCount.sorted(by: { $0.key < $1.key }) where taken > limit {
      taken -= bytes
      threshold = count
    }
    var kept = WordCounter()
    var forgotten: Int64 = 0
    for index in 0..<words.count {
      let word = words.string(index)
      if counts[index] <= threshold {
        forgotten += counts[index]
      } else if let base = word.baseAddress {
        kept.add(base, word.count, times: counts[index])
      }
    }
    self = kept
    return forgotten
  }
}
