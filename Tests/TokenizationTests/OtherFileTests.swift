import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Files that are given for a tokenizer and are none are called what they are.
@Suite struct OtherFileTests {
  private func expectError(
    _ path: String, _ code: ExitCode = .badData, says texts: [String],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: GraftError.self, sourceLocation: sourceLocation) {
      try Tokenizer(contentsOf: path)
    }
    #expect(error?.code == code && error?.hint != nil, sourceLocation: sourceLocation)
    for text in texts {
      #expect(
        error?.description.contains(text) == true, "\(text): \(error?.description ?? "")",
        sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [
    (#"{"class_name": "Tokenizer", "config": {"num_words": 9, "word_index": "{}"}}"#, "tokenizer of Keras"),
    (#""{\"class_name\": \"Tokenizer\", \"config\": {\"word_index\": \"{}\"}}""#, "tokenizer of Keras"),
    (#"{"the": 0, "cat": 1, "sat": 2}"#, "vocab.json"),
    (#"{"tokenizer_class": "BertTokenizer", "model_max_length": 512}"#, "tokenizer_config.json"),
    (#"{"model_type": "bert", "hidden_size": 32}"#, "config.json"),
    (#"{"pad_token": "<pad>", "unk_token": "<unk>"}"#, "special_tokens_map.json"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "git lfs pull"),
    ("<!DOCTYPE html>\n<html><head>", "web page"), ("", "empty file"), ("GGUF\u{3}\0\0\0", "GGUF"),
    ("PK\u{3}\u{4}\u{14}", "zip archive"),
    ("\n\u{E}\n\u{5}<unk>\u{15}\0\0\0\0\u{18}\u{2}", "SentencePiece"),
  ]) func otherFiles(_ content: String, _ says: String) throws {
    let folder = try TestFolder()
    expectError(try folder.write("tokenizer.json", content), says: [says, "tokenizer.json"])
  }

  @Test func otherBytes() throws {
    let folder = try TestFolder()
    for (bytes, says) in [
      ([0x80, 0x02, 0x7D, 0x71], "pickle"), ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "HDF5"),
      ([0x93] + Array("NUMPY".utf8), "NumPy"),
      ([0x80, 2, 0, 0, 0, 0, 0, 0] + Array("{}  ".utf8), "safetensors"),
      ([8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8), "safetensors"),
    ] as [([UInt8], String)] {
      expectError(try folder.write("tokenizer.json", bytes), says: [says])
    }
  }

  private static let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s"]

  @Test func aByteOrderMarkIsReadOver() throws {
    let (plain, marked) = (try TestFolder(), try TestFolder())
    let text = Self.vocabulary.joined(separator: "\n") + "\n"
    try plain.write("vocab.txt", text)
    try marked.write("vocab.txt", byteOrderMark + Array(text.utf8))
    try marked.write("tokenizer_config.json", byteOrderMark + Array(#"{"do_lower_case": true}"#.utf8))
    let expected = try Tokenizer(contentsOf: plain.path)
    #expect(try Tokenizer(contentsOf: marked.path).contentHash == expected.contentHash)
    #expect(expected.encode("The cats").count == 3)
    let json = try marked.write("with-mark.json", byteOrderMark + Array(expected.jsonData()))
    #expect(try Tokenizer(contentsOf: json).encode("The cats") == expected.encode("The cats"))
    let (first, second) = (try TestFolder(), try TestFolder())
    for (folder, mark) in [(first, []), (second, byteOrderMark)] {
      try folder.write("vocab.json", mark + Array(Self.bytes(["Ġt", "he"]).utf8))
      try folder.write("merges.txt", mark + Array("#version: 0.2\nĠ t\nh e\n".utf8))
    }
    #expect(
      try Tokenizer(contentsOf: second.path).contentHash == Tokenizer(contentsOf: first.path).contentHash)
    #expect(try Tokenizer(contentsOf: second.path).encode(" the").count == 2)
  }

  /// A vocab.json of all bytes, `<|endoftext|>` and some tokens.
  private static func bytes(_ more: [String]) -> String {
    let tokens = ByteAlphabet.order.map { ByteAlphabet.text([$0]) } + ["<|endoftext|>"] + more
    return "{" + tokens.enumerated().map { "\($1.jsonLiteral): \($0)" }.joined(separator: ", ") + "}"
  }

  @Test func errorsNameTheFileThatIsThere() throws {
    let folder = try TestFolder()
    try folder.write("vocab.txt", (Self.vocabulary + ["cat"]).joined(separator: "\n"))
    expectError(folder.path, says: ["'cat' stands in line 7, too", "vocab.txt:9"])
    try folder.write("vocab.txt", Self.vocabulary.dropFirst().joined(separator: "\n"))
    expectError(folder.path, says: ["'[PAD]'", "vocab.txt"])
    expectError("\(folder.path)/vocab.txt", says: ["older files", "folder"])
    let bpe = try TestFolder()
    try bpe.write("vocab.json", Self.bytes(["Ġt"]))
    for (merges, says) in [
      ("Ġ t\nt h\n", "needs the token 'th'"), ("#version: 0.2\nĠ t\nĠ t\n", "merges.txt:3"),
      ("Ġ t x\n", "is not two tokens"), ("Ġt\n", "is not two tokens"), ("Ġ  t\n", "is not two tokens"),
    ] {
      try bpe.write("merges.txt", merges)
      expectError(bpe.path, says: [says, "merges.txt"])
    }
    try bpe.write("merges.txt", "Ġ t\n")
    try bpe.write("vocab.json", Self.bytes(["Ġt"]).replacingOccurrences(of: "\"!\": ", with: "\"!\": 7"))
    expectError(bpe.path, says: ["vocab.json"])
  }
}
