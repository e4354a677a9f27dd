/// What normalisers and pre-tokenisers of words ask of characters: one byte of flags per code point, and small forms.
final class TextCharacters: @unchecked Sendable {
  // The tables are written in `init` only and live as long as the process, hence safe to share.
  static let control: UInt8 = 1
  static let punctuation: UInt8 = 2
  static let nonspacingMark: UInt8 = 4
  static let mark: UInt8 = 8
  static let space: UInt8 = 16
  static let ideograph: UInt8 = 32
  static let capital: UInt8 = 64

  static let shared = TextCharacters()

  /// What BERT sets between spaces, as the reference has it: the blocks of CJK ideographs (with the reference's gap
  /// where extension E begins).
  private static let ideographs: [ClosedRange<Int>] = [
    0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
    0x2B920...0x2CEAF,
    0x2F800...0x2FA1F,
  ]

  let flags: UnsafePointer<UInt8>
  private var smallForms: [UInt32: UInt32] = [:]

  private init() {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 0x110000)
    table.initialize(repeating: 0, count: 0x110000)
    for (flag, ranges) in [
      (Self.control, BertCharacterRanges.controls), (Self.punctuation, BertCharacterRanges.punctuation),
      (Self.nonspacingMark, BertCharacterRanges.nonspacingMarks), (Self.mark, BertCharacterRanges.marks),
      (Self.space, CharacterRanges.spaces),
    ] {
      for index in stride(from: 0, to: ranges.count, by: 2) {
        for point in Int(ranges[index])..<Int(ranges[index] + ranges[index + 1]) { table[point] |= flag }
      }
    }
    for range in Self.ideographs {
      for point in range { table[point] |= Self.ideograph }
    }
    let runs = BertCharacterRanges.lowercase
    for index in stride(from: 0, to: runs.count, by: 4) {
      for number in 0..<runs[index + 1] {
        let point = runs[index] + number * runs[index + 2]
        smallForms[UInt32(point)] = UInt32(point + runs[index + 3])
        table[Int(point)] |= Self.capital
      }
    }
    table[0x130] |= Self.capital
    flags = UnsafePointer(table)
  }

  /// Appends the small form of a character: itself if it is no capital.
  func appendLowercase(_ scalar: UInt32, to text: inout [UInt8]) {
    guard flags[Int(scalar)] & Self.capital != 0 else { return text.append(scalar: scalar) }
    // İ is the one character whose small form has two: i and a dot above.
    guard scalar != 0x130 else { return text.append(contentsOf: [0x69, 0xCC, 0x87]) }
    text.append(scalar: smallForms[scalar] ?? scalar)
  }
}
