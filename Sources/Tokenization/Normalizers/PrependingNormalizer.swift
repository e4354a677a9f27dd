/// Puts some text before every text that is not empty.
struct PrependingNormalizer: TextNormalizer {
  var prefix: [UInt8]

  var name: String { "prefixed" }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { bytes.isEmpty ? nil : prefix + Array(bytes) }

  func traced(_ text: TracedText) -> TracedText {
    guard text.count > 0 else { return text }
    var result = TracedText()
    result.append(prefix, from: text.source(of: 0..<text.firstCharacterLength))
    result.append(text, 0..<text.count)
    return result
  }
}
