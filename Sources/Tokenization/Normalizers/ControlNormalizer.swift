/// What SentencePiece's rules `nmt` do besides normal forms, as Hugging Face tokenizers has it: removes control
/// characters, makes a space of other white space and of some characters without width.
///
/// Worked example: "a\u{0}\tb\u{1}\u{200B}c" becomes "a\u{0} b c".
struct ControlNormalizer: TextNormalizer {
  var name: String { "nmt" }

  var keepsBeginning: Bool { false }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    bytes.mappingScalars { scalar, text in
      switch scalar {
      case 0x1...0x8, 0xB, 0xE...0x1F, 0x7F, 0x8F, 0x9F: break
      case 0x9, 0xA, 0xC, 0xD, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: text.append(0x20)
      default: text.append(scalar: scalar)
      }
    }
  }
}
