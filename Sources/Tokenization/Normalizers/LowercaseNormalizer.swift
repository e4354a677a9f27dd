/// Makes every capital small, character by character.
struct LowercaseNormalizer: TextNormalizer {
  var name: String { "lower case" }

  var isLocal: Bool { true }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    let characters = TextCharacters.shared
    return bytes.mappingScalars { characters.appendLowercase($0, to: &$1) }
  }
}
