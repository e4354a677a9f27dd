/// Tokens follow each other as they are.
struct FusingDecoder: TokenDecoder {
  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8]) {
    text.append(contentsOf: piece)
  }
}
