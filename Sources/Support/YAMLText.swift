extension String {
  /// The text in double quotation marks as YAML reads it: that of JSON, and what YAML takes for a line break or does not
  /// take at all spelled out, too.
  ///
  /// Worked example: `a`, a carriage return, `"` and U+2028 become `"a\r\"\u2028"`.
  public var yamlLiteral: String {
    var result = ""
    for scalar in jsonLiteral.unicodeScalars {
      switch scalar.value {
      case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text as YAML reads it, also in a list on one line; in quotation marks where it needs them.
  public var yamlScalar: String {
    let isPlain = wholeMatch(of: /[A-Za-z0-9_.\/+][A-Za-z0-9_.\/+=@%~-]*/) != nil && lowercased() != "null"
    return isPlain ? self : yamlLiteral
  }
}
