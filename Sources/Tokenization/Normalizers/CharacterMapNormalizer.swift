/// SentencePiece's compiled normalisation rules (Kudo & Richardson 2018, section 3.2), for T5 the rules `nmt_nfkc`: a
/// map from character sequences to replacements, applied to each grapheme cluster of fewer than six bytes as a whole
/// if the map has a key that the cluster begins with, else to each character.
///
/// The bytes are: a 32-bit length, a double array of that many bytes that holds the keys, then the replacements, each
/// ended by a zero byte. All integers are little-endian. A unit of the double array (the format of darts-clone by
/// Susumu Yata) has a label in bits 0 … 7 and 31, whether a value follows in bit 8, and the offset of its children in
/// bits 10 … 30, which bit 9 multiplies by 256. The value of a key is where its replacement starts.
///
/// Worked example: with `nmt_nfkc`, "ﬁ" (one cluster, three bytes) becomes "fi", "e\u{301}" becomes "é", a tab a space.
struct CharacterMapNormalizer: TextNormalizer {
  private let units: [UInt32]
  /// The replacements, end to end.
  let replacements: [UInt8]
  /// What each ASCII character alone becomes, nil if it stays.
  private var ascii: [[UInt8]?] = []

  var name: String { "character map" }

  /// - Returns: nil if the bytes are not such a map.
  init?(_ map: [UInt8]) {
    guard map.count >= 4 else { return nil }
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(map[offset + $1]) << UInt32(8 * $1) }
    }
    let length = Int(word(0))
    guard length > 0, length % 4 == 0, length + 4 <= map.count else { return nil }
    units = stride(from: 4, to: 4 + length, by: 4).map { word($0) }
    replacements = Array(map[(4 + length)...])
    guard String(validating: replacements, as: UTF8.self) != nil else { return nil }
    ascii = (0..<128).map { byte in
      [UInt8(byte)].withUnsafeBufferPointer { key in
        key.baseAddress.flatMap { replacement($0, 1) }.map { Array(replacements[$0]) }
      }
    }
  }

  /// The replacement of the shortest key that some bytes begin with.
  private func replacement(_ key: UnsafePointer<UInt8>, _ length: Int) -> Range<Int>? {
    var found: Range<Int>?
    forEachKey(key, length) { _, replacement in
      found = replacement
      return false
    }
    return found
  }

  /// The longest key that some bytes begin with, as SentencePiece itself looks for keys: its length, and where in
  /// `replacements` what stands for it is.
  func longestKey(_ text: UnsafePointer<UInt8>, _ length: Int) -> (length: Int, replacement: Range<Int>)? {
    var found: (length: Int, replacement: Range<Int>)?
    forEachKey(text, length) { length, replacement in
      found = (length, replacement)
      return true
    }
    return found
  }

  /// Calls `body` with the length and the replacement of each key that some bytes begin with, shorter ones first, until
  /// it returns false.
  @inline(__always)
  private func forEachKey(_ key: UnsafePointer<UInt8>, _ length: Int, _ body: (Int, Range<Int>) -> Bool) {
    func childOffset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 1 << 9) >> 6)) }
    var position = childOffset(units[0])
    for index in 0..<length {
      let byte = key[index]
      position ^= Int(byte)
      guard byte != 0, position < units.count else { return }
      let unit = units[position]
      guard unit & (1 << 31 | 0xFF) == UInt32(byte) else { return }
      position ^= childOffset(unit)
      guard position < units.count else { return }
      guard unit & 1 << 8 != 0 else { continue }
      let start = Int(units[position] & ~(1 << 31))
      guard start <= replacements.count else { return }
      let end = replacements[start...].firstIndex(of: 0) ?? replacements.count
      guard body(index + 1, start..<end) else { return }
    }
  }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return nil }
    let count = bytes.count
    var result: [UInt8] = []
    result.reserveCapacity(count + count / 8)
    var start = 0
    while start < count {
      let byte = base[start]
      // Two ASCII characters are one cluster in one case only: CR LF.
      if byte < 0x80, byte != 0x0D, start + 1 == count || base[start + 1] < 0x80 {
        if let replaced = ascii[Int(byte)] { result += replaced } else { result.append(byte) }
        start += 1
        continue
      }
      let end = GraphemeClusters.end(in: base, count, from: start)
      append(base, start, end, to: &result)
      start = end
    }
    return result
  }

  private func append(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int, to result: inout [UInt8]) {
    if end - start < 6, let range = replacement(base + start, end - start) {
      result += replacements[range]
      return
    }
    let cluster = UnsafeRawBufferPointer(start: base + start, count: end - start)
    cluster.forEachScalar { _, range in
      if let replaced = replacement(base + start + range.lowerBound, range.count) {
        result += replacements[replaced]
      } else {
        result.append(contentsOf: cluster[range])
      }
    }
  }
}
