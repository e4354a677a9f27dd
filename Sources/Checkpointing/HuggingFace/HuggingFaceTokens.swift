import Records

/// The special tokens of a tokenizer, as the files of transformers name them.
public struct HuggingFaceTokens: Sendable, Hashable {
  public var padding, endOfSequence, unknown, start: Int
  /// By the keys of tokenizer_config.json: `pad_token`, `eos_token` …
  public var names: [String: String]

  /// - Parameter name: a token as the tokenizer spells it.
  public init(_ vocabulary: Vocabulary, name: (TokenID) -> String) {
    padding = Int(vocabulary.padding)
    endOfSequence = Int(vocabulary.endOfSequence)
    unknown = Int(vocabulary.unknown)
    start = Int(vocabulary.start)
    names = [
      "pad_token": name(vocabulary.padding), "eos_token": name(vocabulary.endOfSequence),
      "unk_token": name(vocabulary.unknown),
    ]
    // A start or mask of its own, which BERT's tokenizer has: elsewhere padding and a sentinel serve. In GPT-2 the
    // start is the end, and BART's decoder starts with the end although texts have a token before them.
    if let opening = vocabulary.opening {
      names["bos_token"] = name(opening)
    } else if vocabulary.start == vocabulary.endOfSequence {
      names["bos_token"] = name(vocabulary.start)
    } else if vocabulary.start != vocabulary.padding {
      names["cls_token"] = name(vocabulary.start)
      names["sep_token"] = name(vocabulary.endOfSequence)
    }
    if let mask = vocabulary.mask, !vocabulary.sentinels.contains(mask) { names["mask_token"] = name(mask) }
  }

  /// The ids as a decoder's config.json and generation_config.json have them.
  public var decoderKeys: [String: ConfigValue] {
    ["bos_token_id": .integer(start), "eos_token_id": .integer(endOfSequence), "pad_token_id": .integer(padding)]
  }
}
