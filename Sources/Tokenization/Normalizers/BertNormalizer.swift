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
    let steps = Steps(self)
    let text = bytes.mappingScalars { steps.clean($0, to: &$1) }
    let isASCII = text.withUnsafeBytes { UTF8Decoding.firstNonASCII(in: $0) } == text.count
    guard stripsAccents, !isASCII else { return text }
    return NormalForm.nfd.normalized(text).withUnsafeBytes { bytes in
      bytes.mappingScalars { steps.strip($0, to: &$1) }
    }
  }

  func traced(_ text: TracedText) -> TracedText {
    let steps = Steps(self)
    let cleaned = text.mappingScalars { steps.clean($0, to: &$1) }
    let isASCII = cleaned.bytes.allSatisfy { $0 < 0x80 }
    guard stripsAccents, !isASCII else { return cleaned }
    return NormalForm.nfd.traced(cleaned).mappingScalars { steps.strip($0, to: &$1) }
  }

  /// What happens to one character, with the tables at hand.
  private struct Steps {
    let characters = TextCharacters.shared
    let flags = TextCharacters.shared.flags
    let removed: UInt8
    let space: UInt8
    let ideograph: UInt8
    let stripsAccents: Bool
    let lowersCase: Bool

    init(_ normalizer: BertNormalizer) {
      removed = normalizer.cleansText ? TextCharacters.control : 0
      space = normalizer.cleansText ? TextCharacters.space : 0
      ideograph = normalizer.separatesIdeographs ? TextCharacters.ideograph : 0
      stripsAccents = normalizer.stripsAccents
      lowersCase = normalizer.lowersCase
    }

    /// Before decomposition. Tab, line feed and carriage return are white space here, other controls go, white space
    /// or not.
    @inline(__always)
    func clean(_ scalar: UInt32, to text: inout [UInt8]) {
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

    /// After decomposition.
    @inline(__always)
    func strip(_ scalar: UInt32, to text: inout [UInt8]) {
      if flags[Int(scalar)] & TextCharacters.nonspacingMark != 0 { return }
      if lowersCase {
        characters.appendLowercase(scalar, to: &text)
      } else {
        text.append(scalar: scalar)
      }
    }
  }
}
