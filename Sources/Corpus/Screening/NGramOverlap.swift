/// Finds runs of words of some texts in others (Brown et al. 2020, appendix C: n-grams of 8 to 13 words).
///
/// A text of n words or more is sought by its n-grams, a shorter one of eight or more words as a whole, at any place.
/// Still shorter texts occur everywhere by chance: they are found only in texts that are nothing else.
///
/// Worked example, n = 13: a text of 14 words has two n-grams and is found if either occurs in one of the texts read.
/// A text of nine words is found if the nine words follow each other there. A text of three words is found only in a
/// text of these three.
public struct NGramOverlap: Sendable {
  /// Shorter texts are compared as a whole only.
  static let shortestRun = 8

  /// Words of the longest runs sought, where nothing else is said.
  public static let standardLength = 13

  /// Words of the longest runs sought.
  public let length: Int
  private var texts: [[UInt64]] = []
  /// Keys of the runs sought, 0 for an empty slot; as many as a power of two.
  private var slots: [UInt64] = []
  private var isFound: [Bool] = []
  /// A bit for the low bits of each key, to pass over most of what is not sought without a look at the slots.
  private var filter: [UInt64] = []
  private var lengths: [Int] = []
  private var shortTexts: Set<UInt64> = []
  private var foundShortTexts: Set<UInt64> = []

  private static let filterBits = 22
  private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// - Parameter texts: the words of each text sought.
  public init(_ texts: [[UInt64]], length: Int = NGramOverlap.standardLength) {
    self.length = length
    self.texts = texts
    var keys = Set<UInt64>()
    var lengths = Set<Int>()
    for text in texts {
      guard let run = runLength(text.count) else {
        if !text.isEmpty { shortTexts.insert(Self.key(text[...])) }
        continue
      }
      lengths.insert(run)
      for start in 0...(text.count - run) { keys.insert(Self.key(text[start..<(start + run)])) }
    }
    self.lengths = lengths.sorted()
    var size = 16
    while size < 2 * keys.count { size *= 2 }
    slots = [UInt64](repeating: 0, count: size)
    isFound = [Bool](repeating: false, count: size)
    filter = [UInt64](repeating: 0, count: 1 << (Self.filterBits - 6))
    for key in keys {
      var slot = Int(truncatingIfNeeded: key >> 20) & (size - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = key
      let bit = Int(truncatingIfNeeded: key) & (1 << Self.filterBits - 1)
      filter[bit >> 6] |= 1 << UInt64(bit & 63)
    }
  }

  /// The length of the runs that a text of so many words is sought by; nil for one that is compared as a whole only.
  private func runLength(_ count: Int) -> Int? {
    if count >= length { return length }
    return count >= Self.shortestRun ? count : nil
  }

  /// The key of a run: its words as digits, the length mixed in, so that runs of different lengths differ. Never 0.
  private static func key(_ run: ArraySlice<UInt64>) -> UInt64 {
    mixed(run.reduce(0) { $0 &* base &+ $1 }, length: run.count)
  }

  @inline(__always)
  private static func mixed(_ sum: UInt64, length: Int) -> UInt64 {
    var key = sum &+ UInt64(truncatingIfNeeded: length) &* 0xA076_1D64_78BD_642F
    key = (key ^ (key >> 31)) &* 0xD6E8_FEB8_6659_FD93
    key ^= key >> 32
    return key == 0 ? 1 : key
  }

  /// Marks what is found in the words of a text.
  public mutating func read(_ words: [UInt64]) {
    var reader = Reader(self)
    for word in words { reader.read(word, &self) }
    if words.count < Self.shortestRun, !words.isEmpty {
      let key = Self.key(words[...])
      if shortTexts.contains(key) { foundShortTexts.insert(key) }
    }
  }

  /// Reads running text word by word.
  public struct Reader {
    private let lengths: [Int]
    /// The sum of each length over the last words, and base to the power of the length.
    private var sums: [UInt64]
    private var powers: [UInt64] = []
    private var ring: [UInt64]
    private var count = 0

    /// Before the first word.
    public init(_ overlap: borrowing NGramOverlap) {
      lengths = overlap.lengths
      sums = [UInt64](repeating: 0, count: lengths.count)
      // A power of two, so that places are masks.
      var size = 16
      while size <= overlap.length { size *= 2 }
      ring = [UInt64](repeating: 0, count: size)
      for length in lengths {
        powers.append((0..<length).reduce(1) { power, _ in power &* NGramOverlap.base })
      }
    }

    /// Marks the runs sought that end with the word.
    @inline(__always)
    public mutating func read(_ word: UInt64, _ overlap: inout NGramOverlap) {
      take(word)
      for index in lengths.indices {
        if let run = key(index, word) { overlap.mark(run) }
      }
    }

    /// Hands over the runs sought that end with the word: their places in the table, and how many words they have.
    @inline(__always)
    mutating func read(
      _ word: UInt64, of overlap: borrowing NGramOverlap, _ found: (_ slot: Int, _ length: Int) -> Void
    ) {
      take(word)
      for index in lengths.indices {
        if let run = key(index, word), overlap.mayHave(run), let slot = overlap.slot(of: run) {
          found(slot, lengths[index])
        }
      }
    }

    @inline(__always)
    private mutating func take(_ word: UInt64) {
      ring[count & (ring.count - 1)] = word
      count += 1
    }

    /// The key of the run of a length that ends with the word taken last; nil if the text is shorter yet.
    @inline(__always)
    private mutating func key(_ index: Int, _ word: UInt64) -> UInt64? {
      let length = lengths[index]
      var sum = sums[index] &* NGramOverlap.base &+ word
      if count > length { sum = sum &- ring[(count - 1 - length) & (ring.count - 1)] &* powers[index] }
      sums[index] = sum
      return count >= length ? NGramOverlap.mixed(sum, length: length) : nil
    }

    /// What comes next does not follow what came.
    public mutating func reset() {
      count = 0
      for index in sums.indices { sums[index] = 0 }
    }
  }

  @inline(__always)
  private func mayHave(_ key: UInt64) -> Bool {
    let bit = Int(truncatingIfNeeded: key) & (1 << Self.filterBits - 1)
    return filter[bit >> 6] & (1 << UInt64(bit & 63)) != 0
  }

  @inline(__always)
  private mutating func mark(_ key: UInt64) {
    if mayHave(key), let slot = slot(of: key) { isFound[slot] = true }
  }

  /// Where in the table the runs of a text are; none for one that is compared as a whole only.
  func slots(ofText index: Int) -> [Int] {
    let text = texts[index]
    guard let run = runLength(text.count) else { return [] }
    return (0...(text.count - run)).compactMap { slot(of: Self.key(text[$0..<($0 + run)])) }
  }

  private func slot(of key: UInt64) -> Int? {
    var slot = Int(truncatingIfNeeded: key >> 20) & (slots.count - 1)
    while slots[slot] != 0 {
      if slots[slot] == key { return slot }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Whether each of the texts sought has been found, by any of its runs.
  public var found: [Bool] {
    texts.map { text in
      guard let run = runLength(text.count) else {
        return !text.isEmpty && foundShortTexts.contains(Self.key(text[...]))
      }
      return (0...(text.count - run)).contains { start in
        slot(of: Self.key(text[start..<(start + run)])).map { isFound[$0] } ?? false
      }
    }
  }
}
