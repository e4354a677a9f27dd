import Support

/// What BERT does to text (Devlin et al. 2019, `BasicTokenizer` of google-research/bert): removes control characters,
/// makes all white space a space, sets CJK ideographs apart, cuts off accents, lowers capitals.
///
/// Worked example: "Ä\t東\u{0}x" becomes "a  東 x" (with all steps on).
struct BertNormalizer: TextNormalizer {
  var cleansText: Bool
  var separatesIdeographs: Bool
  var stripsAccents: Bool
  var lowersCase: Bool

  var name: String {
    let parts = [
      lowersCase ? "lower case" : nil, stripsAccents ? "no accents" : nil,
      separatesIdeographs ? "ideographs apart" : nil, cleansText ? nil : "uncleaned",
    ]
    return "bert" + parts.compactMap { $0 }.map { ", \($0)" }.joined()
  }

  var keepsBeginning: Bool { !cleansText && !stripsAccents }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    let text = bytes.mappingScalars(cleaning)
    let isASCII = text.withUnsafeBytes { UTF8Decoding.firstNonASCII(in: $0) } == text.count
    guard stripsAccents, !isASCII else { return text }
    return NormalForm.nfd.normalized(text).withUnsafeBytes { $0.mappingScalars(stripping) }
  }

  func traced(_ text: TracedText) -> TracedText {
    let cleaned = text.mappingScalars(cleaning)
    let isASCII = cleaned.bytes.allSatisfy { $0 < 0x80 }
    guard stripsAccents, !isASCII else { return cleaned }
    return NormalForm.nfd.traced(cleaned).mappingScalars(stripping)
  }

  /// What comes before decomposition, character by character.
  private var cleaning: (UInt32, inout [UInt8]) -> Void {
    let characters = TextCharacters.shared
    let flags = characters.flags
    var removed = TextCharacters.control
    if !cleansText { removed = 0 }
    let space = cleansText ? TextCharacters.space : 0
    let ideograph = separatesIdeographs ? TextCharacters.ideograph : 0
    // Tab, line feed and carriage return are white space here, other controls go, white space or not.
    return { scalar, text in
      let flag = flags[Int(scalar)]
      if flag & removed != 0 { return }
      if flag & space != 0 { return text.append(0x20) }
      if flag & ideograph != 0 {
        text.append(0x20)
        text.append(scalar: scalar)
        return text.append(0x20)
      }
      // Lowering may come before cutting off accents in ASCII only, where no character has an accent.
      if lowersCase, !stripsAccents || scalar < 0x80 {
        characters.appendLowercase(scalar, to: &text)
      } else {
        text.append(scalar: scalar)
      }
    }
  }

  /// What comes after decomposition, character by character.
  private var stripping: (UInt32, inout [UInt8]) -> Void {
    let characters = TextCharacters.shared
    let flags = characters.flags
    return { scalar, text in
      if flags[Int(scalar)] & TextCharacters.nonspacingMark != 0 { return }
      if lowersCase {
        characters.appendLowercase(scalar, to: &text)
      } else {
        text.append(scalar: scalar)
      }
    }
  }
}
