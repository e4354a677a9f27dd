/// Working memory for merging one word at a time.
struct WordMerger: ~Copyable {
  /// Words up to this many bytes are merged by scanning for the lowest rank, longer ones through a heap.
  static let scanLimit = 48
  private static let rankMask: UInt64 = 0xFFFF_FFFF_0000_0000

  private let symbols: UnsafeMutablePointer<Int32>
  private let pairs: UnsafeMutablePointer<UInt64>
  private var heap = BinaryHeap<UInt64>()

  init() {
    symbols = .allocate(capacity: Self.scanLimit)
    pairs = .allocate(capacity: Self.scanLimit)
  }

  deinit {
    symbols.deallocate()
    pairs.deallocate()
  }

  /// Appends the tokens of one word: the pair of lowest rank is merged first, the leftmost of equals.
  mutating func append(
    _ word: UnsafePointer<UInt8>, _ length: Int, model: MergeModel, to tokens: inout [Int32]
  ) {
    if length > Self.scanLimit {
      appendLong(word, length, model: model, to: &tokens)
    } else {
      appendShort(word, length, model: model, to: &tokens)
    }
  }

  private func appendShort(
    _ word: UnsafePointer<UInt8>, _ length: Int, model: MergeModel, to tokens: inout [Int32]
  ) {
    model.byteIDs.withUnsafeBufferPointer { ids in
      for index in 0..<length { symbols[index] = ids[Int(word[index])] }
    }
    var count = length
    for index in 0..<max(0, count - 1) { pairs[index] = model.merge(symbols[index], symbols[index + 1]) }
    while count > 1 {
      var best = PairTable.absent
      var position = 0
      for index in 0..<(count - 1) where pairs[index] < best {
        best = pairs[index]
        position = index
      }
      if best == PairTable.absent { break }
      symbols[position] = Int32(truncatingIfNeeded: best)
      count -= 1
      for index in (position + 1)..<max(count, position + 1) {
        symbols[index] = symbols[index + 1]
        pairs[index] = pairs[index + 1]
      }
      if position + 1 < count {
        pairs[position] = model.merge(symbols[position], symbols[position + 1])
      }
      if position > 0 { pairs[position - 1] = model.merge(symbols[position - 1], symbols[position]) }
    }
    tokens.append(contentsOf: UnsafeBufferPointer(start: symbols, count: count))
  }

  /// O(n log n): a heap of (rank, position) over a linked list. Entries that a merge has made untrue are
  /// recognised when they come out. A word is cut every 2^30 bytes so that positions fit.
  private mutating func appendLong(
    _ word: UnsafePointer<UInt8>, _ length: Int, model: MergeModel, to tokens: inout [Int32]
  ) {
    let limit = 1 << 30
    if length > limit {
      appendLong(word, limit, model: model, to: &tokens)
      append(word + limit, length - limit, model: model, to: &tokens)
      return
    }
    append(symbols: (0..<length).map { model.byteIDs[Int(word[$0])] }, model: model, to: &tokens)
  }

  /// The same for a word that is tokens already, not more than 2^30.
  mutating func append(symbols: [Int32], model: MergeModel, to tokens: inout [Int32]) {
    guard !symbols.isEmpty else { return }
    var symbols = symbols
    let length = symbols.count
    var next = (1...length).map { Int32($0) }
    var previous = (0..<length).map { Int32($0) - 1 }
    heap.removeAll()
    for position in 0..<(length - 1) {
      let pair = model.merge(symbols[position], symbols[position + 1])
      if pair != PairTable.absent { heap.insert(pair & Self.rankMask | UInt64(position)) }
    }
    while let entry = heap.popMinimum() {
      let position = Int(entry & 0xFFFF_FFFF)
      guard symbols[position] >= 0, Int(next[position]) < length else { continue }
      let right = Int(next[position])
      let pair = model.merge(symbols[position], symbols[right])
      guard pair != PairTable.absent, pair >> 32 == entry >> 32 else { continue }
      symbols[position] = Int32(truncatingIfNeeded: pair)
      symbols[right] = -1
      next[position] = next[right]
      if Int(next[position]) < length {
        previous[Int(next[position])] = Int32(position)
        let after = model.merge(symbols[position], symbols[Int(next[position])])
        if after != PairTable.absent { heap.insert(after & Self.rankMask | UInt64(position)) }
      }
      if previous[position] >= 0 {
        let left = Int(previous[position])
        let before = model.merge(symbols[left], symbols[position])
        if before != PairTable.absent { heap.insert(before & Self.rankMask | UInt64(left)) }
      }
    }
    var position = 0
    while position < length {
      tokens.append(symbols[position])
      position = Int(next[position])
    }
  }
}
