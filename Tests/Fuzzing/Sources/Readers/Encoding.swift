import Foundation
import Records
import Support
import Tokenization

/// Tokenizers of every kind that is trained here, on a little text with something of everything.
private let tokenizers: [Tokenizer] = {
  let text = Array(
    "the cat's 12 hats,\n\n  don't 日本語 e\u{301}é \u{1F469}\u{200D}\u{1F4BB} naïve THE cat sat 345 on ﬁne mats!\n"
      .utf8)
  let documents = [[UInt8]](repeating: text, count: 3)
  var result: [Tokenizer] = []
  for unit in VocabularyUnit.allCases {
    for pattern in unit == .bpe ? BytePattern.allCases : [.gpt2] {
      for normalization in [[], [.nfkc, .stripAccents, .lowercase]] as [[Normalization]] {
        var options = TokenizerTrainingOptions(vocabularySize: 400, sentinelCount: 2)
        (options.unit, options.pattern, options.normalization) = (unit, pattern, normalization)
        do throws(GraftError) {
          result.append(try Tokenizer.train(documents: documents, options: options))
        } catch {
          preconditionFailure("\(error)")
        }
      }
    }
  }
  return result
}()

/// Encoding of any bytes: byte-level tokenizers without normalisation lose nothing, offsets and streams agree with
/// plain encoding, and nothing is outside the vocabulary.
@Sendable func fuzzEncoding(_ input: UnsafeRawBufferPointer) {
  guard let first = input.first, input.count > 1 else { return }
  let tokenizer = tokenizers[Int(first) % tokenizers.count]
  let text = UnsafeRawBufferPointer(rebasing: input[1...])
  let ids = tokenizer.encode(text)
  precondition(ids.allSatisfy(tokenizer.contains), "an id is outside the vocabulary")
  let decoded = tokenizer.decode(ids, skippingSpecialTokens: false)
  if tokenizer.kind.isByteLevel, tokenizer.normalizationName == "none" {
    precondition(decoded.elementsEqual(text), "decoding is not what was encoded")
  }
  precondition(tokenizer.encodeWithOffsets(text).map(\.id) == ids, "offsets change the tokens")
  var stream = StreamEncoder(tokenizer)
  var streamed: [TokenID] = []
  stream.append(UnsafeRawBufferPointer(rebasing: text[..<(text.count / 2)]), to: &streamed)
  stream.append(UnsafeRawBufferPointer(rebasing: text[(text.count / 2)...]), to: &streamed)
  stream.finish(into: &streamed)
  precondition(streamed == ids, "a stream changes the tokens")
  var incremental = IncrementalDecoder(tokenizer, skippingSpecialTokens: false)
  var pieces = ""
  for id in ids { pieces += incremental.append(id) }
  pieces += incremental.finish()
  precondition(pieces == String(decoding: decoded, as: UTF8.self), "decoding by token is not decoding")
}
