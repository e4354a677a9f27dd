/// The first stage of encoding: what happens to text before it is cut into words.
protocol TextNormalizer: Sendable {
  /// What people call it, for instance "bert, lower case".
  var name: String { get }

  /// Whether the beginning of a text, whatever becomes of it, is never just dropped. (Where it is, a pre-tokeniser that
  /// treats the beginning in its own way does not see it any more.)
  var keepsBeginning: Bool { get }

  /// Whether what becomes of a text that is cut between a letter of ASCII and a space is what becomes of its parts.
  var isLocal: Bool { get }

  /// The normalised bytes, or nil if there is nothing to change. Bytes that are not UTF-8 stay as they are.
  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]?

  /// The normalised text with what each of its bytes comes from.
  func traced(_ text: TracedText) -> TracedText
}

extension TextNormalizer {
  var keepsBeginning: Bool { true }

  var isLocal: Bool { false }

  func traced(_ text: TracedText) -> TracedText { tracedByParts(text) }

  func normalized(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { normalized($0) } ?? bytes }
}
