/// Words of running text as hashes, for texts that must be compared fast: lower case, punctuation stripped.
///
/// A word is a run of ASCII letters, digits and bytes of other scripts, ASCII letters in lower case. Apostrophes,
/// straight and curly, are dropped without ending a word, and everything else, curly quotation marks and dashes among
/// it, ends one. Letters outside ASCII are compared as they stand.
///
/// Worked example: `“Don’t” – it's CO-OP` has the words dont, its, co, op.
///
/// Text comes in pieces; a word goes on over the end of a piece unless `finish` says otherwise.
public struct OverlapWords: Sendable {
  private static let start: UInt64 = 0xcbf2_9ce4_8422_2325
  private var current: UInt64 = start
  private var isInWord = false
  /// How much of a mark of the block of general punctuation (E2 80 xx) has been read.
  private var marks = 0

  @inline(__always)
  private mutating func extend(_ byte: UInt8) {
    current = (current ^ UInt64(byte)) &* 0x100_0000_01b3
    isInWord = true
  }

  @inline(__always)
  private mutating func endWord(_ word: (UInt64) -> Void) {
    guard isInWord else { return }
    // FNV's low bits are poor for short words.
    var mixed = current
    mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
    word(mixed ^ (mixed >> 32))
    current = Self.start
    isInWord = false
  }

  /// Before the first piece of a text.
  public init() {}

  /// Reads a piece and gives out each word that has ended.
  @inline(__always)
  public mutating func read(_ bytes: UnsafeRawBufferPointer, _ word: (UInt64) -> Void) {
    for byte in bytes {
      if marks > 0, readMark(byte, word) { continue }
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): extend(byte)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): extend(byte | 0x20)
      case UInt8(ascii: "'"): break
      case 0xE2: marks = 1
      case 0x80...: extend(byte)
      default: endWord(word)
      }
    }
  }

  /// - Returns: whether the byte belongs to the mark or letter that began with E2.
  private mutating func readMark(_ byte: UInt8, _ word: (UInt64) -> Void) -> Bool {
    if marks == 1 {
      if byte == 0x80 {
        marks = 2
        return true
      }
      marks = 0
      extend(0xE2)
      return false
    }
    marks = 0
    switch byte {
    case 0x98, 0x99: return true  // ‘ ’
    case 0x90...0xAF:  // U+2010 to U+202F: dashes, quotation marks, dots, spaces
      endWord(word)
      return true
    default:
      extend(0xE2)
      extend(0x80)
      return false
    }
  }

  /// Ends the text.
  public mutating func finish(_ word: (UInt64) -> Void) {
    if marks > 0 {
      extend(0xE2)
      marks = 0
    }
    endWord(word)
  }

  /// All words of a text.
  public static func hashes(_ text: String) -> [UInt64] {
    var words = OverlapWords()
    var result: [UInt64] = []
    var text = text
    text.withUTF8 { words.read(UnsafeRawBufferPointer($0)) { result.append($0) } }
    words.finish { result.append($0) }
    return result
  }
}
