import Foundation
import Support

/// Vectors of words, whose names are bytes.
public final class WordVectors: @unchecked Sendable {
  // The table is not changed after init, hence safe to share.
  private let table: ByteStringTable
  /// Numbers of a vector.
  public let size: Int
  /// [words, size], one row after the other.
  public let values: [Float]

  /// - Precondition: there are as many rows as words, and no word twice.
  public init(words: [[UInt8]], size: Int, values: [Float]) {
    var table = ByteStringTable(capacity: words.count)
    for word in words { table.insert(word) }
    precondition(table.count == words.count && values.count == words.count * size)
    self.table = table
    (self.size, self.values) = (size, values)
  }

  init(_ table: consuming ByteStringTable, size: Int, values: [Float]) {
    self.table = table
    (self.size, self.values) = (size, values)
  }

  /// How many words there are.
  public var count: Int { table.count }

  /// The bytes of a word.
  public func bytes(_ index: Int) -> [UInt8] { Array(table.string(index)) }

  /// A word as text.
  public func word(_ index: Int) -> String { String(decoding: table.string(index), as: UTF8.self) }

  /// The row of a word; nil if it has none.
  public func index(_ word: String) -> Int? { table.index(of: word) }

  /// The numbers of a row.
  public func vector(_ index: Int) -> ArraySlice<Float> { values[index * size..<(index + 1) * size] }

  /// Learns vectors by skip-gram with negative sampling.
  /// - Parameter body: takes what each epoch came to.
  /// - Throws: `.usage` for impossible settings.
  public static func skipGram(
    _ text: WordText, _ settings: SkipGramSettings, _ body: (VectorEpoch) -> Void = { _ in }
  ) throws(GraftError) -> WordVectors {
    try settings.validate()
    let model = SkipGram(text, settings)
    model.train(body)
    return WordVectors(words: text.words, rows: model.tables.inputs, width: model.width, size: settings.size)
  }

  convenience init(words: [[UInt8]], rows: UnsafeMutableBufferPointer<Float>, width: Int, size: Int) {
    var values: [Float] = []
    values.reserveCapacity(words.count * size)
    for word in words.indices { values += rows[word * width..<word * width + size] }
    self.init(words: words, size: size, values: values)
  }
}
