import Support

extension TextNormalizer {
  /// The same as `traced`, for normalisers that look at little more than a character: the text is cut where two ASCII
  /// characters meet, what changes is cut finer, by character or by grapheme cluster, as far as the parts' results
  /// together are the whole's.
  func tracedByParts(_ text: TracedText) -> TracedText {
    var result = TracedText()
    let bytes = text.bytes
    var start = 0
    while start < bytes.count {
      var end = start + 1
      while end < bytes.count, bytes[end - 1] >= 0x80 || bytes[end] >= 0x80 || bytes[end - 1] == 0x0D {
        end += 1
      }
      appendNormalized(text, start..<end, to: &result)
      start = end
    }
    return result
  }

  private func appendNormalized(_ text: TracedText, _ range: Range<Int>, to result: inout TracedText) {
    let source = Array(text.bytes[range])
    let whole = normalized(source)
    if whole == source { return result.append(text, range) }
    for ends in [Self.characterEnds(source), Self.clusterEnds(source)] {
      var start = 0
      var parts: [(range: Range<Int>, text: [UInt8])] = []
      for end in ends {
        let part = range.lowerBound + start..<range.lowerBound + end
        parts.append((part, normalized(Array(source[start..<end]))))
        start = end
      }
      guard parts.flatMap(\.text) == whole else { continue }
      for part in parts { result.append(text, part.range, replacedBy: part.text) }
      return
    }
    result.append(text, range, replacedBy: whole)
  }

  private static func characterEnds(_ bytes: [UInt8]) -> [Int] {
    var ends: [Int] = []
    bytes.withUnsafeBytes { $0.forEachScalar { ends.append($1.upperBound) } }
    return ends
  }

  private static func clusterEnds(_ bytes: [UInt8]) -> [Int] {
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      var ends: [Int] = []
      while (ends.last ?? 0) < buffer.count {
        ends.append(GraphemeClusters.end(in: base, buffer.count, from: ends.last ?? 0))
      }
      return ends
    }
  }
}
