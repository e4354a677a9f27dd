/// A text in lower case by the full mapping of Unicode (chapter 3.13), a capital sigma at the end of a word
/// included, as Python's `str.lower` has it, on which the reference implementations of these metrics rely.
///
/// Worked example: "ΟΔΟΣ ΣΕ" becomes "οδος σε", whereas letter by letter it would become "οδοσ σε".
func lowercased(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
  let scalars = Array(text.unicodeScalars)
  var result = ""
  for (index, scalar) in scalars.enumerated() {
    if scalar == "Σ" {
      let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
      let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
      let endsWord = before?.properties.isCased == true && after?.properties.isCased != true
      result.unicodeScalars.append(endsWord ? "ς" : "σ")
    } else {
      result += scalar.properties.lowercaseMapping
    }
  }
  return result
}
