/// The decoder of Llama 2: a visible character for spaces, tokens of bytes, and a space less at the beginning if one
/// was put there.
struct ByteFallbackDecoder: TokenDecoder {
  /// What stands for a space; nil for nothing.
  var replacement: [UInt8]?
  var readsBytes: Bool
  /// How many spaces at the beginning are dropped.
  var strips: Int

  /// The byte of `<0x41>`.
  static func byte(_ piece: some RandomAccessCollection<UInt8>) -> UInt8? {
    let piece = Array(piece)
    guard piece.count == 6, piece.starts(with: "<0x".utf8), piece[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: piece[3..<5], as: UTF8.self), radix: 16)
  }

  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8]) {
    var bytes = plain(piece)
    if isFirst { bytes.removeFirst(min(strips, bytes.prefix { $0 == 0x20 }.count)) }
    text += bytes
  }

  private func plain(_ piece: some RandomAccessCollection<UInt8>) -> [UInt8] {
    if readsBytes, let byte = Self.byte(piece) { return [byte] }
    return replacement.map { Array(piece).replacing($0, with: [0x20]) } ?? Array(piece)
  }

  func byteCount(of piece: some RandomAccessCollection<UInt8>) -> Int { plain(piece).count }
}
