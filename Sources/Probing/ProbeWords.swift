/// Words as probes count them: lower case, punctuation off.
///
/// A word is a run of letters, digits and combining marks of any script, put in lower case by Unicode's mapping. An
/// apostrophe, straight or curly, belongs to a word if it stands between two of its letters, and is written straight.
/// Everything else ends a word and is dropped.
///
/// Worked example: `The dog's "Don’t", it 's 3.5 – co-op.` has the words the, dog's, don't, it, s, 3, 5, co, op.
enum ProbeWords {
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var current: [UInt8] = []
    var pendingApostrophe = false
    func isApostrophe(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\u{2019}" }
    for scalar in text.unicodeScalars {
      if let letter = lowercased(scalar) {
        if pendingApostrophe { current.append(UInt8(ascii: "'")) }
        pendingApostrophe = false
        current.append(contentsOf: letter.utf8)
      } else if isApostrophe(scalar), !current.isEmpty, !pendingApostrophe {
        pendingApostrophe = true
      } else {
        if !current.isEmpty { words.append(String(decoding: current, as: UTF8.self)) }
        current.removeAll(keepingCapacity: true)
        pendingApostrophe = false
      }
    }
    if !current.isEmpty { words.append(String(decoding: current, as: UTF8.self)) }
    return words
  }

  /// The scalar in lower case if it belongs in words, else nil.
  private static func lowercased(_ scalar: Unicode.Scalar) -> String? {
    if scalar.isASCII {
      switch scalar {
      case "a"..."z", "0"..."9": return String(scalar)
      case "A"..."Z": return String(Unicode.Scalar(UInt8(scalar.value) | 0x20))
      default: return nil
      }
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
      return scalar.properties.lowercaseMapping
    default: return nil
    }
  }
}
