import Examples
import Support

/// Turns bytes into tokens and remembers the words it has seen. One per thread: it is fast because it has
/// no lock. What it remembers never changes what it answers.
public final class TokenEncoder {
  /// Longer words are rare and would fill the cache with what never comes again.
  private static let longestCachedWord = 64
  private static let cacheLimit = 1 << 17

  private let model: MergeModel
  private let normalization: Normalization
  private var merger = WordMerger()
  private var words = ByteStringTable()
  private var cachedTokens: [TokenID] = []
  /// Where each cached word's tokens end in `cachedTokens`.
  private var cachedEnds: [Int] = []

  init(model: MergeModel, normalization: Normalization) {
    self.model = model
    self.normalization = normalization
  }

  /// The tokens of some text; special tokens are neither recognised in it nor added to it.
  public func encode(_ text: String) -> [TokenID] {
    var tokens: [TokenID] = []
    var text = text
    text.withUTF8 { encode(UnsafeRawBufferPointer($0), into: &tokens) }
    return tokens
  }

  /// Appends the tokens of arbitrary bytes.
  public func encode(_ bytes: UnsafeRawBufferPointer, into tokens: inout [TokenID]) {
    if let normalized = normalization.normalized(bytes) {
      normalized.withUnsafeBytes { encodeNormalized($0, into: &tokens) }
    } else {
      encodeNormalized(bytes, into: &tokens)
    }
  }

  private func encodeNormalized(_ bytes: UnsafeRawBufferPointer, into tokens: inout [TokenID]) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    tokens.reserveCapacity(max(tokens.capacity, tokens.count + bytes.count / 4))
    let scanner = PreTokenizer(bytes, base: base)
    var start = 0
    while start < bytes.count {
      let end = scanner.end(ofWordAt: start)
      let length = end - start
      let word = base + start
      start = end
      guard length <= Self.longestCachedWord else {
        merger.append(word, length, model: model, to: &tokens)
        continue
      }
      let hash = ByteStringTable.hash(word, length)
      if let index = words.index(of: word, length, hash: hash) {
        var position = index == 0 ? 0 : cachedEnds[index - 1]
        let last = cachedEnds[index]
        repeat {
          tokens.append(cachedTokens[position])
          position += 1
        } while position < last
      } else {
        let first = tokens.count
        merger.append(word, length, model: model, to: &tokens)
        remember(word, length, hash, tokens: tokens[first...])
      }
    }
  }

  private func remember(
    _ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32, tokens: ArraySlice<TokenID>
  ) {
    if words.count == Self.cacheLimit {
      words.removeAll()
      cachedTokens.removeAll(keepingCapacity: true)
      cachedEnds.removeAll(keepingCapacity: true)
    }
    _ = words.insert(word, length, hash: hash)
    cachedTokens.append(contentsOf: tokens)
    cachedEnds.append(cachedTokens.count)
  }
}
