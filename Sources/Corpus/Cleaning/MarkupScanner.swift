/// A text that is searched for markup and copied without it, byte by byte.
struct MarkupScanner {
  let text: [UInt8]
  var position = 0
  private(set) var result: [UInt8] = []
  /// How many places were changed.
  private(set) var changes = 0

  init(_ text: [UInt8]) {
    self.text = text
    result.reserveCapacity(text.count)
  }

  var isAtEnd: Bool { position >= text.count }

  /// The byte before what is looked at, as it will stand; nil at the start.
  var previous: UInt8? { result.last }

  /// Whether a pattern stands at a place, case of ASCII letters aside if it is in lower case.
  func has(_ pattern: StaticString, at place: Int) -> Bool {
    let count = pattern.utf8CodeUnitCount
    guard place >= 0, place + count <= text.count else { return false }
    for offset in 0..<count where ASCII.lower(text[place + offset]) != pattern.utf8Start[offset] { return false }
    return true
  }

  /// Where a pattern stands next, before `limit`.
  func find(_ pattern: StaticString, from place: Int, limit: Int) -> Int? {
    let end = min(limit, text.count)
    var place = place
    while place < end {
      if has(pattern, at: place) { return place }
      place += 1
    }
    return nil
  }

  mutating func copy() {
    result.append(text[position])
    position += 1
  }

  /// Puts something in the place of what goes up to `end`.
  mutating func replace(upTo end: Int, by replacement: some Sequence<UInt8>) {
    result += replacement
    remove(upTo: end)
  }

  /// Passes over what goes up to `end`.
  mutating func remove(upTo end: Int) {
    position = end
    changes += 1
  }

  /// Takes white space of the line back that was copied last.
  mutating func dropTrailingSpaces() {
    while let last = result.last, last == 0x20 || last == 0x09 { result.removeLast() }
  }

  /// The end of what opens at a place with two bytes and closes with two, others within counted; nil if it does not
  /// close within `limit` bytes.
  func balancedEnd(_ open: StaticString, _ close: StaticString, from start: Int, limit: Int) -> Int? {
    var depth = 0
    var place = start
    let end = min(text.count, start + limit)
    while place < end {
      if has(open, at: place) {
        depth += 1
        place += 2
      } else if has(close, at: place) {
        depth -= 1
        place += 2
        if depth == 0 { return place }
      } else {
        place += 1
      }
    }
    return nil
  }
}
