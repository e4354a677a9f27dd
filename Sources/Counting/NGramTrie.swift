import Foundation
import Support

/// The probabilities of one n-gram model in the form in which they are mapped into memory.
///
/// The file, little-endian: 8 words of 8 bytes (magic, version, order, bytes of the vocabulary, 0 …), the number of
/// n-grams by length (8 bytes each); then by length the last word of each n-gram (4 bytes; not of single words, whose
/// number is their place), log10 of its probability (4), and for all but the longest that of its back-off weight (4)
/// and where the n-grams that go on it start in the next length (4, and one more at the end); each of these padded to a
/// multiple of 8; and the words as text, each with a line feed.
final class NGramTrie: @unchecked Sendable {
  // Nothing is changed after init, hence safe to share.
  struct Level {
    var words: UnsafeBufferPointer<WordID>
    var logarithms: UnsafeBufferPointer<Float>
    var backoffs: UnsafeBufferPointer<Float>
    var children: UnsafeBufferPointer<UInt32>
  }

  let levels: [Level]
  /// The file or its image in memory; what `levels` points into.
  private let image: Image

  enum Image {
    case mapped(MappedFile)
    case owned(UnsafeMutableRawBufferPointer)

    var bytes: UnsafeRawBufferPointer {
      switch self {
      case .mapped(let file): file.bytes
      case .owned(let bytes): UnsafeRawBufferPointer(bytes)
      }
    }
  }

  static let magic: Int64 = 0x4D41_5247_4E54_4647
  static let version: Int64 = 1
  static let headerWords = 8
  static let longestOrder = 20

  var order: Int { levels.count }

  deinit { if case .owned(let bytes) = image { bytes.deallocate() } }

  /// A file that `write` made.
  /// - Throws: as mapping throws; `.badData` for what is none, or damaged.
  convenience init(contentsOf path: String) throws(GraftError) {
    try self.init(.mapped(try MappedFile(path)), path: path)
  }

  private init(_ image: Image, path: String) throws(GraftError) {
    self.image = image
    let bytes = image.bytes
    func damaged(_ reason: String) -> GraftError {
      GraftError(
        .badData, "'\(path)' is no n-gram model, or a damaged one: \(reason)",
        hint: "make it again with `graft ngram train`.")
    }
    guard bytes.count >= 8 * Self.headerWords, bytes.count % 8 == 0, Self.word(bytes, 0) == Self.magic else {
      throw damaged("it does not begin like one")
    }
    guard Self.word(bytes, 1) == Self.version else { throw damaged("it is of version \(Self.word(bytes, 1))") }
    let (order, text) = (Int(Self.word(bytes, 2)), Int(Self.word(bytes, 3)))
    guard (1...Self.longestOrder).contains(order), text >= 0, bytes.count >= 8 * (Self.headerWords + order) else {
      throw damaged("impossible sizes")
    }
    var (levels, offset): ([Level], Int) = ([], 8 * (Self.headerWords + order))
    for length in 1...order {
      let count = Int(Self.word(bytes, Self.headerWords + length - 1))
      guard count >= (length == 1 ? 3 : 0), count < bytes.count else { throw damaged("impossible sizes") }
      func part<Value>(_ count: Int) -> UnsafeBufferPointer<Value>? {
        let end = offset + Self.padded(4 * count)
        guard end <= bytes.count else { return nil }
        defer { offset = end }
        let start = (bytes.baseAddress! + offset).assumingMemoryBound(to: Value.self)
        return UnsafeBufferPointer(start: start, count: count)
      }
      guard let words: UnsafeBufferPointer<WordID> = part(length == 1 ? 0 : count),
        let logarithms: UnsafeBufferPointer<Float> = part(count),
        let backoffs: UnsafeBufferPointer<Float> = part(length < order ? count : 0),
        let children: UnsafeBufferPointer<UInt32> = part(length < order ? count + 1 : 0)
      else { throw damaged("it ends too soon") }
      levels.append(Level(words: words, logarithms: logarithms, backoffs: backoffs, children: children))
    }
    guard offset + Self.padded(text) == bytes.count else { throw damaged("sizes do not add up") }
    if let reason = Self.fault(levels) { throw damaged(reason) }
    self.levels = levels
    textRange = offset..<(offset + text)
  }

