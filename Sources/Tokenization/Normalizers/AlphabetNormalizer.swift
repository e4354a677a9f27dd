/// Writes every byte as its character of `ByteAlphabet`.
struct AlphabetNormalizer: TextNormalizer {
  private static let alphabet = ByteAlphabet.characters.map { character in
    var text: [UInt8] = []
    text.append(scalar: character)
    return text
  }

  var name: String { "bytes" }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { bytes.flatMap { Self.alphabet[Int($0)] } }

  func traced(_ text: TracedText) -> TracedText {
    var result = TracedText()
    for (offset, byte) in text.bytes.enumerated() {
      result.append(text, offset..<offset + 1, replacedBy: Self.alphabet[Int(byte)])
    }
    return result
  }
}
