/// Some bytes and the words in them.
struct WordList {
  var bytes: [UInt8]
  /// Where the bytes come from, if that is asked for.
  var trace: TracedText?
  /// In ascending order; bytes between two words belong to none.
  var words: [Range<Int>]

  /// The whole as one word.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    words = bytes.isEmpty ? [] : [0..<bytes.count]
  }

  /// The whole as one word, remembering where it comes from.
  init(_ text: TracedText) {
    self.init(text.bytes)
    trace = text
  }

  /// The bytes with what they come from: themselves if nothing is remembered.
  var text: TracedText { trace ?? bytes.withUnsafeBytes { TracedText(source: $0) } }

  /// Calls `body` with each character of a word and its offsets; nil for a byte that is no character's.
  func forEachScalar(of word: Range<Int>, _ body: (UInt32?, Range<Int>) -> Void) {
    bytes.withUnsafeBytes { bytes in
      UnsafeRawBufferPointer(rebasing: bytes[word]).forEachScalar { scalar, range in
        body(scalar, word.lowerBound + range.lowerBound..<word.lowerBound + range.upperBound)
      }
    }
  }

  /// Cuts at white space, which is dropped, and around single characters of a kind.
  mutating func cut(isolating flag: UInt8) {
    let flags = TextCharacters.shared.flags
    var result: [Range<Int>] = []
    for word in words {
      var start = word.lowerBound
      forEachScalar(of: word) { scalar, range in
        guard let scalar, flags[Int(scalar)] & (TextCharacters.space | flag) != 0 else { return }
        if start < range.lowerBound { result.append(start..<range.lowerBound) }
        if flags[Int(scalar)] & TextCharacters.space == 0 { result.append(range) }
        start = range.upperBound
      }
      if start < word.upperBound { result.append(start..<word.upperBound) }
    }
    words = result
  }
}
