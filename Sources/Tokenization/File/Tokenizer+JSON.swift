import Examples
import Support

/// The text of `tokenizer.json`: one line per token and per merge, always the same for the same tokenizer.
func tokenizerJSON(
  tokens: [[UInt8]], specials: [SpecialToken],
  merges: [(left: TokenID, right: TokenID, result: TokenID)], normalization: Normalization,
  pattern: BytePattern = .gpt2, ignoresMerges: Bool = false
) -> [UInt8] {
  var literals = tokens.map { ByteAlphabet.text($0).jsonLiteral }
  for special in specials { literals[Int(special.id)] = special.name.jsonLiteral }
  var text = "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"
  text += "  \"added_tokens\": ["
  for (index, special) in specials.enumerated() {
    text += index == 0 ? "\n" : ",\n"
    text += "    {\"id\": \(special.id), \"content\": \(special.name.jsonLiteral), "
    text += "\"single_word\": false, \"lstrip\": false, \"rstrip\": false, "
    text += "\"normalized\": false, \"special\": true}"
  }
  let normalizer = normalization.jsonType.map { "{\"type\": \"\($0)\"}" } ?? "null"
  let byteLevel =
    "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": true}"
  let preTokenizer =
    switch pattern {
    case .gpt2: byteLevel
    case .none: byteLevel.replacing("\"use_regex\": true", with: "\"use_regex\": false")
    case .cl100k, .qwen2:
      "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"pattern\": {\"Regex\": "
        + (pattern.expression ?? "").jsonLiteral + "}, \"behavior\": \"Isolated\", \"invert\": false}, "
        + byteLevel.replacing("\"use_regex\": true", with: "\"use_regex\": false") + "]}"
    }
  text += """

      ],
      "normalizer": \(normalizer),
      "pre_tokenizer": \(preTokenizer),
      "post_processor": null,
      "decoder": \(byteLevel),
      "model": {
        "type": "BPE",
        "dropout": null,
        "unk_token": null,
        "continuing_subword_prefix": null,
        "end_of_word_suffix": null,
        "fuse_unk": false,
        "byte_fallback": false,
        "ignore_merges": \(ignoresMerges),
        "vocab": {
    """
  for (id, literal) in literals.enumerated() {
    text += id == 0 ? "\n" : ",\n"
    text += "      \(literal): \(id)"
  }
  text += "\n    },\n    \"merges\": ["
  for (rank, merge) in merges.enumerated() {
    text += rank == 0 ? "\n" : ",\n"
    text += "      [\(literals[Int(merge.left)]), \(literals[Int(merge.right)])]"
  }
  text += "\n    ]\n  }\n}\n"
  return Array(text.utf8)
}