  private let textRange: Range<Int>

  private static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int64 {
    Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self))
  }

  private static func padded(_ count: Int) -> Int { (count + 7) / 8 * 8 }

  /// What would lead out of the file, or to no number; nil for nothing.
  private static func fault(_ levels: [Level]) -> String? {
    for (index, level) in levels.enumerated() {
      guard level.logarithms.allSatisfy({ $0.isFinite && $0 <= 0 }), level.backoffs.allSatisfy(\.isFinite) else {
        return "a probability is none"
      }
      guard level.words.allSatisfy({ $0 < levels[0].logarithms.count }) else { return "a word is none" }
      guard index + 1 < levels.count else { break }
      var before: UInt32 = 0
      for child in level.children {
        guard child >= before else { return "n-grams are in disorder" }
        before = child
      }
      guard level.children.first == 0, Int(before) == levels[index + 1].words.count else {
        return "n-grams are in disorder"
      }
    }
    return nil
  }

  /// The words.
  /// - Throws: `.badData` if they are not those of this model.
  func vocabulary(path: String) throws(GraftError) -> NGramVocabulary {
    var table = ByteStringTable(capacity: levels[0].logarithms.count)
    let text = UnsafeRawBufferPointer(rebasing: image.bytes[textRange])
    for word in text.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() { table.insert(Array(word)) }
    let isWhole = table.count == levels[0].logarithms.count
    guard isWhole, NGramVocabulary.specials.indices.allSatisfy({ table.index(of: NGramVocabulary.specials[$0]) == $0 })
    else {
      throw GraftError(
        .badData, "the words of '\(path)' are damaged", hint: "make it again with `graft ngram train`.")
    }
    return NGramVocabulary(table)
  }

  /// - Precondition: as many words as the first level has probabilities.
  convenience init(_ made: [NGramLevel], _ vocabulary: NGramVocabulary) throws(GraftError) {
    var text: [UInt8] = []
    for id in 0..<vocabulary.count { text += vocabulary.bytes(WordID(id)) + [0x0A] }
    let counts = made.map(\.logarithms.count)
    var size = 8 * (Self.headerWords + made.count) + Self.padded(text.count)
    for (index, count) in counts.enumerated() {
      size += Self.padded(4 * count) + (index == 0 ? 0 : Self.padded(4 * count))
      if index + 1 < made.count { size += Self.padded(4 * count) + Self.padded(4 * count + 4) }
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    var offset = 0
    func append(_ part: UnsafeRawBufferPointer) {
      UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + part.count)]).copyMemory(from: part)
      let end = offset + Self.padded(part.count)
      for place in (offset + part.count)..<end { bytes[place] = 0 }
      offset = end
    }
    let header =
      [Self.magic, Self.version, Int64(made.count), Int64(text.count), 0, 0, 0, 0] + counts.map { Int64($0) }
    header.withUnsafeBytes(append)
    for level in made {
      level.words.withUnsafeBytes(append)
      level.logarithms.withUnsafeBytes(append)
      level.backoffs.withUnsafeBytes(append)
      level.children.withUnsafeBytes(append)
    }
    text.withUnsafeBytes(append)
    try self.init(.owned(bytes), path: "a new model")
  }

  func write(to path: String) throws(GraftError) {
    try AtomicFile.write(to: path) { (writer) throws(GraftError) in try writer.append(image.bytes) }
  }

  // MARK: Looking up

  /// The n-gram that goes on one with a word; nil if there is none.
  func child(of node: UInt32, in level: Int, _ word: WordID) -> UInt32? {
    let children = levels[level].children
    let words = levels[level + 1].words
    var (low, high) = (Int(children[Int(node)]), Int(children[Int(node) + 1]))
    let end = high
    while low < high {
      let middle = (low + high) / 2
      if words[middle] < word { low = middle + 1 } else { high = middle }
    }
    return low < end && words[low] == word ? UInt32(low) : nil
  }
}
