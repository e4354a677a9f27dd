/// Text inside a picture, and the elements that all charts are made of.
enum SVGText {
  static func line(_ style: String, _ x1: String, _ y1: String, _ x2: String, _ y2: String) -> String {
    "<line class=\"\(style)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>\n"
  }

  static func label(_ text: String, x: String, y: String, anchor: String, style: String = "") -> String {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\"\(style)>\(escaped(text))</text>\n"
  }

  static func pixel(_ value: Double) -> String { NumberText.fixed(value, digits: 1) }

  /// The text with what XML would read as markup written as entities.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // XML 1.0 has no way to write the other control characters.
      case let control where control.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
