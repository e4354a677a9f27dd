import Foundation
import Support

/// The formats of word2vec, which gensim, fastText and others read and write: a line with the number of words and of
/// numbers, then for each word its name, a space and its numbers, as text or as 32-bit floats.
public enum WordVectorFormat: String, Sendable, CaseIterable {
  case text, binary
}

extension WordVectors {
  /// - Throws: `.badData` for a word with whitespace in it, which the formats cannot hold; as writing throws.
  public func write(to path: String, _ format: WordVectorFormat) throws(GraftError) {
    for index in 0..<count { try Self.requireWritable(bytes(index)) }
    try AtomicFile.write(to: path) { (writer) throws(GraftError) in
      try writer.append("\(count) \(size)\n")
      for index in 0..<count {
        try writer.append(bytes(index))
        switch format {
        case .text:
          var line = ""
          for value in vector(index) { line += " \(value)" }
          try writer.append(line + "\n")
        case .binary:
          var line: [UInt8] = [0x20]
          for value in vector(index) {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { line.append(contentsOf: $0) }
          }
          try writer.append(line + [0x0A])
        }
      }
    }
  }

  /// - Throws: `.badData` for a word with whitespace in it, which the formats cannot hold.
  static func requireWritable(_ word: [UInt8]) throws(GraftError) {
    guard word.isEmpty || word.contains(where: isSpace) else { return }
    throw GraftError(
      .badData,
      "the word '\(String(decoding: word, as: UTF8.self))' has whitespace in it, which files of word vectors cannot hold",
      hint: "take a tokenizer whose tokens have none, or words.")
  }

  /// Reads either format, gzip or not, and finds out which it is: text is what has nothing but numbers after the first
  /// word.
  /// - Throws: `.badData` naming what is wrong; as reading throws.
  public convenience init(opening path: String) throws(GraftError) {
    let input = try TextInput(path, convertsText: false, isBounded: false)
    var bytes: [UInt8] = []
    while try input.read(into: &bytes) {}
    var reader = WordVectorReader(bytes: bytes, path: path)
    try self.init(&reader)
  }

  private convenience init(_ reader: inout WordVectorReader) throws(GraftError) {
    let (count, size) = try reader.head()
    let format = reader.format(size: size)
    var table = ByteStringTable(capacity: count)
    var values: [Float] = []
    values.reserveCapacity(count * size)
    for index in 0..<count {
      let word = try reader.word(index)
      guard table.insert(word) == index else {
        throw reader.error("the word '\(String(decoding: word, as: UTF8.self))' stands twice", index)
      }
      switch format {
      case .text: try reader.text(size, index, into: &values)
      case .binary: try reader.binary(size, index, into: &values)
      }
    }
    try reader.end(count)
    self.init(table, size: size, values: values)
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0 }
}

/// A place in a file of word vectors.
private struct WordVectorReader {
  let bytes: [UInt8]
  let path: String
  var place = 0

  init(bytes: [UInt8], path: String) { (self.bytes, self.path) = (bytes, path) }

  func error(_ what: String, _ index: Int) -> GraftError {
    GraftError(
      .badData, "\(what), in row \(index + 1) of the vectors",
      hint: "is the file complete, and in the text or binary format of word2vec?",
      location: SourceLocation(file: path))
  }

  /// A line `words numbers`.
  mutating func head() throws(GraftError) -> (count: Int, size: Int) {
    let line = bytes.prefix(64).prefix { $0 != 0x0A }
    let parts = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).map { Int($0) }
    guard parts.count == 2, let count = parts[0], let size = parts[1], count > 0, (1...65_536).contains(size),
      // Every number takes two bytes at least.
      count <= bytes.count / 2, count * size <= bytes.count / 2
    else {
      throw GraftError(
        .badData, "the file does not begin with how many words and numbers it has, or has fewer than that",
        hint: "a file of GloVe's lacks that line: put `words numbers`, such as `400000 100`, before it.",
        location: SourceLocation(file: path, line: 1))
    }
    place = min(bytes.count, line.count + 1)
    return (count, size)
  }

  func format(size: Int) -> WordVectorFormat {
    guard let space = bytes[place...].firstIndex(of: 0x20) else { return .text }
    let line = bytes[space...].prefix(1 << 20).prefix { $0 != 0x0A }
    let parts = line.split(whereSeparator: WordVectors.isSpace)
    let isNumbers = parts.allSatisfy { part in
      part.allSatisfy { (0x21...0x7E).contains($0) } && Float(String(decoding: part, as: UTF8.self)) != nil
    }
    return parts.count == size && isNumbers ? .text : .binary
  }

  /// The bytes up to the space. The binary format of some programs has a line feed after each row.
  mutating func word(_ index: Int) throws(GraftError) -> [UInt8] {
    while place < bytes.count, bytes[place] == 0x0A { place += 1 }
    let start = place
    while place < bytes.count, bytes[place] != 0x20 { place += 1 }
    guard place > start, place < bytes.count else { throw error("the word is missing", index) }
    defer { place += 1 }
    return Array(bytes[start..<place])
  }

  mutating func text(_ size: Int, _ index: Int, into values: inout [Float]) throws(GraftError) {
    let start = place
    while place < bytes.count, bytes[place] != 0x0A { place += 1 }
    let parts = bytes[start..<place].split(whereSeparator: WordVectors.isSpace)
    guard parts.count == size else { throw error("there are \(parts.count) numbers instead of \(size)", index) }
    for part in parts {
      guard let value = Float(String(decoding: part, as: UTF8.self)), value.isFinite else {
        throw error("'\(String(decoding: part, as: UTF8.self))' is no finite number", index)
      }
      values.append(value)
    }
  }

  mutating func binary(_ size: Int, _ index: Int, into values: inout [Float]) throws(GraftError) {
    guard bytes.count - place >= 4 * size else { throw error("the file ends", index) }
    for offset in stride(from: place, to: place + 4 * size, by: 4) {
      let bits = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
      let value = Float(bitPattern: UInt32(littleEndian: bits))
      guard value.isFinite else { throw error("there is a number that is not finite", index) }
      values.append(value)
    }
    place += 4 * size
  }

  mutating func end(_ count: Int) throws(GraftError) {
    while place < bytes.count, WordVectors.isSpace(bytes[place]) { place += 1 }
    guard place == bytes.count else {
      throw GraftError(
        .badData, "there is more in the file than the \(count) rows that its first line tells of",
        hint: "is it in the text or binary format of word2vec?", location: SourceLocation(file: path))
    }
  }
}
