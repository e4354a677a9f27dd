import Records
import Support
import Tokenization

/// A text as numbers of words, which descend by how often they occur.
///
/// A line is a sentence, or several where it is longer than `longestSentence`. Words stand between ASCII whitespace, or
/// are the tokens of a tokenizer.
public struct WordText: Sendable {
  /// Words of the longest sentence, as in word2vec; a longer line is cut.
  public static let longestSentence = 1000

  /// The bytes of each word.
  public private(set) var words: [[UInt8]] = []
  /// How often each occurs.
  public private(set) var counts: [Int] = []
  /// All sentences, one after the other, without the words that are too rare.
  public private(set) var tokens: [Int32] = []
  /// Where each sentence ends in `tokens`.
  public private(set) var ends: [Int] = []
  /// Words of the text, those that are too rare among them.
  public private(set) var wordsRead = 0

  /// Before anything is learned of them.
  /// - Throws: `.badData` for a word that no file of vectors can hold.
  public func requireWritable() throws(GraftError) { for word in words { try WordVectors.requireWritable(word) } }

  /// Reads files.
  /// - Parameters:
  ///   - minimumCount: a word that occurs less often is left out, and its neighbours come together.
  ///   - tokenizer: whose tokens are the words; nil for what stands between spaces.
  /// - Throws: `.badData` for files without a word that is frequent enough, and as reading throws.
  public init(_ files: [String], minimumCount: Int, tokenizer: Tokenizer? = nil) throws(GraftError) {
    var table = ByteStringTable(capacity: 1 << 14)
    var (counts, tokens, ends): ([Int], [Int32], [Int]) = ([], [], [])
    for file in files {
      let encoder = tokenizer?.makeEncoder()
      var pieces: [TokenID] = []
      try LineReader(try TextInput(file, isBounded: false)).forEachLine { (line, _) throws(GraftError) in
        if let encoder, let tokenizer {
          pieces.removeAll(keepingCapacity: true)
          (line.last == 0x0D ? line.dropLast() : line).withUnsafeBytes { encoder.encode($0, into: &pieces) }
          for piece in pieces { tokens.append(Int32(table.insert(tokenizer.token(piece)))) }
        } else {
          Self.cut(line) { tokens.append(Int32(table.insert($0.baseAddress!, $0.count, hash: $1))) }
        }
        if tokens.count > ends.last ?? 0 { ends.append(tokens.count) }
      }
    }
    counts = [Int](repeating: 0, count: table.count)
    for token in tokens { counts[Int(token)] += 1 }
    // Among words that are equally frequent, the first to appear is the first.
    let order = counts.indices.filter { counts[$0] >= minimumCount }.sorted {
      counts[$0] != counts[$1] ? counts[$0] > counts[$1] : $0 < $1
    }
    guard !order.isEmpty else {
      throw GraftError(
        .badData, "no word occurs \(minimumCount) times in \(files.map { "'\($0)'" }.joined(separator: ", "))",
        hint: "lower `minimum-count:`, or give more text.")
    }
    var places = [Int32](repeating: -1, count: counts.count)
    for (place, word) in order.enumerated() { places[word] = Int32(place) }
    words = order.map { Array(table.string($0)) }
    self.counts = order.map { counts[$0] }
    wordsRead = tokens.count
    keep(tokens, ends, places)
  }

  private mutating func keep(_ all: [Int32], _ allEnds: [Int], _ places: [Int32]) {
    tokens.reserveCapacity(all.count)
    var start = 0
    for end in allEnds {
      let first = tokens.count
      for token in all[start..<end] where places[Int(token)] >= 0 {
        if tokens.count - (ends.last ?? 0) == Self.longestSentence { ends.append(tokens.count) }
        tokens.append(places[Int(token)])
      }
      if tokens.count > first { ends.append(tokens.count) }
      start = end
    }
  }

  /// The words between spaces and their hashes.
  private static func cut(_ line: ArraySlice<UInt8>, _ body: (UnsafeBufferPointer<UInt8>, UInt32) -> Void) {
    line.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        while start < bytes.count, WordVectors.isSpace(bytes[start]) { start += 1 }
        var end = start
        while end < bytes.count, !WordVectors.isSpace(bytes[end]) { end += 1 }
        if end > start {
          let word = UnsafeBufferPointer(rebasing: bytes[start..<end])
          body(word, ByteStringTable.hash(word.baseAddress!, word.count))
        }
        start = end
      }
    }
  }
}
