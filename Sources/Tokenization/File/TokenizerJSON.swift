import Records
import Support

/// Writes `tokenizer.json`: one line per token and per merge, always the same for the same tokenizer.
struct TokenizerJSON {
  var pieces: [[UInt8]]
  var specials: [AddedToken]
  var normalization: [Normalization]

  init(pieces: [[UInt8]], specials: [AddedToken], normalization: [Normalization]) {
    self.pieces = pieces
    self.specials = specials.sorted { $0.id < $1.id }
    self.normalization = normalization
  }

  func byteLevel(
    merges: [(left: TokenID, right: TokenID, result: TokenID)], pattern: BytePattern,
    ignoresMerges: Bool = false
  ) -> [UInt8] {
    let cutting =
      "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": true}"
    let plain = cutting.replacing("\"use_regex\": true", with: "\"use_regex\": false")
    let preTokenizer =
      switch pattern {
      case .gpt2: cutting
      case .none: plain
      case .cl100k, .qwen2, .whitespace:
        "{\"type\": \"Sequence\", \"pretokenizers\": [\(Self.split(pattern.expression ?? "")), \(plain)]}"
      }
    let literals = Literals(self) { piece, text in
      for byte in piece { text += ByteAlphabet.literals[Int(byte)] }
    }
    var text = head(preTokenizer: preTokenizer, decoder: cutting)
    text += Array(
      """
          "type": "BPE",
          "dropout": null,
          "unk_token": null,
          "continuing_subword_prefix": null,
          "end_of_word_suffix": null,
          "fuse_unk": false,
          "byte_fallback": false,
          "ignore_merges": \(ignoresMerges),
          "vocab": {
      """.utf8)
    literals.appendVocabulary(to: &text)
    text += Array("\n    },\n    \"merges\": [".utf8)
    for (rank, merge) in merges.enumerated() {
      text += Array((rank == 0 ? "\n      [" : ",\n      [").utf8)
      text += literals[merge.left]
      text += [UInt8(ascii: ","), UInt8(ascii: " ")]
      text += literals[merge.right]
      text.append(UInt8(ascii: "]"))
    }
    return text + Array("\n    ]\n  }\n}\n".utf8)
  }

  func wordLevel(isOfCharacters: Bool) -> [UInt8] {
    let literals = Literals(self) { piece, text in
      text += Array(String(decoding: piece, as: UTF8.self).jsonLiteral.utf8.dropFirst().dropLast())
    }
    var text = head(
      preTokenizer: isOfCharacters
        ? Self.split(CharacterCutter.expression) : "{\"type\": \"WhitespaceSplit\"}",
      decoder: isOfCharacters ? "{\"type\": \"Fuse\"}" : "null")
    text += Array("    \"type\": \"WordLevel\",\n    \"vocab\": {".utf8)
    literals.appendVocabulary(to: &text)
    return text + Array("\n    },\n    \"unk_token\": \(SpecialTokens.unknown.jsonLiteral)\n  }\n}\n".utf8)
  }

  private static func split(_ expression: String) -> String {
    "{\"type\": \"Split\", \"pattern\": {\"Regex\": \(expression.jsonLiteral)}, \"behavior\": \"Isolated\", "
      + "\"invert\": false}"
  }

  /// Everything up to the members of `model`.
  private func head(preTokenizer: String, decoder: String) -> [UInt8] {
    var text = "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"
    text += "  \"added_tokens\": ["
    for (index, special) in specials.enumerated() {
      text += index == 0 ? "\n" : ",\n"
      text += "    {\"id\": \(special.id), \"content\": \(special.name.jsonLiteral), "
      text += "\"single_word\": false, \"lstrip\": false, \"rstrip\": false, "
      text += "\"normalized\": false, \"special\": true}"
    }
    text += """

        ],
        "normalizer": \(Normalization.json(normalization)),
        "pre_tokenizer": \(preTokenizer),
        "post_processor": null,
        "decoder": \(decoder),
        "model": {

      """
    return Array(text.utf8)
  }

  /// The tokens as they stand in the file, quotes included, end to end.
  private struct Literals {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init(_ file: TokenizerJSON, _ append: (_ piece: [UInt8], _ text: inout [UInt8]) -> Void) {
      let names = Dictionary(file.specials.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
      for (id, piece) in file.pieces.enumerated() {
        if piece.isEmpty, let name = names[TokenID(id)] {
          bytes += Array(name.jsonLiteral.utf8)
        } else {
          bytes.append(UInt8(ascii: "\""))
          append(piece, &bytes)
          bytes.append(UInt8(ascii: "\""))
        }
        ends.append(bytes.count)
      }
    }

    subscript(_ id: TokenID) -> ArraySlice<UInt8> { bytes[(id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)]] }

    func appendVocabulary(to text: inout [UInt8]) {
      for id in ends.indices {
        text += Array((id == 0 ? "\n      " : ",\n      ").utf8)
        text += self[TokenID(id)]
        text += Array(": \(id)".utf8)
      }
    }
  }
}
