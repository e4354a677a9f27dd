import Records
import Support

/// Text to token ids and back, as a `tokenizer.json` says: BPE of bytes or characters, WordPiece or a unigram
/// model.
///
/// A byte-level vocabulary has a token for every byte, so any bytes at all can be encoded and, without normalisation,
/// decoding gives exactly them back. One trained here is laid out as: `<pad>` 0, `</s>` 1, `<unk>` 2, the 256 bytes,
/// the merges in order of rank, and at the end the sentinels downwards, `<extra_id_0>` being `size - 1`.
public final class Tokenizer: Sendable {
  /// Its size and special tokens, and which of its tokens continue words.
  public let vocabulary: Vocabulary
  /// What its model is.
  public let kind: TokenizerKind
  /// SHA-256 of `jsonData()`: equal only for tokenizers that encode and decode alike.
  public let contentHash: String
  /// How many bytes of text each id stands for, as `byteCount(_:)` says, for code that adds up many.
  public let byteCounts: [Int32]
  /// What is put around one text or two for models that read these; no call of `encode` does it by itself.
  public let postProcessor: PostProcessor
  /// What special tokens are for that only files beside the tokenizer.json say, by the keys of
  /// `special_tokens_map.json`, which has to stand beside it wherever it is written again.
  public let roles: [String: String]

  /// Special tokens by id, in ascending order: they stand for no bytes.
  let specials: [AddedToken]
  let pipeline: TokenizationPipeline
  /// What texts start with by the tokenizer's own file.
  private let ownStart: TokenID
  /// That of `forTargets`, if it is another.
  private let targetPipeline: TokenizationPipeline?
  private let recognition: AddedTokenRecognition
  private let names: [TokenID: String]
  /// Added tokens that are not special: their names become them in every text.
  let addedWords: [AddedToken]
  private let special: [Bool]
  /// The pieces of all tokens end to end, as the decoder takes them; token `i` ends at `tokenEnds[i]`.
  private let tokenBytes: [UInt8]
  private let tokenEnds: [Int]
  private let json: [UInt8]
  let idleEncoders = EncoderPool()

