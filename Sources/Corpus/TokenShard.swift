import Foundation
import Records
import Support

/// The tokens of one file in the cache, memory-mapped.
///
/// The file, little-endian: token ids (2 bytes each if the vocabulary has at most 65,536, else 4) padded to a
/// multiple of 8; for each document where its tokens end (8 bytes each), then its length in bytes as text (8
/// each); the bytes that the tokens before each 4096th stand for (8 each), which are fewer than the text has where a
/// tokenizer throws something away; the cleaning report as JSON,
/// padded; and a footer of 9 words: bytes per id, tokens, documents, bytes of text, length of the report,
/// bytes that all tokens stand for, vocabulary size, format version, magic; then the SHA-256 of everything
/// before as 64 digits.
final class TokenShard: Sendable {
  static let version = 1
  static let magic: Int64 = 0x3148_5354_4652_4754
  /// One running byte count is kept for so many tokens.
  static let stride = 4096
  static let footerWords = 9
  static let hashLength = 64

  let file: MappedFile
  let tokenCount: Int
  let documentCount: Int
  /// Bytes of the documents as text, after cleaning.
  let textByteCount: Int
  let report: CleaningReport?
  private let idWidth: Int
  private let endsOffset: Int
  private let lengthsOffset: Int
  private let indexOffset: Int
  /// How many bytes each token stands for.
  private let byteCounts: [Int32]
  /// The bytes of text before each document.
  private let textStarts: [Int]

  /// Whether the end of a file is that of a shard.
  static func isOne(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let place = bytes.count - hashLength - 8
    return place >= 8 * (footerWords - 1) && place % 8 == 0 && word(bytes, place) == magic
  }

