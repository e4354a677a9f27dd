import Randomness

/// The distinct word n-grams of the parts of a text as 64-bit hashes; the same word in another part is
/// another feature.
///
/// Words are runs of letters, digits, apostrophes and non-ASCII bytes, ASCII letters in lower case; any other
/// mark is a word of its own. Worked example: `It's 3.` has the words `it's`, `3`, `.` and the bigrams
/// `it's 3` and `3 .`.
struct NGramFeatures {
  /// 1 for words, 2 for words and pairs …
  var order: Int

  /// - Parameter key: the words of each part are put in a random order by it; nil for their own order.
  func callAsFunction(_ parts: [String], shuffledBy key: RandomKey? = nil) -> [UInt64] {
    var features = Set<UInt64>()
    for (index, part) in parts.enumerated() {
      var words = Self.words(part)
      if let key {
        var generator = key.folded(index).generator()
        generator.shuffle(&words)
      }
      collect(words, salt: UInt64(index), into: &features)
    }
    return features.sorted()
  }

  /// The words of a text as hashes, in order.
  private static func words(_ text: String) -> [UInt64] {
    var words: [UInt64] = []
    var current: UInt64?
    var text = text
    text.withUTF8 { bytes in
      for byte in bytes {
        let isInWord: Bool
        var letter = byte
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
          letter = byte | 0x20
          isInWord = true
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "'"), 0x80...:
          isInWord = true
        default:
          isInWord = false
        }
        if isInWord {
          current = extended(current ?? start, UInt64(letter))
        } else {
          if let word = current { words.append(word) }
          current = nil
          if byte > 0x20, byte != 0x7f { words.append(extended(start, UInt64(byte))) }
        }
      }
    }
    if let word = current { words.append(word) }
    return words
  }

  private func collect(_ words: [UInt64], salt: UInt64, into features: inout Set<UInt64>) {
    for first in words.indices {
      var hash = salt
      for length in 1...order where first + length <= words.count {
        // Multiplying in between makes the order of words count.
        hash = Self.extended(hash, words[first + length - 1])
        features.insert(hash)
      }
    }
  }

  private static let start: UInt64 = 0xcbf2_9ce4_8422_2325

  private static func extended(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    let mixed = (hash ^ value) &* 0x100_0000_01b3
    return mixed ^ (mixed >> 29)
  }
}
