import CICUShim

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
    graft_icu_fill_classes(table)
    // The White_Space property, stable since Unicode 6.3.
    let spaces: [ClosedRange<Int>] = [
      0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A,
      0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ]
    for range in spaces { for point in range { table[point] = Self.space } }
    self.table = UnsafePointer(table)
  }
}

/// The versions of the Unicode machinery in use.
public enum UnicodeLibrary {
  /// Of ICU, for instance "72.1".
  public static var icuVersion: String { read(graft_icu_version) }

  /// Of the Unicode tables, for instance "15.0". Categories of characters added later are unknown to it.
  public static var unicodeVersion: String { read(graft_unicode_version) }

  private static func read(_ function: (UnsafeMutablePointer<CChar>?) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      buffer.initialize(repeating: 0)
      function(buffer.baseAddress)
      return buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}
