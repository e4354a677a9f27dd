import Foundation
import Records
import Support
import Tokenization

extension Readers {
  static let tokenizers = [
    Reader("encoding", fuzzEncoding),
    Reader("tokenizer", readTokenizer),
    Reader("tokenizer-folder", readTokenizerFolder),
    Reader("tokenizer-ranks", readRanks),
  ]
}

/// A tokenizer that was read encodes any text to ids of its vocabulary.
private func check(_ tokenizer: Tokenizer, on text: UnsafeRawBufferPointer) {
  let ids = tokenizer.encode(text)
  precondition(ids.allSatisfy(tokenizer.contains), "an id is outside the vocabulary")
  _ = tokenizer.decode(ids, skippingSpecialTokens: false)
  precondition(tokenizer.encodeWithOffsets(text).map(\.id) == ids, "offsets change the tokens")
}

private func check(_ tokenizer: Tokenizer) {
  var text = "The cat's 12 hats,\n  don\u{2019}t 日本語 e\u{301} naïve [MASK] </s> ﬁne\0!"
  text.withUTF8 { check(tokenizer, on: UnsafeRawBufferPointer($0)) }
}

/// A `tokenizer.json`, and a text that is encoded by what it says. An error has a place.
@Sendable private func readTokenizer(_ input: UnsafeRawBufferPointer) throws {
  let files = input.files(2)
  do throws(GraftError) {
    let tokenizer = try Tokenizer(json: files[0], file: "fuzz.json")
    check(tokenizer, on: files[1])
  } catch {
    let hasPlace = error.location != nil || error.message.contains("'fuzz.json'")
    precondition(error.code == .badData && hasPlace, "\(error)")
  }
}

/// `vocab.txt` and `tokenizer_config.json` of BERT; or, if the input begins as JSON does, `vocab.json`,
/// `merges.txt` and `tokenizer_config.json` of GPT-2.
@Sendable private func readTokenizerFolder(_ input: UnsafeRawBufferPointer) throws {
  let isJSON = input.first == UInt8(ascii: "{")
  let names = isJSON ? ["vocab.json", "merges.txt"] : ["vocab.txt"]
  let files = input.files(names.count + 1)
  Scratch.makeFolder("tokenizer")
  for name in ["vocab.json", "merges.txt", "vocab.txt", "tokenizer_config.json"] {
    Scratch.remove("tokenizer/\(name)")
  }
  for (name, file) in zip(names, files) { Scratch.write("tokenizer/\(name)", file) }
  if let settings = files.last, !settings.isEmpty {
    Scratch.write("tokenizer/tokenizer_config.json", settings)
  }
  check(try Tokenizer(contentsOf: "\(Scratch.path)/tokenizer"))
}

@Sendable private func readRanks(_ input: UnsafeRawBufferPointer) throws {
  let tokenizer = try Tokenizer(rankFile: Scratch.write("ranks.tiktoken", input), pattern: .cl100k)
  check(tokenizer)
  var text = "naïve \0 text\n\n"
  text.withUTF8 { text in
    let text = UnsafeRawBufferPointer(text)
    let decoded = tokenizer.decode(tokenizer.encode(text), skippingSpecialTokens: false)
    precondition(decoded.elementsEqual(text), "decoding is not what was encoded")
  }
}
