import Support

/// The printable character that stands for each byte in a byte-level vocabulary (Radford et al. 2019,
/// "Language Models are Unsupervised Multitask Learners"): printable Latin-1 bytes stand for themselves,
/// the other 68 are given U+0100, U+0101 … in order.
///
/// Worked example: byte 0x41 is `A`, byte 0x20 (a space) is U+0120 `Ġ`, byte 0x0A is U+010A `Ċ`.
enum ByteAlphabet {
  private static func isPrintable(_ byte: Int) -> Bool {
    (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
  }

  /// The code point of each byte's character.
  static let characters: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { byte in
      if isPrintable(byte) { return UInt32(byte) }
      defer { next += 1 }
      return next
    }
  }()

  /// What stands for each byte in a JSON string: its character, escaped where JSON wants it.
  static let literals: [[UInt8]] = (0..<256).map {
    Array(text([UInt8($0)]).jsonLiteral.utf8.dropFirst().dropLast())
  }

  /// The bytes in the order of their characters: the order their ids have in a trained vocabulary.
  static let order: [UInt8] =
    (0..<256).filter(isPrintable).map(UInt8.init)
    + (0..<256).filter { !isPrintable($0) }.map(UInt8.init)

  private static let bytes: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x144)
    for (byte, character) in characters.enumerated() { table[Int(character)] = Int16(byte) }
    return table
  }()

  /// The printable form of some bytes.
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var result = String.UnicodeScalarView()
    for byte in bytes {
      if let scalar = Unicode.Scalar(characters[Int(byte)]) { result.append(scalar) }
    }
    return String(result)
  }

  /// The bytes that a printable form stands for, or nil if it has a character outside the alphabet.
  static func bytes(of text: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard scalar.value < bytes.count, bytes[Int(scalar.value)] >= 0 else { return nil }
      result.append(UInt8(bytes[Int(scalar.value)]))
    }
    return result
  }
}
