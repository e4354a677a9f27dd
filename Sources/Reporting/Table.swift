/// A table of texts that can be shown on a terminal or written as Markdown.
public struct Table: Sendable, Hashable {
  /// On which side of its column a cell stands.
  public enum Alignment: Sendable, Hashable {
    /// Words stand on the left, numbers on the right.
    case left, right
  }

  /// The head of a column, and how its cells stand.
  public struct Column: Sendable, Hashable {
    /// Empty in all columns of a list of facts, which is then shown without a head.
    public var title: String
    /// How the title and the cells stand.
    public var alignment: Alignment

    /// A column of words, unless it is said to be of numbers.
    public init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  /// From left to right.
  public var columns: [Column]
  /// From top to bottom; each has a cell for every column.
  public private(set) var rows: [[String]] = []

  /// A table without rows yet.
  public init(_ columns: [Column]) { self.columns = columns }

  /// - Precondition: as many cells as columns.
  public mutating func append(_ cells: [String]) {
    precondition(
      cells.count == columns.count, "row of \(cells.count) cells in a table of \(columns.count) columns")
    rows.append(cells)
  }

  /// Columns padded with spaces, two between them, a rule under the titles; ends with a line break.
  ///
  /// Worked example: columns task and score (right), one row `sst2`, `81.7`:
  /// ```
  /// task  score
  /// ----  -----
  /// sst2   81.7
  /// ```
  public var plainText: String {
    let widths = columns.indices.map { column in
      max(displayWidth(columns[column].title), rows.map { displayWidth($0[column]) }.max() ?? 0)
    }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (index, cell) in cells.enumerated() {
        if index > 0 { text += "  " }
        let padding = String(repeating: " ", count: widths[index] - displayWidth(cell))
        text += columns[index].alignment == .left ? cell + padding : padding + cell
      }
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ") + "\n"
    // A list of facts has no titles, and then no rule below them.
    let head = columns.allSatisfy(\.title.isEmpty) ? "" : line(columns.map(\.title)) + rule
    return head + rows.map(line).joined()
  }

  /// A GitHub-style table; `|` and line breaks inside cells are escaped.
  public var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map(Self.escaped).joined(separator: " | ") + " |\n"
    }
    let rule = columns.map { $0.alignment == .left ? "---" : "---:" }
    return line(columns.map(\.title)) + "| " + rule.joined(separator: " | ") + " |\n"
      + rows.map(line).joined()
  }

  /// By scalars: a line feed after a carriage return, or `|` before a combining mark, is a `Character` of its own.
  private static func escaped(_ cell: String) -> String {
    var result = String.UnicodeScalarView()
    var before: Unicode.Scalar?
    for scalar in cell.unicodeScalars {
      switch scalar {
      case "|": result += "\\|".unicodeScalars
      case "\n" where before == "\r": break
      case "\n", "\r": result += "<br>".unicodeScalars
      default: result.append(scalar)
      }
      before = scalar
    }
    return String(result)
  }
}

/// Terminal cells a text takes: combining marks take none, East Asian wide characters and emoji two.
func displayWidth(_ text: String) -> Int {
  text.unicodeScalars.reduce(0) { width, scalar in
    if scalar.isASCII { return width + 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return width
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return width + 2
    default: return width + 1
    }
  }
}
