import Support

/// A document as 128 numbers of which two documents share about as large a part as of their runs of five words:
/// MinHash (Broder 1997) with one permutation and bins (Li et al. 2012), empty bins filled from others by a fixed draw
/// (Shrivastava 2017).
///
/// Words are those of `OverlapWords`: lower case, no punctuation. A document of fewer than five words is one run.
///
/// Worked example: of "a b c d e f" and "a b c d e g" the runs are {abcde, bcdef} and {abcde, bcdeg}: similarity 1/3,
/// and about a third of the 128 numbers are equal, with a standard error of √(1/3 · 2/3 / 128) = 0.04 for documents
/// long enough to fill the bins.
struct DocumentSketch: Sendable {
  static let bins = 128
  static let run = 5
  private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15
  private static let empty = UInt32.max

  /// Without elements if the document has no words.
  private(set) var values: [UInt32] = []
  /// Stands for the bytes of the document, outer white space aside.
  private(set) var identity: SIMD2<UInt64>

  init(_ text: UnsafeRawBufferPointer, isNear: Bool) {
    identity = Self.identity(of: text)
    guard isNear else { return }
    var minima = [UInt32](repeating: Self.empty, count: Self.bins)
    var ring = [UInt64](repeating: 0, count: 8)
    var (sum, count) = (UInt64(0), 0)
    let power = (0..<Self.run).reduce(UInt64(1)) { power, _ in power &* Self.base }
    func take(_ word: UInt64) {
      sum = sum &* Self.base &+ word
      if count >= Self.run { sum = sum &- ring[(count - Self.run) & 7] &* power }
      ring[count & 7] = word
      count += 1
      if count >= Self.run { Self.add(sum, to: &minima) }
    }
    var words = OverlapWords()
    words.read(text, take)
    words.finish(take)
    guard count > 0 else { return }
    if count < Self.run { Self.add(sum &+ UInt64(count), to: &minima) }
    values = Self.filled(minima)
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = (value ^ (value >> 31)) &* 0xD6E8_FEB8_6659_FD93
    value = (value ^ (value >> 32)) &* 0xA076_1D64_78BD_642F
    return value ^ (value >> 29)
  }

  private static func add(_ sum: UInt64, to minima: inout [UInt32]) {
    let hash = mixed(sum)
    let bin = Int(hash >> 57)
    // Below `empty`.
    let value = UInt32(truncatingIfNeeded: hash) >> 1
    if value < minima[bin] { minima[bin] = value }
  }

  /// Each empty bin takes the value of the first filled one in an order of its own, the same for all documents.
  private static func filled(_ minima: [UInt32]) -> [UInt32] {
    var result = minima
    for bin in 0..<bins where minima[bin] == empty {
      var attempt: UInt64 = 0
      while result[bin] == empty {
        attempt += 1
        result[bin] = minima[Int(mixed(UInt64(bin) &* base &+ attempt) >> 57)]
      }
    }
    return result
  }

  private static func identity(of text: UnsafeRawBufferPointer) -> SIMD2<UInt64> {
    var (start, end) = (0, text.count)
    while start < end, ASCII.isSpace(text[start]) { start += 1 }
    while end > start, ASCII.isSpace(text[end - 1]) { end -= 1 }
    var hash = ContentHash()
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: text[start..<end]))
    return hash.leading128Bits()
  }
}
