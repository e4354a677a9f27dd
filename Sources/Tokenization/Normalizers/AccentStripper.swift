/// Removes combining marks that stand as characters of their own (after NFD: all accents).
struct AccentStripper: TextNormalizer {
  var name: String { "no accents" }

  var isLocal: Bool { true }

  var keepsBeginning: Bool { false }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    let flags = TextCharacters.shared.flags
    return bytes.mappingScalars { scalar, text in
      if flags[Int(scalar)] & TextCharacters.mark == 0 { text.append(scalar: scalar) }
    }
  }
}
