import Support

/// Text inside a picture, and the elements that all charts are made of.
enum SVGText {
  /// Colours that people with colour-blindness can tell apart, on a light and on a dark ground.
  static let palette = [
    (light: "#0072b2", dark: "#56b4e9"), (light: "#d55e00", dark: "#ff9655"),
    (light: "#007a5a", dark: "#2cc79a"), (light: "#a8326e", dark: "#e48bbb"),
    (light: "#8a6d00", dark: "#f0d94a"), (light: "#555555", dark: "#bbbbbb"),
  ]

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
