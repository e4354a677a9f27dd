extension WordList {
  /// Writes the words of a list anew, with what they come from if that is remembered.
  struct Rewriter {
    let source: [UInt8]
    fileprivate let sourceTrace: TracedText?
    fileprivate var bytes: [UInt8] = []
    fileprivate var trace: TracedText?

    /// Takes over a range of the old bytes.
    mutating func keep(_ range: Range<Int>) {
      bytes += source[range]
      if let sourceTrace { trace?.append(sourceTrace, range) }
    }

    mutating func replace(_ range: Range<Int>, by replacement: [UInt8]) {
      bytes += replacement
      if let sourceTrace { trace?.append(sourceTrace, range, replacedBy: replacement) }
    }

    /// Bytes that come from the first character of a word.
    mutating func insert(_ added: [UInt8], before word: Range<Int>) {
      bytes += added
      if let part = sourceTrace?[word] { trace?.append(added, from: part.source(of: 0..<part.firstCharacterLength)) }
    }
  }

  /// Writes every word anew.
  /// - Parameter body: writes one word, which stays one.
  mutating func rewrite(_ body: (_ word: Range<Int>, _ rewriter: inout Rewriter) -> Void) {
    var rewriter = Rewriter(source: bytes, sourceTrace: trace, trace: trace.map { _ in TracedText() })
    rewriter.bytes.reserveCapacity(bytes.count + bytes.count / 4)
    words = words.map { word in
      let start = rewriter.bytes.count
      body(word, &rewriter)
      return start..<rewriter.bytes.count
    }
    bytes = rewriter.bytes
    trace = rewriter.trace
  }
}
