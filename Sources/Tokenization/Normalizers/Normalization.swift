import Support

/// What a tokenizer that is trained here may do to text before it is cut into tokens. Without any, every byte is kept
/// and decoding gives back exactly what was encoded.
public enum Normalization: String, Sendable, Hashable, CaseIterable, Codable {
  /// Canonical composition.
  case nfc
  /// Compatibility composition: `ﬁ` becomes `fi`, full-width letters become plain ones.
  case nfkc
  /// Small letters for capitals, character by character, whatever stands beside them.
  case lowercase
  /// Letters without their accents, composed again.
  case stripAccents = "strip-accents"

  /// The names in `tokenizer.json` of the steps it consists of.
  var jsonTypes: [String] {
    switch self {
    case .nfc: ["NFC"]
    case .nfkc: ["NFKC"]
    case .lowercase: ["Lowercase"]
    case .stripAccents: ["NFD", "StripAccents", "NFC"]
    }
  }

  private var steps: [any TextNormalizer] {
    switch self {
    case .nfc: [NormalForm.nfc]
    case .nfkc: [NormalForm.nfkc]
    case .lowercase: [LowercaseNormalizer()]
    case .stripAccents: [NormalForm.nfd, AccentStripper(), NormalForm.nfc]
    }
  }

  /// What does several after one another; nil for none.
  static func normalizer(_ list: [Normalization]) -> (any TextNormalizer)? {
    let steps = list.flatMap(\.steps)
    return steps.count > 1 ? NormalizerSequence(steps: steps) : steps.first
  }

  /// The value of `normalizer` in `tokenizer.json`.
  static func json(_ list: [Normalization]) -> String {
    let steps = list.flatMap(\.jsonTypes).map { "{\"type\": \"\($0)\"}" }
    return steps.count > 1
      ? "{\"type\": \"Sequence\", \"normalizers\": [\(steps.joined(separator: ", "))]}"
      : steps.first ?? "null"
  }
}
