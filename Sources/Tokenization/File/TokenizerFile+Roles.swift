import Records
import Support

/// What special tokens are for.
extension TokenizerFile {
  /// Of the models with one special token for all, GPT-2's name and Llama 3's.
  private static let only = [SpecialTokens.endOfText, "<|end_of_text|>"]
  private static let paddingNames = [SpecialTokens.padding, "[PAD]", "<|finetune_right_pad_id|>"] + only + ["<|pad|>"]
  private static let endNames =
    [SpecialTokens.endOfSequence, "[SEP]"] + only + ["<eos>", "<|im_end|>", "<|eos|>", "<sep>", "<｜end▁of▁sentence｜>"]
  private static let unknownNames = [SpecialTokens.unknown, "[UNK]"] + only
  private static let startNames =
    ["<s>", "[CLS]", "<|begin_of_text|>", "<bos>", "<|startoftext|>", "<|bos|>", "<cls>"] + only
    + ["<｜begin▁of▁sentence｜>"]
  private static let maskNames = ["<mask>", "[MASK]"]

  /// What each special token is for: by its name (of T5 and RoBERTa, of BERT, of GPT-2 and Qwen, of Llama 3, of
  /// others, in this order), else by the post-processor, else by what the files beside say. Where nothing shows it,
  /// the unknown token, the end or the first special token serves.
  /// - Parameter unknown: what the model takes for the unknown token; nil if it needs none.
  func vocabulary(size: Int, unknown: TokenID?) throws(JSONSyntaxError) -> Vocabulary {
    let ids = Dictionary(specials.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    func named(_ names: [String]) -> TokenID? { names.lazy.compactMap { ids[$0] }.first }
    func declared(_ keys: String...) -> TokenID? { named(keys.compactMap { self.declared[$0] }) }
    let (before, after) = tokensAround
    guard let first = specials.map(\.id).min() ?? unknown else {
      throw JSONSyntaxError("'added_tokens' has no special token, which a text could end with", at: top.offset)
    }
    let end =
      named(Self.endNames) ?? after ?? declared("eos_token", "sep_token") ?? before ?? unknown ?? first
    let unknown = unknown ?? named(Self.unknownNames) ?? declared("unk_token") ?? end
    let padding = named(Self.paddingNames) ?? declared("pad_token") ?? (named(Self.unknownNames) ?? end)
    // The token that is put before a text if it is one by its name: OPT's is `</s>`. (NLLB's is a language.)
    let usual = Set(Self.startNames + Self.endNames)
    let start =
      before.flatMap { id in specials.contains { $0.id == id && usual.contains($0.name) } ? id : nil }
      ?? named(Self.startNames) ?? declared("cls_token", "bos_token")
    var sentinels: [TokenID] = []
    for number in 0..<specials.count(where: { SpecialTokens.sentinelNumber($0.name) != nil }) {
      let name = SpecialTokens.sentinel(number)
      guard let id = ids[name] else {
        throw JSONSyntaxError("'added_tokens' lacks the special token '\(name)'", at: top.offset)
      }
      sentinels.append(id)
    }
    return Vocabulary(
      size: size, padding: padding, endOfSequence: end, unknown: unknown, start: start,
      mask: named(Self.maskNames) ?? declared("mask_token"), sentinels: sentinels)
  }

  /// Those of the declared tokens that have their roles without a name that shows it.
  func roles(of vocabulary: Vocabulary) -> [String: String] {
    let ids = Dictionary(specials.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    let known: [String: (id: TokenID?, names: [String])] = [
      "pad_token": (vocabulary.padding, Self.paddingNames), "unk_token": (vocabulary.unknown, Self.unknownNames),
      "eos_token": (vocabulary.endOfSequence, Self.endNames), "sep_token": (vocabulary.endOfSequence, Self.endNames),
      "bos_token": (vocabulary.start, Self.startNames), "cls_token": (vocabulary.start, Self.startNames),
      "mask_token": (vocabulary.mask, Self.maskNames),
    ]
    return declared.filter { key, name in
      guard let role = known[key], let id = ids[name] else { return false }
      return role.id == id && !role.names.contains(name)
    }
  }

  /// The special tokens that the post-processor puts right before and after a text.
  private var tokensAround: (before: TokenID?, after: TokenID?) {
    let special = Set(specials.map(\.id))
    func id(_ part: PostProcessor.Part?) -> TokenID? {
      if case .token(let id, _) = part, special.contains(id) { id } else { nil }
    }
    return (id(postProcessor.single.first), id(postProcessor.single.last))
  }
}
