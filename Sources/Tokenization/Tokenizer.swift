import Examples
import Support
import Synchronization

/// A byte-level BPE tokenizer (Sennrich et al. 2016; bytes as in Radford et al. 2019). Every byte has a
/// token, so any bytes at all can be encoded and, without normalisation, decoding gives exactly them back.
///
/// A vocabulary trained here is laid out as: `<pad>` 0, `</s>` 1, `<unk>` 2, the 256 bytes, the merges in
/// order of rank, and at the end the sentinels downwards, `<extra_id_0>` being `size - 1`.
public final class Tokenizer: Sendable {
  public let vocabulary: Vocabulary
  public let normalization: Normalization
  /// SHA-256 of `jsonData()`: equal for tokenizers that encode and decode alike.
  public let contentHash: String

  let model: MergeModel
  /// Pairs with the token they make, by rank.
  let merges: [(left: TokenID, right: TokenID, result: TokenID)]
  /// Special tokens by id, in ascending order: they stand for no bytes.
  let specials: [(id: TokenID, name: String)]
  private let specialNames: [TokenID: String]
  /// The bytes of all tokens end to end; token `i` has `tokenEnds[i] - tokenEnds[i - 1]` of them.
  private let tokenBytes: [UInt8]
  private let tokenEnds: [Int]
  private let json: [UInt8]
  private let idleEncoders = EncoderPool()

  /// - Parameters:
  ///   - tokens: the bytes of each id; empty for special tokens.
  ///   - merges: of ids within `tokens`.
  init(
    vocabulary: Vocabulary, normalization: Normalization, tokens: [[UInt8]],
    specials: [(id: TokenID, name: String)], byteIDs: [TokenID],
    merges: [(left: TokenID, right: TokenID, result: TokenID)]
  ) {
    self.vocabulary = vocabulary
    self.normalization = normalization
    self.merges = merges
    self.specials = specials.sorted { $0.id < $1.id }
    specialNames = Dictionary(specials.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    model = MergeModel(byteIDs: byteIDs, merges: merges)
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for token in tokens {
      bytes += token
      ends.append(bytes.count)
    }
    tokenBytes = bytes
    tokenEnds = ends
    json = tokenizerJSON(
      tokens: tokens, specials: self.specials, merges: merges, normalization: normalization)
    contentHash = ContentHash.of(json)
  }

  // MARK: Encoding

  /// An encoder with a word cache of its own; make one per thread for bulk work.
  public func makeEncoder() -> TokenEncoder { TokenEncoder(model: model, normalization: normalization) }

  /// The tokens of `text`. No special token is recognised in the text, none is added: `</s>` in a text is
  /// four characters like any others.
  public func encode(_ text: String) -> [TokenID] {
    idleEncoders.withEncoder(of: self) { $0.encode(text) }
  }

  /// The tokens of arbitrary bytes, UTF-8 or not.
  public func encode(_ bytes: UnsafeRawBufferPointer) -> [TokenID] {
    idleEncoders.withEncoder(of: self) { encoder in
      var tokens: [TokenID] = []
      encoder.encode(bytes, into: &tokens)
      return tokens
    }
  }

  // MARK: Decoding

  /// The bytes the tokens stand for. Ids outside the vocabulary stand for `<unk>`; special tokens are left
  /// out or come out by name.
  public func decode(_ ids: some Sequence<TokenID>, skippingSpecialTokens: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in ids {
      if isSpecial(id) {
        if !skippingSpecialTokens { bytes.append(contentsOf: token(id).utf8) }
      } else {
        bytes.append(contentsOf: tokenBytes[byteRange(id)])
      }
    }
    return bytes
  }

  /// The text the tokens stand for: special tokens left out, bytes that are not UTF-8 replaced by U+FFFD.
  public func decodeText(_ ids: some Sequence<TokenID>) -> String {
    String(decoding: decode(ids, skippingSpecialTokens: true), as: UTF8.self)
  }

  /// A token's printable form: a special token's name, else one character per byte (a space is `Ġ`).
  public func token(_ id: TokenID) -> String {
    guard contains(id) else { return SpecialTokens.unknown }
    return specialNames[id] ?? ByteAlphabet.text(tokenBytes[byteRange(id)])
  }

  /// How many bytes of text a token stands for; 0 for special tokens and ids outside the vocabulary.
  public func byteCount(_ id: TokenID) -> Int {
    contains(id) ? byteRange(id).count : 0
  }

  /// `byteCount` of every id, for code that adds up many.
  public var byteCounts: [Int32] {
    (0..<vocabulary.size).map { Int32(byteRange(TokenID($0)).count) }
  }

  public func contains(_ id: TokenID) -> Bool { id >= 0 && Int(id) < tokenEnds.count }

  /// True for special tokens and for ids outside the vocabulary.
  public func isSpecial(_ id: TokenID) -> Bool { !contains(id) || byteRange(id).isEmpty }

  /// The id of a special token by its name, such as `<extra_id_0>`.
  public func specialToken(named name: String) -> TokenID? { specials.first { $0.name == name }?.id }

  /// How many merges there are.
  public var mergeCount: Int { merges.count }

  private func byteRange(_ id: TokenID) -> Range<Int> {
    (id == 0 ? 0 : tokenEnds[Int(id) - 1])..<tokenEnds[Int(id)]
  }

  // MARK: Requirements and files

  /// Checks that there are at least `count` sentinels.
  /// - Parameter purpose: who needs them, for the message: "span corruption of 512 tokens".
  /// - Throws: `.badData`, saying how many there are and how to train a tokenizer with enough.
  public func requireSentinels(_ count: Int, for purpose: String) throws(GraftError) {
    guard vocabulary.sentinels.count < count else { return }
    let present = vocabulary.sentinels.count
    throw GraftError(
      .badData,
      "\(purpose) needs \(count) sentinel tokens (<extra_id_0> … <extra_id_\(count - 1)>), "
        + "the tokenizer has \(present == 0 ? "none" : "only \(present)")",
      hint: "train one with `graft tokenizer train --sentinels \(count)`.")
  }

  /// The tokenizer as Hugging Face's `tokenizer.json`.
  public func jsonData() -> [UInt8] { json }

  /// Writes `jsonData()` atomically to a file, or to `tokenizer.json` in an existing directory.
  public func write(to path: String) throws(GraftError) {
    try AtomicFile.write(json, to: Self.resolve(path))
  }
}

/// Encoders that wait for the next call of `Tokenizer.encode`, so that short texts profit from the cache too.
private final class EncoderPool: Sendable {
  private struct Idle: @unchecked Sendable {
    // An encoder is in the pool or with one caller, never both.
    var encoders: [TokenEncoder] = []
  }

  private let idle = Mutex(Idle())

  func withEncoder<Result>(of tokenizer: Tokenizer, _ body: (TokenEncoder) -> Result) -> Result {
    let borrowed = idle.withLock { idle in Idle(encoders: idle.encoders.popLast().map { [$0] } ?? []) }
    let loan = borrowed.encoders.isEmpty ? Idle(encoders: [tokenizer.makeEncoder()]) : borrowed
    let result = body(loan.encoders[0])
    idle.withLock { $0.encoders += loan.encoders }
    return result
  }
}
