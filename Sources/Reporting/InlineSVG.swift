/// A chart as a part of a page that holds others: the rules of its style sheet are made to hold for it alone, as a page
/// otherwise applies those of every picture to all.
public struct InlineSVG: Sendable, Hashable {
  /// With an `id` of its own, and every rule of the style sheet below `#id`.
  public let text: String

  /// - Parameters:
  ///   - svg: a chart of this library.
  ///   - id: of the element, unlike any other's on the page.
  public init(_ svg: String, id: String) {
    var svg = svg
    if let style = svg.range(of: "<style>"),
      let end = svg.range(of: "</style>", range: style.upperBound..<svg.endIndex)
    {
      let rules = Self.scoped(svg[style.upperBound..<end.lowerBound], below: "#\(id)")
      svg.replaceSubrange(style.upperBound..<end.lowerBound, with: rules)
    }
    if let tag = svg.range(of: "<svg ") { svg.replaceSubrange(tag, with: "<svg id=\"\(id)\" ") }
    text = svg
  }

  /// Worked example: `.a,.b{fill:red}@media (x){text{fill:blue}}` below `#p` is
  /// `#p .a,#p .b{fill:red}@media (x){#p text{fill:blue}}`.
  static func scoped(_ rules: some StringProtocol, below scope: String) -> String {
    var result = ""
    var pending = ""
    for character in rules where !character.isNewline {
      switch character {
      case "{":
        // A condition such as @media holds rules, a selector holds declarations.
        result +=
          pending.hasPrefix("@")
          ? pending
          : pending.split(separator: ",").map { "\(scope) \($0)" }.joined(separator: ",")
        result.append(character)
        pending = ""
      case "}":
        result += pending + "}"
        pending = ""
      default: pending.append(character)
      }
    }
    return result + pending
  }
}