  init(_ parts: TokenizerParts) {
    kind = parts.kind
    (postProcessor, roles) = (parts.postProcessor, parts.roles)
    pipeline = parts.pipeline
    targetPipeline = parts.targetPipeline
    let specials = parts.specials.sorted { $0.id < $1.id }
    self.specials = specials
    let added = specials + parts.addedWords
    addedWords = parts.addedWords
    recognition = AddedTokenRecognition(added, normalizer: parts.pipeline.normalizer)
    names = Dictionary(added.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    var special = [Bool](repeating: false, count: parts.pieces.count)
    for token in specials { special[Int(token.id)] = true }
    self.special = special
    var bytes: [UInt8] = []
    var ends: [Int] = []
    var counts: [Int32] = []
    var vocabulary = parts.vocabulary
    vocabulary.continuesWord = []
    let decoder = parts.pipeline.decoder
    for (id, piece) in parts.pieces.enumerated() {
      bytes += piece
      ends.append(bytes.count)
      counts.append(special[id] ? 0 : Int32(decoder.byteCount(of: piece)))
      guard decoder.showsWordStarts else { continue }
      var text: [UInt8] = []
      decoder.append(piece, isFirst: false, to: &text)
      vocabulary.continuesWord.append(!special[id] && text.first.map(Self.isPartOfWord) == true)
    }
    self.vocabulary = vocabulary
    ownStart = vocabulary.start
    tokenBytes = bytes
    tokenEnds = ends
    byteCounts = counts
    json = parts.json
    contentHash = ContentHash.of(parts.json)
  }

  /// The same tokenizer with the special tokens that a model has by what it was trained on, in place of another
  /// model's.
  /// - Parameters:
  ///   - start: what a decoder reads first; nil for that of the tokenizer itself.
  ///   - opening: what stands before every text; nil for nothing.
  public func with(start: TokenID?, opening: TokenID?) -> Tokenizer {
    let start = start ?? ownStart
    guard (start, opening) != (vocabulary.start, vocabulary.opening) else { return self }
    var vocabulary = vocabulary
    (vocabulary.start, vocabulary.opening) = (start, opening)
    return Tokenizer(self, vocabulary, pipeline, targetPipeline)
  }

  /// What makes tokens of the texts that a model writes: the same, but for tokenizers that cut what is read (in one
  /// language) and what is written (in another) by two models. Both decode alike. Keep it, since it remembers words.
  public var forTargets: Tokenizer { targetPipeline.map { Tokenizer(self, vocabulary, $0, nil) } ?? self }

  private init(
    _ other: Tokenizer, _ vocabulary: Vocabulary, _ pipeline: TokenizationPipeline,
    _ targetPipeline: TokenizationPipeline?
  ) {
    (self.vocabulary, self.pipeline, self.targetPipeline) = (vocabulary, pipeline, targetPipeline)
    (kind, contentHash, byteCounts) = (other.kind, other.contentHash, other.byteCounts)
    (specials, recognition, ownStart) = (other.specials, other.recognition, other.ownStart)
    (names, addedWords) = (other.names, other.addedWords)
    (postProcessor, roles) = (other.postProcessor, other.roles)
    (special, tokenBytes) = (other.special, other.tokenBytes)
    (tokenEnds, json) = (other.tokenEnds, other.json)
  }

  /// Whether a byte of text is of a letter or a digit; all of what is not ASCII counts.
  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    default: false
    }
  }

  // MARK: Encoding

  /// An encoder with a word cache of its own; make one per thread for bulk work.
  public func makeEncoder() -> TokenEncoder { TokenEncoder(pipeline: pipeline, added: recognition) }

  /// The tokens of `text`. No special token is recognised in the text, none is added: `</s>` in a text is
  /// four characters like any others.
  public func encode(_ text: String) -> [TokenID] { encode(text, recognizingSpecialTokens: false) }

  /// The tokens of `text`; if `recognizingSpecialTokens`, the names of special tokens in it become these tokens, as
  /// `<extra_id_0>` in a prompt should. None is added.
  ///
  /// For text that comes from a user of a model, leave it off: whoever can write `</s>` can end a sequence.
  public func encode(_ text: String, recognizingSpecialTokens: Bool) -> [TokenID] {
    idleEncoders.withEncoder(of: self) {
      $0.encode(text, recognizingSpecialTokens: recognizingSpecialTokens)
    }
  }

  /// The tokens of arbitrary bytes, UTF-8 or not. In a tokenizer that is not byte-level, what is not UTF-8 counts as
  /// U+FFFD.
  public func encode(_ bytes: UnsafeRawBufferPointer) -> [TokenID] {
    idleEncoders.withEncoder(of: self) { encoder in
      var tokens: [TokenID] = []
      encoder.encode(bytes, into: &tokens)
      return tokens
    }
  }

  // MARK: Decoding

  /// The bytes the tokens stand for. Ids outside the vocabulary stand for the unknown token; special tokens are left
  /// out or come out by name.
  public func decode(_ ids: some Sequence<TokenID>, skippingSpecialTokens: Bool) -> [UInt8] {
    if let chain = pipeline.decoder as? DecoderChain {
      let pieces = ids.compactMap { id in skippingSpecialTokens && isSpecial(id) ? nil : piece(id) }
      return chain.decoded(pieces, isFirst: true, isLast: true)
    }
    return decode(ids, skippingSpecialTokens: skippingSpecialTokens, with: pipeline.decoder)
  }

  /// A token as the decoder takes it, a special one's name.
  func piece(_ id: TokenID) -> [UInt8] { isSpecial(id) ? Array(token(id).utf8) : Array(tokenBytes[byteRange(id)]) }

  private func decode(
    _ ids: some Sequence<TokenID>, skippingSpecialTokens: Bool, with decoder: some TokenDecoder
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    var isFirst = true
    for id in ids {
      if !isSpecial(id) {
        decoder.append(tokenBytes[byteRange(id)], isFirst: isFirst, to: &bytes)
      } else if !skippingSpecialTokens {
        decoder.append(Array(token(id).utf8), isFirst: isFirst, to: &bytes)
      } else {
        continue
      }
      isFirst = false
    }
    return bytes
  }

  /// Appends what one token stands for, a special token's name.
  func appendText(of id: TokenID, isFirst: Bool, to bytes: inout [UInt8]) {
    if isSpecial(id) {
      pipeline.decoder.append(Array(token(id).utf8), isFirst: isFirst, to: &bytes)
    } else {
      pipeline.decoder.append(tokenBytes[byteRange(id)], isFirst: isFirst, to: &bytes)
    }
  }

  /// The text the tokens stand for: special tokens left out, bytes that are not UTF-8 replaced by U+FFFD.
  public func decodeText(_ ids: some Sequence<TokenID>) -> String {
    String(decoding: decode(ids, skippingSpecialTokens: true), as: UTF8.self)
  }

  /// A token's printable form: a special token's name, else the text the vocabulary has for it (in a byte-level one,
  /// one character per byte; a space is `Ġ`).
  public func token(_ id: TokenID) -> String {
    guard contains(id) else { return names[vocabulary.unknown] ?? SpecialTokens.unknown }
    return names[id] ?? pipeline.decoder.printable(tokenBytes[byteRange(id)])
  }

  /// How many bytes of text a token stands for; 0 for special tokens and ids outside the vocabulary. A WordPiece
  /// token counts without the mark that it continues a word and without the space before it, a unigram piece with
  /// the space that `▁` stands for.
  public func byteCount(_ id: TokenID) -> Int {
    contains(id) ? Int(byteCounts[Int(id)]) : 0
  }

  /// Whether an id is in the vocabulary.
  public func contains(_ id: TokenID) -> Bool { id >= 0 && Int(id) < tokenEnds.count }

  /// True for special tokens and for ids outside the vocabulary.
  public func isSpecial(_ id: TokenID) -> Bool { !contains(id) || special[Int(id)] }

  /// The id of a special token by its name, such as `<extra_id_0>`.
  public func specialToken(named name: String) -> TokenID? { specials.first { $0.name == name }?.id }

  /// How many merges there are; 0 in a tokenizer that merges nothing.
  public var mergeCount: Int { merges.count }

  /// What happens to text before it is cut into words, for people: "none", "nfkc", "bert, lower case, no accents".
  public var normalizationName: String { pipeline.normalizer?.name ?? "none" }

  /// How many added tokens are not special.
  public var addedWordCount: Int { addedWords.count }

  /// How many special tokens there are.
  public var specialCount: Int { specials.count }

  /// How a byte-level tokenizer cuts text; nil for others.
  public var pattern: BytePattern? {
    if case .byteLevel(let pattern, _) = pipeline.cutting { pattern } else { nil }
  }

  /// The merges of a BPE, by rank.
  public var merges: [(left: TokenID, right: TokenID, result: TokenID)] {
    ((pipeline.model as? MergeModel) ?? (pipeline.model as? CharacterMergeModel)?.merging)?.merges ?? []
  }

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
