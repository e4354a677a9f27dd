/// `ByteLevel` of Hugging Face tokenizers as one of several stages: a space before every word that begins with none,
/// the cut of GPT-2, and the printable character of every byte if later stages or the model go by text.
///
/// Worked example: with all three, the words `It's` `é` become `ĠIt` `'s` `ĠÃ©`.
struct ByteLevelCutter: WordCutter {
  var addsPrefixSpace: Bool
  /// How words are cut further.
  var pattern: BytePattern
  /// Whether bytes become the characters of `ByteAlphabet`.
  var writesAlphabet: Bool

  private static let alphabet = ByteAlphabet.characters.map { character in
    var text: [UInt8] = []
    text.append(scalar: character)
    return text
  }

  func cut(_ text: inout WordList, isStart: Bool) {
    if addsPrefixSpace, text.words.contains(where: { text.bytes[$0.lowerBound] != 0x20 }) { addSpaces(&text) }
    if pattern != .none {
      var result: [Range<Int>] = []
      result.reserveCapacity(2 * text.words.count)
      text.bytes.withUnsafeBytes { bytes in
        for word in text.words {
          pattern.forEachWord(in: UnsafeRawBufferPointer(rebasing: bytes[word])) { start, end in
            result.append(word.lowerBound + start..<word.lowerBound + end)
          }
        }
      }
      text.words = result
    }
    if writesAlphabet { writeAlphabet(&text) }
  }

  private func addSpaces(_ text: inout WordList) {
    text.rewrite { word, rewriter in
      if rewriter.source[word.lowerBound] != 0x20 { rewriter.insert([0x20], before: word) }
      rewriter.keep(word)
    }
  }

  private func writeAlphabet(_ text: inout WordList) {
    text.rewrite { word, rewriter in
      for offset in word { rewriter.replace(offset..<offset + 1, by: Self.alphabet[Int(rewriter.source[offset])]) }
    }
  }
}
