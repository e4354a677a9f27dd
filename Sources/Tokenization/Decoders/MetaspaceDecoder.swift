/// The inverse of `MetaspaceCutter`: spaces for the visible character, none in the first token if one was added.
struct MetaspaceDecoder: TokenDecoder {
  var replacement: [UInt8]
  var dropsFirst: Bool

  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8]) {
    text += Array(piece).replacing(replacement, with: isFirst && dropsFirst ? [] : [0x20])
  }

  func byteCount(of piece: some RandomAccessCollection<UInt8>) -> Int {
    Array(piece).replacing(replacement, with: [0x20]).count
  }
}
