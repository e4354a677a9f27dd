/// What a YAML file may become: aliases let nine lines stand for a thousand million values, and nesting takes the
/// stack.
struct YAMLBudget {
  /// More than any definition has; a longer file may have a value for each of its bytes.
  static let leastValues = 100_000
  static let deepest = 100
  /// With so few uses of anchors a file stays within a few thousand times its length.
  private static let harmlessAliases = 20

  private var left: Int
  private var depth = 0

  init(_ text: String) { left = max(Self.leastValues, text.utf8.count) }

  /// To be called for every value, aliases expanded.
  mutating func enter(_ location: SourceLocation) throws(GraftError) {
    left -= 1
    depth += 1
    guard left >= 0 else {
      throw GraftError(
        .badData, "the file's aliases stand for more than \(Self.leastValues) values",
        hint: "write out what is meant, or take out anchors that hold other aliases.", location: location)
    }
    guard depth <= Self.deepest else {
      throw GraftError(.badData, "nested more than \(Self.deepest) levels deep", location: location)
    }
  }

  mutating func leave() { depth -= 1 }

  /// Refuses lists, mappings and aliases as keys in a file with many aliases: the reader compares keys, aliases
  /// expanded, before anything can be counted. No file of this project has such keys.
  static func checkKeys(_ text: String, file: String) throws(GraftError) {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return }
    let bytes = Array(text.utf8)
    var aliases = 0
    var (line, complexKey) = (1, Int?.none)
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == 0x0A { line += 1 }
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
      switch byte {
      case UInt8(ascii: "*") where !isSpace(next) && startsValue(bytes, at: index):
        aliases += 1
        var end = index + 1
        while end < bytes.count, !isSpace(bytes[end]), !",]}".utf8.contains(bytes[end]) { end += 1 }
        while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: ":") { complexKey = complexKey ?? line }
      case UInt8(ascii: "?") where isSpace(next) && startsValue(bytes, at: index):
        complexKey = complexKey ?? line
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        var end = index + 1
        while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: ":") { complexKey = complexKey ?? line }
      default: break
      }
    }
    guard aliases > harmlessAliases, let complexKey else { return }
    throw GraftError(
      .badData, "a key must be a plain word", location: SourceLocation(file: file, line: complexKey))
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  /// Whether what stands before a byte lets a value begin there.
  private static func startsValue(_ bytes: [UInt8], at index: Int) -> Bool {
    index == 0 || isSpace(bytes[index - 1]) || "[{,:".utf8.contains(bytes[index - 1])
  }
}
