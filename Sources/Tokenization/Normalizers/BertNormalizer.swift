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
    let characters = TextCharacters.shared
    let flags = characters.flags
    var removed = TextCharacters.control
    if !cleansText { removed = 0 }
    let space = cleansText ? TextCharacters.space : 0
    let ideograph = separatesIdeographs ? TextCharacters.ideograph : 0
    // Tab, line feed and carriage return are white space here, other controls go, white space or not.
    var text = bytes.mappingScalars { scalar, text in
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
    let isASCII = text.withUnsafeBytes { UTF8Decoding.firstNonASCII(in: $0) } == text.count
    guard stripsAccents, !isASCII else { return text }
    text = NormalForm.nfd.normalized(text)
    return text.withUnsafeBytes { bytes in
      bytes.mappingScalars { scalar, text in
        if flags[Int(scalar)] & TextCharacters.nonspacingMark != 0 { return }
        if lowersCase {
          characters.appendLowercase(scalar, to: &text)
        } else {
          text.append(scalar: scalar)
        }
      }
    }
  }
}
