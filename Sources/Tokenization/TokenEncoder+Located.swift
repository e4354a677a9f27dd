import Randomness
import Records
import Support

/// Encoding with offsets or with dropout: word by word without the cache, several times slower than `encode`.
extension TokenEncoder {
  /// The tokens of some bytes, the same as `encode` gives, each with the bytes it stands for.
  ///
  /// In byte-level models without normalisation the ranges follow each other and make the whole source; the parts of a
  /// character that was cut have their own bytes. Elsewhere ranges ascend, white space that is dropped belongs to none,
  /// `▁` to the space it stands for or, where none was, to the character that follows.
  public func encodeWithOffsets(
    _ bytes: UnsafeRawBufferPointer, recognizingSpecialTokens: Bool = false
  ) -> [LocatedToken] {
    var tokens: [LocatedToken] = []
    var ids: [TokenID] = []
    var ends: [Int] = []
    forEachWord(
      in: bytes, recognizing: recognizingSpecialTokens,
      token: { tokens.append(LocatedToken(id: $0, range: $1)) },
      word: { text, word in
        ids.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        text.bytes.withUnsafeBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          worker.append(base + word.lowerBound, word.count, to: &ids, ends: &ends)
        }
        var start = word.lowerBound
        var next = start
        for (id, end) in zip(ids, ends) {
          // Tokens that share what they stand for (the bytes of one unknown character) have one end.
          let end = word.lowerBound + end
          if end > next { (start, next) = (next, end) }
          tokens.append(LocatedToken(id: id, range: text.source(of: start..<end)))
        }
      })
    return tokens
  }

  /// The tokens of some bytes where each merge that could be done is left out with a probability, drawn anew at every
  /// step (Provilkov et al. 2020, "BPE-Dropout"), so that a model sees many cuts of one text.
  /// - Parameters:
  ///   - dropout: 0 gives what `encode` gives, 1 single bytes.
  ///   - key: the draws depend on it and on the number of the word in the text, on nothing else.
  /// - Throws: `.usage` if the probability is none or the model is no BPE.
  public func encode(
    _ bytes: UnsafeRawBufferPointer, dropout: Double, at key: RandomKey
  ) throws(GraftError) -> [TokenID] {
    guard (0...1).contains(dropout) else {
      throw GraftError(.usage, "a dropout of \(dropout) is no probability", hint: "0 … 1.")
    }
    var tokens: [TokenID] = []
    if dropout == 0 {
      encode(bytes, into: &tokens)
      return tokens
    }
    guard let model = pipeline.model as? MergeModel else {
      throw GraftError(
        .usage, "dropout leaves out merges, which this tokenizer has none of",
        hint: "only a BPE tokenizer can be used with dropout.")
    }
    var merger = DropoutMerger(probability: dropout)
    var number = 0
    forEachWord(
      in: bytes, recognizing: false, token: { id, _ in tokens.append(id) },
      word: { text, word in
        merger.append(text.bytes[word], model: model, key: key.folded(number), to: &tokens)
        number += 1
      })
    return tokens
  }

  /// Calls `token` with each added token and `word` with each word, in order.
  private func forEachWord(
    in bytes: UnsafeRawBufferPointer, recognizing: Bool, token: (TokenID, Range<Int>) -> Void,
    word: (TracedText, Range<Int>) -> Void
  ) {
    var source = TracedText(source: bytes)
    if !takesAnyBytes, UTF8Decoding.firstInvalid(in: bytes) != nil { source = source.repaired() }
    let scanner = added.inText(recognizing)
    forEachPart(of: source, by: scanner, recognizing, added: token) { part, isStart in
      let normalized = pipeline.normalizer?.traced(part) ?? part
      let scanner = added.inNormalizedText(recognizing)
      forEachPart(of: normalized, by: scanner, recognizing, added: token) { part, isFirst in
        let list = words(of: part, isStart: isStart && isFirst)
        for range in list.words { word(list.text, range) }
      }
    }
  }

  /// Calls `added` with each added token and `body` with each text between, in order.
  private func forEachPart(
    of text: TracedText, by scanner: AddedTokenScanner?, _ recognizing: Bool,
    added: (TokenID, Range<Int>) -> Void,
    _ body: (TracedText, _ isFirst: Bool) -> Void
  ) {
    guard let scanner else { return body(text, true) }
    for part in text.bytes.withUnsafeBytes({ scanner.locatedParts(of: $0, specials: recognizing) }) {
      if let token = part.token {
        added(token, text.source(of: part.range))
      } else {
        body(text[part.range], part.range.lowerBound == 0)
      }
    }
  }

  /// Cuts normalised text, as `encode` does.
  private func words(of text: TracedText, isStart: Bool) -> WordList {
    guard text.count > 0 else { return WordList(text) }
    switch pipeline.cutting {
    case .byteLevel(let pattern, let addsPrefixSpace):
      var list = WordList(text)
      if addsPrefixSpace, text.bytes[0] != 0x20 {
        var prefixed = TracedText()
        prefixed.append([0x20], from: text.source(of: 0..<text.firstCharacterLength))
        prefixed.append(text, 0..<text.count)
        list = WordList(prefixed)
      }
      list.words = []
      list.bytes.withUnsafeBytes { bytes in
        pattern.forEachWord(in: bytes) { list.words.append($0..<$1) }
      }
      return list
    case .words(let cutter):
      var list = WordList(text)
      cutter.cut(&list, isStart: isStart)
      return list
    case .whole:
      return WordList(text)
    }
  }
}
