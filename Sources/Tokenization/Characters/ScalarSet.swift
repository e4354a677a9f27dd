/// A set of characters: ranges of code points that ascend and do not touch. Surrogates are never in it.
struct ScalarSet: Sendable, Hashable {
  private(set) var ranges: [ClosedRange<UInt32>]

  /// Every character.
  static let all = ScalarSet([0...0xD7FF, 0xE000...0x10FFFF])

  init(_ ranges: [ClosedRange<UInt32>] = []) {
    self.ranges = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
        self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        self.ranges.append(range)
      }
    }
  }

  /// - Parameter pairs: each a first code point and how many follow each other from there.
  init(pairs: [UInt32]) {
    self.init(stride(from: 0, to: pairs.count, by: 2).map { pairs[$0]...pairs[$0] + pairs[$0 + 1] - 1 })
  }

  var isEmpty: Bool { ranges.isEmpty }

  func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  func intersection(_ other: ScalarSet) -> ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var (left, right) = (0, 0)
    while left < ranges.count, right < other.ranges.count {
      let (a, b) = (ranges[left], other.ranges[right])
      if a.overlaps(b) { result.append(a.clamped(to: b)) }
      if a.upperBound < b.upperBound { left += 1 } else { right += 1 }
    }
    return ScalarSet(result)
  }

  /// Every character that is not in it.
  var inverted: ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var start: UInt32 = 0
    for range in ranges {
      if start < range.lowerBound { result.append(start...range.lowerBound - 1) }
      start = range.upperBound + 1
    }
    if start <= 0x10FFFF { result.append(start...0x10FFFF) }
    return ScalarSet(result).intersection(.all)
  }

  func subtracting(_ other: ScalarSet) -> ScalarSet { intersection(other.inverted) }
}

extension ScalarSet {
  /// Characters by kind, as `CharacterRuns` has them.
  private static let categoryRuns = runs(CharacterRuns.categories)
  private static let scriptRuns = runs(CharacterRuns.scripts)

  /// The code of each run of characters and the run.
  static func runs(_ text: String) -> [(code: String, range: ClosedRange<UInt32>)] {
    let bytes = Array(text.utf8)
    var result: [(code: String, range: ClosedRange<UInt32>)] = []
    var (offset, start) = (0, UInt32(0))
    while offset + 1 < bytes.count {
      let code = String(decoding: bytes[offset..<offset + 2], as: UTF8.self)
      offset += 2
      var length: UInt32 = 0
      while offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 {
        length = 10 * length + UInt32(bytes[offset] - 0x30)
        offset += 1
      }
      length = max(1, length)
      result.append((code, start...start + length - 1))
      start += length
    }
    return result
  }

  /// General categories by their codes: `L` is Lu, Ll, Lt, Lm and Lo.
  static func categories(_ codes: [String]) -> ScalarSet {
    if codes == ["Cn"] { return ScalarSet(categoryRuns.filter { $0.code != "--" }.map(\.range)).inverted }
    return ScalarSet(categoryRuns.filter { run in codes.contains { run.code.hasPrefix($0) } }.map(\.range))
  }

  /// A script by its code in `CharacterRuns`.
  static func script(_ code: String) -> ScalarSet { ScalarSet(scriptRuns.filter { $0.code == code }.map(\.range)) }

  static let whitespace = ScalarSet(pairs: CharacterRanges.spaces)
  /// `\w` of regular expressions, outside of brackets.
  static let words = categories(["L", "M", "Nd", "Nl", "Pc"]).union(ScalarSet(pairs: CharacterRuns.moreWords))
  /// `\w` within brackets, where Oniguruma does not take ² ³ ¹ ¼ ½ ¾ for word characters.
  static let bracketedWords = words.subtracting(ScalarSet(pairs: CharacterRuns.noWordsElsewhere))
  /// What is a word to `single_word` and to the pre-tokeniser Whitespace.
  static let plainWords = bracketedWords.union(ScalarSet(pairs: CharacterRuns.wordsElsewhere))
  /// What the pre-tokeniser Digits takes for digits.
  static let digits = categories(["N"]).union(ScalarSet(pairs: CharacterRuns.moreDigits))
  /// What the pre-tokeniser Punctuation takes for punctuation.
  static let punctuation = ScalarSet(pairs: BertCharacterRanges.punctuation)
}

/// A set of characters as a bit for each code point.
final class ScalarTable: @unchecked Sendable {
  // Written in `init` only and owned by it, hence safe to share.
  private let bits: UnsafeMutablePointer<UInt8>

  static let digits = ScalarTable(.digits)
  static let punctuation = ScalarTable(.punctuation)
  static let plainWords = ScalarTable(.plainWords)

  init(_ set: ScalarSet) {
    bits = .allocate(capacity: 0x110000 / 8)
    bits.initialize(repeating: 0, count: 0x110000 / 8)
    for range in set.ranges {
      for scalar in range { bits[Int(scalar >> 3)] |= 1 << UInt8(scalar & 7) }
    }
  }

  deinit { bits.deallocate() }

  @inline(__always)
  func contains(_ scalar: UInt32) -> Bool { bits[Int(scalar >> 3)] & 1 << UInt8(scalar & 7) != 0 }
}
