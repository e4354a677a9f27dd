import Foundation
import Records
import Support
import Tokenization

/// Writes a `TokenShard` while a file is read; nothing appears in the cache before it is complete.
struct TokenShardWriter: ~Copyable {
  private let idWidth: Int
  private let vocabularySize: Int
  private let endOfSequence: TokenID
  private let byteCounts: [Int32]
  private let encoder: TokenEncoder
  private var hash = ContentHash()
  private var pending: [TokenID] = []
  private var tokenCount = 0
  private var tokenByteCount = 0
  private var textByteCount = 0
  private var documentTextBytes = 0
  private var documentEnds: [Int64] = []
  private var documentLengths: [Int64] = []
  private var index: [Int64] = [0]

  init(tokenizer: Tokenizer, byteCounts: [Int32]) {
    vocabularySize = tokenizer.vocabulary.size
    idWidth = vocabularySize <= 1 << 16 ? 2 : 4
    endOfSequence = tokenizer.vocabulary.endOfSequence
    encoder = tokenizer.makeEncoder()
    self.byteCounts = byteCounts
  }

  mutating func append(
    _ piece: UnsafeRawBufferPointer, endsDocument: Bool, to writer: inout FileWriter
  ) throws(GraftError) {
    encoder.encode(piece, into: &pending)
    documentTextBytes += piece.count
    if endsDocument {
      pending.append(endOfSequence)
      documentEnds.append(Int64(tokenCount + pending.count))
      documentLengths.append(Int64(documentTextBytes))
      textByteCount += documentTextBytes
      documentTextBytes = 0
    }
    if pending.count >= 1 << 18 { try flush(to: &writer) }
  }

  private mutating func flush(to writer: inout FileWriter) throws(GraftError) {
    for id in pending {
      tokenByteCount += Int(byteCounts[Int(id)])
      tokenCount += 1
      if tokenCount % TokenShard.stride == 0 { index.append(Int64(tokenByteCount)) }
    }
    if idWidth == 2 {
      try write(pending.map { UInt16(truncatingIfNeeded: $0).littleEndian }, to: &writer)
    } else {
      try write(pending.map(\.littleEndian), to: &writer)
    }
    pending.removeAll(keepingCapacity: true)
  }

  mutating func finish(report: CleaningReport?, to writer: inout FileWriter) throws(GraftError) {
    try flush(to: &writer)
    try pad(idWidth * tokenCount, to: &writer)
    try write(documentEnds.map(\.littleEndian), to: &writer)
    try write(documentLengths.map(\.littleEndian), to: &writer)
    try write(index.map(\.littleEndian), to: &writer)
    let json = try report.map { report throws(GraftError) in try JSONFile.line(report) } ?? Data()
    try write(Array(json), to: &writer)
    try pad(json.count, to: &writer)
    let footer = [
      idWidth, tokenCount, documentEnds.count, textByteCount, json.count, tokenByteCount, vocabularySize,
      TokenShard.version, Int(TokenShard.magic),
    ]
    try write(footer.map { Int64($0).littleEndian }, to: &writer)
    try writer.append(hash.hexadecimal())
  }

  private mutating func pad(_ count: Int, to writer: inout FileWriter) throws(GraftError) {
    try write([UInt8](repeating: 0, count: TokenShard.padded(count) - count), to: &writer)
  }

  private mutating func write<Element>(
    _ elements: [Element], to writer: inout FileWriter
  ) throws(GraftError) {
    var failure: GraftError?
    elements.withUnsafeBytes { bytes in
      hash.update(bufferPointer: bytes)
      do throws(GraftError) { try writer.append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
