import Support

/// What happens to text before it is cut into tokens.
public enum Normalization: String, Sendable, Hashable, CaseIterable, Codable {
  /// Nothing: every byte is kept, decoding gives back exactly what was encoded.
  case none
  /// Canonical composition.
  case nfc
  /// Compatibility composition: `ﬁ` becomes `fi`, full-width letters become plain ones.
  case nfkc

  /// The name in `tokenizer.json`.
  var jsonType: String? {
    switch self {
    case .none: nil
    case .nfc: "NFC"
    case .nfkc: "NFKC"
    }
  }

  /// What does it, nil if there is nothing to do.
  var form: NormalForm? {
    switch self {
    case .none: nil
    case .nfc: .nfc
    case .nfkc: .nfkc
    }
  }

  /// The normalised bytes, or nil if there is nothing to change. Bytes that are not UTF-8 stay as they are.
  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { form?.normalized(bytes) }
}
