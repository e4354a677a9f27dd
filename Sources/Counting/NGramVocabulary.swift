import Support

/// The number of a word in an n-gram model's vocabulary.
public typealias WordID = UInt32

/// The words of an n-gram model by number: `<unk>` 0, `<s>` 1, `</s>` 2, then all others.
public final class NGramVocabulary: @unchecked Sendable {
  // The table is not changed after init, hence safe to share.
  private let table: ByteStringTable

  /// What stands for words that the model does not know.
  public static let unknown: WordID = 0
  /// What precedes a sentence; it is never predicted.
  public static let start: WordID = 1
  /// What ends a sentence; it is predicted like a word.
  public static let end: WordID = 2
  /// The names of the three, as ARPA files have them.
  public static let specials = ["<unk>", "<s>", "</s>"]

  /// A table that has the three special words as its first.
  static func emptyTable() -> ByteStringTable {
    var table = ByteStringTable(capacity: 1 << 12)
    for word in specials { table.insert(word) }
    return table
  }

  /// - Precondition: the three special words are the first.
  init(_ table: consuming ByteStringTable) { self.table = table }

  /// How many words there are, the three special ones among them.
  public var count: Int { table.count }

  /// The bytes of a word.
  public func bytes(_ id: WordID) -> [UInt8] { Array(table.string(Int(id))) }

  /// A word as text.
  public func word(_ id: WordID) -> String { String(decoding: table.string(Int(id)), as: UTF8.self) }

  /// The number of a word, that of `<unk>` for one that is not known.
  public func id(_ word: String) -> WordID { table.index(of: word).map { WordID($0) } ?? Self.unknown }

  /// The same of bytes.
  /// - Precondition: there is at least one byte.
  func id(_ word: UnsafeBufferPointer<UInt8>) -> WordID {
    let base = word.baseAddress!
    let hash = ByteStringTable.hash(base, word.count)
    return table.index(of: base, word.count, hash: hash).map { WordID($0) } ?? Self.unknown
  }

  /// Whether both have the same words under the same numbers.
  public func hasSameWords(as other: NGramVocabulary) -> Bool {
    count == other.count && (0..<count).allSatisfy { table.string($0).elementsEqual(other.table.string($0)) }
  }
}