  /// - Throws: `.badData` if the file is not a shard, is damaged, or was made with another vocabulary.
  init(path: String, byteCounts: [Int32]) throws(GraftError) {
    func damaged(_ reason: String) -> GraftError {
      GraftError(.badData, "the cached tokens in '\(path)' are damaged: \(reason)", hint: "delete the file.")
    }
    let file = try MappedFile(path)
    let bytes = file.bytes
    let footerOffset = bytes.count - Self.hashLength - 8 * Self.footerWords
    guard footerOffset >= 0, footerOffset % 8 == 0 else { throw damaged("too short") }
    let footer = (0..<Self.footerWords).map { Self.word(bytes, footerOffset + 8 * $0) }
    guard footer[8] == Self.magic, footer[7] == Self.version else { throw damaged("not a token shard") }
    // Each figure is bounded by the file's size before any arithmetic with it.
    guard footer[0...6].allSatisfy({ $0 >= 0 }), footer[0] == 2 || footer[0] == 4,
      footer[1] <= bytes.count, footer[2] <= bytes.count, footer[4] <= bytes.count,
      footer[6] == byteCounts.count
    else { throw damaged("impossible figures") }
    idWidth = footer[0]
    tokenCount = footer[1]
    documentCount = footer[2]
    textByteCount = footer[3]
    endsOffset = Self.padded(idWidth * tokenCount)
    lengthsOffset = endsOffset + 8 * documentCount
    indexOffset = lengthsOffset + 8 * documentCount
    let reportOffset = indexOffset + 8 * (tokenCount / Self.stride + 1)
    guard reportOffset + Self.padded(footer[4]) == footerOffset else { throw damaged("sizes do not add up") }
    var hash = ContentHash()
    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - Self.hashLength)]))
    guard hash.hexadecimal().utf8.elementsEqual(bytes.suffix(Self.hashLength)) else {
      throw damaged("its SHA-256 differs")
    }
    guard Self.areValid(bytes, idWidth, footer[1], below: footer[6]),
      Self.ascends(bytes, endsOffset, documentCount, to: tokenCount)
    else { throw damaged("impossible tokens") }
    guard Self.counts(bytes, indexOffset, tokenCount, to: footer[5], byteCounts) else {
      throw damaged("impossible counts of bytes")
    }
    let json = bytes[reportOffset..<(reportOffset + footer[4])]
    report = json.isEmpty ? nil : try? JSONFile.value(CleaningReport.self, in: json)
    self.byteCounts = byteCounts
    var starts: [Int] = []
    var sum = 0
    for document in 0..<documentCount {
      starts.append(sum)
      let length = Self.word(bytes, lengthsOffset + 8 * document)
      guard length >= 0, length <= textByteCount - sum else { throw damaged("impossible lengths") }
      sum += length
    }
    textStarts = starts
    // The last statement, so that the mapping lives through all checks.
    self.file = file
  }

  static func padded(_ count: Int) -> Int { (count + 7) / 8 * 8 }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
    Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)))
  }

  /// True if all ids are in the vocabulary. What has the right hash can still have been made by something
  /// else.
  private static func areValid(
    _ bytes: UnsafeRawBufferPointer, _ width: Int, _ count: Int, below size: Int
  ) -> Bool {
    guard let base = bytes.baseAddress else { return count == 0 }
    var largest: UInt32 = 0
    if width == 2 {
      let ids = UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt16.self), count: count)
      for id in ids { largest = max(largest, UInt32(id)) }
    } else {
      let ids = UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt32.self), count: count)
      for id in ids { largest = max(largest, id) }
    }
    return count == 0 || Int(largest) < size
  }

  private static func ascends(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ count: Int, to last: Int
  ) -> Bool {
    var previous = 0
    for index in 0..<count {
      let end = word(bytes, offset + 8 * index)
      guard end > previous else { return false }
      previous = end
    }
    return previous == last
  }

  /// True if the running byte counts begin with 0, do not descend, and are no more than all tokens can stand for, so
  /// that no sum with them overflows.
  private static func counts(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ count: Int, to last: Int, _ byteCounts: [Int32]
  ) -> Bool {
    guard last <= count * Int(byteCounts.max() ?? 0) else { return false }
    var previous = 0
    for block in 0...(count / stride) {
      let sum = word(bytes, offset + 8 * block)
      guard sum >= previous, sum <= last, block > 0 || sum == 0 else { return false }
      previous = sum
    }
    return true
  }

  /// Appends the tokens of a range.
  func append(_ range: Range<Int>, to tokens: inout [TokenID]) {
    file.withBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      if idWidth == 2 {
        let ids = UnsafeBufferPointer(
          start: base.assumingMemoryBound(to: UInt16.self) + range.lowerBound, count: range.count)
        for id in ids { tokens.append(TokenID(UInt16(littleEndian: id))) }
      } else {
        let ids = UnsafeBufferPointer(
          start: base.assumingMemoryBound(to: TokenID.self) + range.lowerBound, count: range.count)
        for id in ids { tokens.append(TokenID(littleEndian: id)) }
      }
    }
  }

  /// Where document `index` ends; document 0 starts at 0.
  func documentEnd(_ index: Int) -> Int { file.withBytes { Self.word($0, endsOffset + 8 * index) } }

  func documentByteCount(_ index: Int) -> Int { file.withBytes { Self.word($0, lengthsOffset + 8 * index) } }

  /// The document that a token is in; the number of documents at the end.
  func document(at token: Int) -> Int {
    var (low, high) = (0, documentCount)
    while low < high {
      let middle = (low + high) / 2
      if documentEnd(middle) <= token { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The bytes of text, as it was before tokenisation, that belong to the first `count` tokens. A document's tokens
  /// have all of its bytes: each those that it stands for, and an even share of those that no token stands for (spaces
  /// between words, what an unknown token hides). The end-of-sequence token has none.
  func sourceBytes(before count: Int) -> Int {
    let document = document(at: count)
    guard document < documentCount else { return textByteCount }
    let start = document == 0 ? 0 : documentEnd(document - 1)
    guard count > start else { return textStarts[document] }
    let end = documentEnd(document) - 1
    let (first, here) = (bytes(before: start), bytes(before: count))
    let missing = documentByteCount(document) - (bytes(before: end) - first)
    return textStarts[document] + here - first + missing * (min(count, end) - start) / max(1, end - start)
  }

  /// The bytes that the first `count` tokens stand for.
  func bytes(before count: Int) -> Int {
    let block = count / Self.stride
    return file.withBytes { bytes in
      var total = Self.word(bytes, indexOffset + 8 * block)
      guard let base = bytes.baseAddress else { return total }
      for position in (block * Self.stride)..<count {
        let id =
          idWidth == 2
          ? Int(base.assumingMemoryBound(to: UInt16.self)[position])
          : Int(base.assumingMemoryBound(to: TokenID.self)[position])
        total += Int(byteCounts[id])
      }
      return total
    }
  }
}
