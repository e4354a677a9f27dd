import Support

/// What of a file's documents is left out.
public struct DocumentSelection: Sendable, Hashable {
  /// The numbers of documents, in the order in which the reader gives them, that are left out.
  public internal(set) var dropped: Set<Int> = []
  /// By the number of a document, the lines that are left out of what cleaning left of it.
  public internal(set) var droppedLines: [Int: [Int]] = [:]

  var isEmpty: Bool { dropped.isEmpty && droppedLines.isEmpty }

  /// As text to hash; the same for the same selection.
  var signature: String {
    let lines = droppedLines.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
    return "without \(dropped.sorted()), lines \(lines.joined(separator: ","))"
  }

  /// What is left of a document; nil if nothing is.
  func selected(_ text: [UInt8], document: Int) -> [UInt8]? {
    if dropped.contains(document) { return nil }
    guard let lines = droppedLines[document] else { return text }
    let without = Set(lines)
    let kept = text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
      .filter { !without.contains($0.offset) }.map(\.element)
    let result = Array(kept.joined(separator: [0x0A]))
    return result.contains { $0 > 0x20 } ? result : nil
  }
}
