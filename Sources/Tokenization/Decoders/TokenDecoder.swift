/// The last stage: how the text of tokens becomes the text they stand for.
protocol TokenDecoder: Sendable {
  /// Appends what a token stands for.
  /// - Parameters:
  ///   - piece: the token as the vocabulary has it; for byte-level vocabularies, its bytes.
  ///   - isFirst: whether it is the first that is decoded.
  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8])

  /// How many bytes of text a token stands for within a text.
  func byteCount(of piece: some RandomAccessCollection<UInt8>) -> Int

  /// Whether a token alone shows that it begins a word.
  var showsWordStarts: Bool { get }

  /// A token's printable form.
  func printable(_ piece: some RandomAccessCollection<UInt8>) -> String
}

extension TokenDecoder {
  var showsWordStarts: Bool { true }
  func byteCount(of piece: some RandomAccessCollection<UInt8>) -> Int { piece.count }
  func printable(_ piece: some RandomAccessCollection<UInt8>) -> String {
    String(decoding: piece, as: UTF8.self)
  }
}
