import Records
import Support
import Tokenization

/// What an n-gram model counts: words as they stand between spaces, or the tokens of a tokenizer.
///
/// A line is a sentence; a line without words is none. `<unk>` in a text of words is the unknown word, as in PTB and
/// WikiText; `<s>` and `</s>`, which stand for beginnings and ends, are refused.
public struct NGramUnit: Sendable {
  /// Nil for words.
  public let tokenizer: Tokenizer?
  /// The word of each token.
  private let words: [WordID]
  /// A token of each word; -1 for words that no token stands for.
  private let tokens: [TokenID]

  /// Words between spaces, tabs and other ASCII whitespace, as KenLM and SRILM cut text.
  public static let words = NGramUnit()

  private init() { (tokenizer, words, tokens) = (nil, [], []) }

  /// The tokens of a tokenizer, and the vocabulary of all of them: what no text has is in it, too.
  static func tokens(of tokenizer: Tokenizer) -> (unit: NGramUnit, vocabulary: NGramVocabulary) {
    var table = NGramVocabulary.emptyTable()
    var words: [WordID] = []
    var tokens: [TokenID] = []
    for id in 0..<TokenID(tokenizer.vocabulary.size) {
      let word = table.insert(tokenizer.token(id))
      words.append(WordID(word))
      tokens += [TokenID](repeating: -1, count: max(0, word + 1 - tokens.count))
      if tokens[word] < 0 { tokens[word] = id }
    }
    return (NGramUnit(tokenizer, words, tokens), NGramVocabulary(table))
  }

  private init(_ tokenizer: Tokenizer, _ words: [WordID], _ tokens: [TokenID]) {
    (self.tokenizer, self.words, self.tokens) = (tokenizer, words, tokens)
  }

  /// The text that some words stand for.
  public func text(_ ids: [WordID], _ vocabulary: NGramVocabulary) -> String {
    guard let tokenizer else { return ids.map(vocabulary.word).joined(separator: " ") }
    return tokenizer.decodeText(ids.map { Int($0) < tokens.count ? tokens[Int($0)] : -1 })
  }

  /// The words of some tokens.
  /// - Precondition: there is a tokenizer, and they are its tokens.
  public func ids(ofTokens tokens: [TokenID]) -> [WordID] { tokens.map { words[Int($0)] } }

  /// The words of a line, by a vocabulary that is complete.
  /// - Throws: `.badData` for a word that is `<s>` or `</s>`.
  public func ids(_ line: String, _ vocabulary: NGramVocabulary) throws(GraftError) -> [WordID] {
    if let tokenizer { return ids(ofTokens: tokenizer.encode(line)) }
    return try Self.ids(Array(line.utf8)[...]) { vocabulary.id($0) }
  }

  /// The sentences of a file as words, by a vocabulary that is complete.
  /// - Throws: as reading throws; `.badData` naming a line with `<s>` or `</s>`.
  public func forEachSentence(
    of path: String, _ vocabulary: NGramVocabulary, _ body: ([WordID]) -> Void
  ) throws(GraftError) {
    try forEachSentence(of: path, body) { vocabulary.id($0) }
  }

  /// - Parameter id: the number of a word; not asked where a tokenizer cuts.
  func forEachSentence(
    of path: String, _ body: ([WordID]) -> Void, id: (UnsafeBufferPointer<UInt8>) -> WordID
  ) throws(GraftError) {
    let encoder = tokenizer?.makeEncoder()
    var tokens: [TokenID] = []
    try LineReader(try TextInput(path, isBounded: false)).forEachLine { (line, number) throws(GraftError) in
      var ids: [WordID]
      if let encoder {
        let line = line.last == 0x0D ? line.dropLast() : line
        tokens.removeAll(keepingCapacity: true)
        line.withUnsafeBytes { encoder.encode($0, into: &tokens) }
        ids = tokens.map { words[Int($0)] }
      } else {
        ids = try SourceLocation(file: path, line: number).locating { () throws(GraftError) in
          try Self.ids(line, id: id)
        }
      }
      if !ids.isEmpty { body(ids) }
    }
  }

  private static func ids(
    _ line: ArraySlice<UInt8>, id: (UnsafeBufferPointer<UInt8>) -> WordID
  ) throws(GraftError) -> [WordID] {
    var ids: [WordID] = []
    line.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        while start < bytes.count, isSpace(bytes[start]) { start += 1 }
        var end = start
        while end < bytes.count, !isSpace(bytes[end]) { end += 1 }
        if end > start { ids.append(id(UnsafeBufferPointer(rebasing: bytes[start..<end]))) }
        start = end
      }
    }
    guard !ids.contains(NGramVocabulary.start), !ids.contains(NGramVocabulary.end) else {
      throw GraftError(
        .badData, "the text has <s> or </s> as a word, which stand for the beginning and the end of a sentence",
        hint: "take them out: every line is a sentence.")
    }
    return ids
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0 }
}
