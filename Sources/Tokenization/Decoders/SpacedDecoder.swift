/// Tokens are separate words: a space between each two.
struct SpacedDecoder: TokenDecoder {
  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8]) {
    if !isFirst { text.append(0x20) }
    text.append(contentsOf: piece)
  }
}
