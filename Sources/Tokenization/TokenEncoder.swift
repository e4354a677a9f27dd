import Records
import Support

/// Turns bytes into tokens and remembers the words it has seen. One per thread: it is fast because it has
/// no lock. What it remembers never changes what it answers.
public final class TokenEncoder {
  let pipeline: TokenizationPipeline
  let added: AddedTokenRecognition
  let takesAnyBytes: Bool
  let worker: any TokenModelWorker
  // Behind a pointer, since every access to a property of a class is checked for overlap with others.
  private let cache: UnsafeMutablePointer<WordCache>

  init(pipeline: TokenizationPipeline, added: AddedTokenRecognition) {
    self.pipeline = pipeline
    self.added = added
    takesAnyBytes = pipeline.model.takesAnyBytes
    worker = pipeline.model.makeWorker()
    cache = .allocate(capacity: 1)
    cache.initialize(to: WordCache())
  }

  deinit {
    cache.deinitialize(count: 1)
    cache.deallocate()
  }

  /// The tokens of some text; special tokens are not added to it, nor recognised in it unless asked for.
  public func encode(_ text: String, recognizingSpecialTokens: Bool = false) -> [TokenID] {
    var tokens: [TokenID] = []
    var text = text
    text.withUTF8 {
      encode(UnsafeRawBufferPointer($0), recognizingSpecialTokens: recognizingSpecialTokens, into: &tokens)
    }
    return tokens
  }

  /// Appends the tokens of arbitrary bytes. What is not UTF-8 becomes U+FFFD unless the tokenizer is byte-level.
  public func encode(
    _ bytes: UnsafeRawBufferPointer, recognizingSpecialTokens: Bool = false, into tokens: inout [TokenID]
  ) {
    if !takesAnyBytes, UTF8Decoding.firstInvalid(in: bytes) != nil {
      let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
      repaired.withUnsafeBytes {
        encode($0, recognizingSpecialTokens: recognizingSpecialTokens, into: &tokens)
      }
      return
    }
    guard let scanner = added.inText(recognizingSpecialTokens) else {
      return encodeText(bytes, isStart: true, recognizing: recognizingSpecialTokens, into: &tokens)
    }
    for part in scanner.parts(of: bytes, specials: recognizingSpecialTokens) {
      switch part {
      case .token(let token): tokens.append(token)
      case .text(let range):
        encodeText(
          UnsafeRawBufferPointer(rebasing: bytes[range]), isStart: range.lowerBound == 0,
          recognizing: recognizingSpecialTokens, into: &tokens)
      }
    }
  }

  private func encodeText(
    _ bytes: UnsafeRawBufferPointer, isStart: Bool, recognizing: Bool, into tokens: inout [TokenID]
  ) {
    if let normalized = pipeline.normalizer?.normalized(bytes) {
      normalized.withUnsafeBytes {
        encodeNormalized($0, isStart: isStart, recognizing: recognizing, into: &tokens)
      }
    } else {
      encodeNormalized(bytes, isStart: isStart, recognizing: recognizing, into: &tokens)
    }
  }

  private func encodeNormalized(
    _ bytes: UnsafeRawBufferPointer, isStart: Bool, recognizing: Bool, into tokens: inout [TokenID]
  ) {
    guard let scanner = added.inNormalizedText(recognizing) else {
      return encodeWords(of: bytes, isStart: isStart, into: &tokens)
    }
    for part in scanner.parts(of: bytes, specials: recognizing) {
      switch part {
      case .token(let token): tokens.append(token)
      case .text(let range):
        encodeWords(
          of: UnsafeRawBufferPointer(rebasing: bytes[range]), isStart: isStart && range.lowerBound == 0,
          into: &tokens)
      }
    }
  }

  private func encodeWords(
    of bytes: UnsafeRawBufferPointer, isStart: Bool, into tokens: inout [TokenID]
  ) {
    guard !bytes.isEmpty else { return }
    tokens.reserveCapacity(max(tokens.capacity, tokens.count + bytes.count / 4))
    switch pipeline.cutting {
    case .byteLevel(let pattern, let addsPrefixSpace):
      guard addsPrefixSpace, bytes[0] != 0x20 else { return encode(bytes, by: pattern, into: &tokens) }
      ([0x20] + Array(bytes)).withUnsafeBytes { encode($0, by: pattern, into: &tokens) }
    case .words(let cutter):
      var text = WordList(Array(bytes))
      cutter.cut(&text, isStart: isStart)
      text.bytes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        for word in text.words { append(base + word.lowerBound, word.count, to: &tokens) }
      }
    case .whole:
      guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
      append(base, bytes.count, to: &tokens)
    }
  }

  private func encode(_ bytes: UnsafeRawBufferPointer, by pattern: BytePattern, into tokens: inout [TokenID]) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    pattern.forEachWord(in: bytes) { start, end in append(base + start, end - start, to: &tokens) }
  }

  @inline(__always)
  private func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
    guard length <= WordCache.longestWord else {
      worker.append(word, length, to: &tokens)
      return
    }
    let hash = ByteStringTable.hash(word, length)
    if !cache.pointee.append(word, length, hash, to: &tokens) {
      let first = tokens.count
      worker.append(word, length, to: &tokens)
      // A word whose characters are all left out has no tokens to remember.
      guard tokens.count > first else { return }
      cache.pointee.remember(word, length, hash, tokens: tokens[first...])
    }
  }
}

/// The tokens of words that were encoded before.
private struct WordCache: ~Copyable {
  /// Longer words are rare and would fill the cache with what never comes again.
  static let longestWord = 64
  private static let limit = 1 << 17

  private var words = ByteStringTable()
  private var tokens: [TokenID] = []
  /// Where each word's tokens end.
  private var ends: [Int] = []

  /// Appends the tokens of a word; false if it is not there.
  @inline(__always)
  func append(
    _ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32, to result: inout [TokenID]
  ) -> Bool {
    guard let index = words.index(of: word, length, hash: hash) else { return false }
    var position = index == 0 ? 0 : ends[index - 1]
    let last = ends[index]
    repeat {
      result.append(tokens[position])
      position += 1
    } while position < last
    return true
  }

  mutating func remember(
    _ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32, tokens: ArraySlice<TokenID>
  ) {
    if words.count == Self.limit {
      words.removeAll()
      self.tokens.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
    }
    _ = words.insert(word, length, hash: hash)
    self.tokens.append(contentsOf: tokens)
    ends.append(self.tokens.count)
  }
}
