import Support

/// A zip archive whose entries are stored as they are, as torch.save writes them: where each entry's bytes lie. It is
/// read from the directory at its end, also in the form for more than 4 GB (APPNOTE 6.3.10, sections 4.3 and 4.5.3).
struct StoredArchive {
  /// The bytes of each entry, by its name, counted from the start of the file.
  private(set) var entries: [String: Range<Int>] = [:]

  private static let endMark: UInt32 = 0x0605_4B50
  private static let largeEndMark: UInt32 = 0x0606_4B50
  private static let largeLocatorMark: UInt32 = 0x0706_4B50
  private static let directoryMark: UInt32 = 0x0201_4B50
  private static let entryMark: UInt32 = 0x0403_4B50

  /// - Throws: `TorchDamage` for a file that is cut off, damaged, encrypted or compressed.
  init(_ bytes: UnsafeRawBufferPointer) throws(TorchDamage) {
    let source = LittleEndianBytes(bytes)
    let directory = try Self.directory(source)
    var place = directory.range.lowerBound
    for _ in 0..<directory.count {
      guard try source.word(place, within: directory.range) == Self.directoryMark else {
        throw TorchDamage("its directory has no entry where one is listed, at byte \(place)")
      }
      let (nameCount, extraCount) = (try source.short(place + 28), try source.short(place + 30))
      let commentCount = try source.short(place + 32)
      let name = try source.text(place + 46, count: nameCount)
      let extra = place + 46 + nameCount
      guard try source.short(place + 8) & 1 == 0 else { throw TorchDamage("its entry '\(name)' is encrypted") }
      guard try source.short(place + 10) == 0 else {
        throw TorchDamage("its entry '\(name)' is compressed, which torch.save does not do")
      }
      var large = try Self.largeFields(source, extra..<extra + extraCount).makeIterator()
      func field(_ offset: Int) throws(TorchDamage) -> Int {
        let small = try source.word(place + offset)
        guard small == .max else { return Int(small) }
        guard let value = large.next() else { throw TorchDamage("its entry '\(name)' has no size") }
        return value
      }
      let (size, stored, start) = (try field(24), try field(20), try field(42))
      guard size == stored else { throw TorchDamage("its entry '\(name)' is stored in \(stored) of \(size) bytes") }
      let range = try Self.content(source, at: start, count: size, before: directory.range.lowerBound, name: name)
      guard entries.updateValue(range, forKey: name) == nil else {
        throw TorchDamage("it has an entry '\(name)' twice")
      }
      place = extra + extraCount + commentCount
    }
  }

  /// Where the directory lies and how many entries it has.
  private static func directory(_ source: LittleEndianBytes) throws(TorchDamage) -> (range: Range<Int>, count: Int) {
    let fixed = 22
    var end = source.count - fixed
    // A comment of at most 64 kB may stand behind it.
    let first = max(0, end - 0xFFFF)
    while end >= first {
      if try source.word(end) == endMark { break }
      end -= 1
    }
    guard end >= first else {
      throw TorchDamage("it is a zip archive that is cut off: the directory at its end is missing")
    }
    var (count, size, start) = (
      try source.short(end + 10), Int(try source.word(end + 12)), Int(try source.word(end + 16))
    )
    if end >= 20, try source.word(end - 20) == largeLocatorMark {
      let large = try source.integer(end - 12)
      guard try source.word(large) == largeEndMark else {
        throw TorchDamage("its directory is not where it says, at byte \(large)")
      }
      (count, size, start) = (
        try source.integer(large + 32), try source.integer(large + 40), try source.integer(large + 48)
      )
    }
    guard start <= end, size <= end - start, count <= size / 46 else {
      throw TorchDamage("its directory of \(count) entries in \(size) bytes from \(start) on does not fit the file")
    }
    return (start..<start + size, count)
  }

  /// The numbers of more than 32 bits that an entry of the directory has, in their order.
  private static func largeFields(_ source: LittleEndianBytes, _ extra: Range<Int>) throws(TorchDamage) -> [Int] {
    var place = extra.lowerBound
    while place + 4 <= extra.upperBound {
      let (kind, size) = (try source.short(place), try source.short(place + 2))
      if kind == 1 {
        var fields: [Int] = []
        for field in 0..<size / 8 { fields.append(try source.integer(place + 4 + 8 * field)) }
        return fields
      }
      place += 4 + size
    }
    return []
  }

  /// The bytes behind an entry's own header, which repeats its name.
  private static func content(
    _ source: LittleEndianBytes, at start: Int, count: Int, before end: Int, name: String
  ) throws(TorchDamage) -> Range<Int> {
    guard try source.word(start) == entryMark else {
      throw TorchDamage("its entry '\(name)' is not where the directory says, at byte \(start)")
    }
    let first = start + 30 + (try source.short(start + 26)) + (try source.short(start + 28))
    guard first <= end, count <= end - first else { throw TorchDamage("its entry '\(name)' is cut off") }
    return first..<first + count
  }
}
