import Foundation
import Records
import Support

@testable import Corpus
@testable import StressTesting

extension Readers {
  static let texts = [
    Reader("corpus") { try readCorpus($0, "corpus.txt") },
    Reader("corpus-cleaned", readCleanedCorpus),
    Reader("corpus-json-lines") { try readCorpus($0, "corpus.jsonl") },
    Reader("gzip", readGzip),
    Reader("json", readJSON),
    Reader("parquet", readParquet),
    Reader("token-shard", readTokenShard),
    Reader("wordnet", readWordNet),
  ]
}

/// Whatever is in a file, the pieces of its documents are the text of the file, in order.
@Sendable private func readCorpus(_ input: UnsafeRawBufferPointer, _ name: String) throws {
  let path = Scratch.write(name, input)
  for boundary in DocumentBoundary.allCases {
    for policy in InvalidUTF8Policy.allCases {
      var options = CorpusOptions()
      (options.documentBoundary, options.invalidUTF8) = (boundary, policy)
      var text: [UInt8] = []
      var isOpen = false
      do throws(GraftError) {
        try DocumentReader(path: path, options: options).forEachPiece { piece in
          text += piece.bytes
          isOpen = !piece.endsDocument
        }
        precondition(!isOpen, "the last document does not end")
        if policy != .accept { precondition(String(validating: text, as: UTF8.self) != nil, "not UTF-8") }
      } catch {
        guard policy == .error else { throw error }
      }
    }
  }
}

@Sendable private func readCleanedCorpus(_ input: UnsafeRawBufferPointer) throws {
  var options = CorpusOptions()
  options.invalidUTF8 = .replace
  options.documentBoundary = .blankLines
  options.cleaning = .c4Deduplicated
  let reader = try DocumentReader(path: Scratch.write("cleaned.txt", input), options: options)
  try reader.forEachPiece { piece in precondition(!piece.bytes.isEmpty, "an empty document") }
}

/// Reading by small and by large pieces gives the same text, or the same error.
@Sendable private func readGzip(_ input: UnsafeRawBufferPointer) throws {
  guard GzipInflater.isGzip(input) else { return }
  func text(_ limit: Int) -> Result<[UInt8], GraftError> {
    do throws(GraftError) {
      let inflater = try GzipInflater(input, path: "fuzz.gz")
      var text: [UInt8] = []
      // Bombs are the business of those who hold all of the text at once.
      while text.count < 1 << 20, try inflater.read(into: &text, limit: limit) {}
      return .success(Array(text.prefix(1 << 20)))
    } catch {
      return .failure(error)
    }
  }
  let (large, small) = (text(1 << 20), text(1 + Int(input[input.count - 1])))
  switch (large, small) {
  case (.success(let one), .success(let other)): precondition(one == other, "pieces change the text")
  case (.failure(let one), .failure(let other)):
    // A file that is damaged at its very end may seem cut short.
    precondition(one.code == other.code, "'\(one)' and '\(other)'")
    throw one
  // The damage may lie behind the part that is looked at.
  case (.success(let one), .failure), (.failure, .success(let one)):
    precondition(one.count == 1 << 20, "the size of pieces decides whether the text is whole")
  }
}

/// What comes out is JSON lines.
@Sendable private func readParquet(_ input: UnsafeRawBufferPointer) throws {
  var rows = try ParquetRows(MappedFile(Scratch.write("rows.parquet", input)))
  var text: [UInt8] = []
  while text.count < 1 << 20, try rows.read(into: &text, limit: 1 << 16) {}
  for line in text.split(separator: 0x0A) {
    let isJSON = line.withUnsafeBytes { line in
      var scanner = JSONScanner(line)
      return (try? scanner.skipValue()) != nil && (try? scanner.expectEnd()) != nil
    }
    precondition(isJSON, "a row is no JSON")
  }
}

/// A value that is read can be skipped, and a text that is a string stays the same as a literal.
@Sendable private func readJSON(_ input: UnsafeRawBufferPointer) throws {
  do throws(JSONSyntaxError) {
    let value = try JSONValue(parsing: input)
    var scanner = JSONScanner(input)
    do throws(JSONSyntaxError) {
      try scanner.skipValue()
      try scanner.expectEnd()
    } catch {
      preconditionFailure("what is read cannot be skipped: \(error.message)")
    }
    check(value)
  } catch {
    throw error.graftError(in: input, file: "fuzz.json")
  }
}

private func check(_ value: JSONValue) {
  switch value.kind {
  case .number(let number): precondition(number.isFinite, "a number that is none")
  case .string(let text):
    var literal = text.jsonLiteral
    let again = literal.withUTF8 { try? JSONValue(parsing: UnsafeRawBufferPointer($0)) }
    guard case .string(let same) = again?.kind, same.utf8.elementsEqual(text.utf8) else {
      preconditionFailure("'\(text)' changes by writing it")
    }
  case .array(let elements): for element in elements { check(element) }
  case .object(let members): for member in members { check(member.value) }
  case .null, .boolean: break
  }
}

/// A shard whose hash is right: what the checks of its figures let through can be read.
@Sendable private func readTokenShard(_ input: UnsafeRawBufferPointer) throws {
  var bytes = [UInt8](input)
  bytes += ContentHash.of(bytes).utf8
  let path = bytes.withUnsafeBytes { Scratch.write("shard.tokens", $0) }
  let shard = try TokenShard(path: path, byteCounts: [Int32](repeating: 1, count: 256))
  var tokens: [TokenID] = []
  shard.append(0..<shard.tokenCount, to: &tokens)
  precondition(tokens.allSatisfy { (0..<256).contains($0) }, "an id is outside the vocabulary")
  _ = shard.bytes(before: shard.tokenCount)
  for document in 0..<shard.documentCount {
    precondition(shard.documentEnd(document) <= shard.tokenCount, "a document ends behind the last token")
    precondition(shard.documentByteCount(document) >= 0, "a document of less than no bytes")
  }
}

/// `index.noun`, `data.noun`, `noun.exc` and `cntlist.rev`; other parts of speech are empty.
@Sendable private func readWordNet(_ input: UnsafeRawBufferPointer) throws {
  let names = ["index.noun", "data.noun", "noun.exc", "cntlist.rev"]
  Scratch.makeFolder("wordnet")
  if access("\(Scratch.path)/wordnet/index.verb", F_OK) != 0 {
    for part in ["verb", "adj", "adv"] {
      for name in ["index.\(part)", "data.\(part)", "\(part).exc"] { Scratch.write("wordnet/\(name)", "") }
    }
  }
  for (name, file) in zip(names, input.files(names.count)) { Scratch.write("wordnet/\(name)", file) }
  let wordNet = try WordNet(folder: "\(Scratch.path)/wordnet")
  for word in ["dog", "couch", "man", "wolves", "animal", ""] {
    _ = wordNet.count(word, .noun)
    _ = wordNet.plural(word)
    do throws(GraftError) {
      _ = try wordNet.baseForm(word, .noun)
      _ = try wordNet.isMostly(.noun, word)
      for relation in WordNet.Relation.allCases { _ = try wordNet.words(relation, of: word, .noun) }
    } catch {
      precondition(error.code == .badData, "\(error)")
    }
  }
}
