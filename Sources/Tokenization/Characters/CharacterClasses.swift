/// The four kinds of character that pre-tokenisation tells apart, one byte per code point.
final class CharacterClasses: @unchecked Sendable {
  // The table is written in `init` only and lives as long as the process, hence safe to share.
  static let other: UInt8 = 0
  static let letter: UInt8 = 1
  static let number: UInt8 = 2
  static let space: UInt8 = 3

  static let shared = CharacterClasses()

  let table: UnsafePointer<UInt8>

  private init() {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 0x110000)
    table.initialize(repeating: Self.other, count: 0x110000)
    for (kind, ranges) in [
      (Self.letter, CharacterRanges.letters), (Self.number, CharacterRanges.numbers),
      (Self.space, CharacterRanges.spaces),
    ] {
      for index in stride(from: 0, to: ranges.count, by: 2) {
        (table + Int(ranges[index])).update(repeating: kind, count: Int(ranges[index + 1]))
      }
    }
    self.table = UnsafePointer(table)
  }
}
