/// Tokens are bytes.
struct ByteLevelDecoder: TokenDecoder {
  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8]) {
    text.append(contentsOf: piece)
  }

  func printable(_ piece: some RandomAccessCollection<UInt8>) -> String { ByteAlphabet.text(piece) }
}
