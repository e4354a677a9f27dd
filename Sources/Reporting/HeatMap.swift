import Support

/// A matrix of weights as a self-contained SVG: a cell per value, the darker the greater, rows named to the left and
/// columns above. Colours follow the reader's light or dark setting.
public struct HeatMap: Sendable, Hashable {
  /// What stands above the picture, and what screen readers call it.
  public var title: String
  /// What stands above the columns, and below the names of the rows.
  public var xLabel, yLabel: String
  /// From left to right, and from top to bottom.
  public var columns, rows: [String]
  /// By row, 0 to 1 each; what lies outside is drawn as the nearest of both, and what is not finite not at all.
  public var values: [[Double]]

  /// - Precondition: a row of `values` for each of `rows`, with a value for each of `columns`.
  public init(
    title: String, xLabel: String, yLabel: String, columns: [String], rows: [String], values: [[Double]]
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "\(values.map(\.count)) values for \(rows.count) rows of \(columns.count)")
    (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    (self.columns, self.rows, self.values) = (columns, rows, values)
  }

  private static let cell = 24.0
  /// Of a letter, about.
  private static let letter = 7.0

  private func length(_ names: [String]) -> Double { Double(names.map { displayWidth($0) }.max() ?? 0) * Self.letter }

  /// The SVG text.
  public var svg: String {
    let left = max(length(rows), length([yLabel])) + 24
    // Names of columns stand upright, side by side.
    let top = 52 + length(columns) + 12
    let right = left + Double(columns.count) * Self.cell
    let bottom = top + Double(rows.count) * Self.cell
    let width = max(right + 24, length([title]) + 48, left + length([xLabel]) + 24)
    var text = header(width: Int(width.rounded(.up)), height: Int((bottom + 36).rounded(.up)))
    text += SVGText.label(title, x: "12", y: "22", anchor: "start", style: " class=\"title\"")
    text += SVGText.label(xLabel, x: SVGText.pixel(left), y: "44", anchor: "start", style: " class=\"side\"")
    for (index, name) in columns.enumerated() {
      let (x, y) = (SVGText.pixel(left + (Double(index) + 0.5) * Self.cell + 4), SVGText.pixel(top - 6))
      text += SVGText.label(name, x: x, y: y, anchor: "start", style: " transform=\"rotate(-90 \(x) \(y))\"")
    }
    for (index, name) in rows.enumerated() {
      let y = SVGText.pixel(top + (Double(index) + 0.5) * Self.cell + 4)
      text += SVGText.label(name, x: SVGText.pixel(left - 8), y: y, anchor: "end")
      text += cells(index, x: left, y: top + Double(index) * Self.cell)
    }
    text +=
      "<rect class=\"frame\" x=\"\(SVGText.pixel(left))\" y=\"\(SVGText.pixel(top))\" "
      + "width=\"\(SVGText.pixel(right - left))\" height=\"\(SVGText.pixel(bottom - top))\"/>\n"
    text += SVGText.label(
      yLabel, x: SVGText.pixel(left - 8), y: SVGText.pixel(bottom + 20), anchor: "end", style: " class=\"side\"")
    return text + "</svg>\n"
  }

  /// Cells of a row; each says its value to those who point at it.
  private func cells(_ row: Int, x: Double, y: Double) -> String {
    var text = ""
    for (column, value) in values[row].enumerated() where value.isFinite {
      let share = min(max(value, 0), 1)
      let name = "\(rows[row]) – \(columns[column]): \(NumberText.fixed(100 * value, digits: 1)) %"
      text +=
        "<rect class=\"cell\" x=\"\(SVGText.pixel(x + Double(column) * Self.cell))\" y=\"\(SVGText.pixel(y))\" "
        + "width=\"\(SVGText.pixel(Self.cell))\" height=\"\(SVGText.pixel(Self.cell))\" "
        + "fill-opacity=\"\(NumberText.fixed(share, digits: 3))\"><title>\(SVGText.escaped(name))</title></rect>\n"
    }
    return text
  }

  private func header(width: Int, height: Int) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
    height="\(height)" role="img" aria-label="\(SVGText.escaped(title))">
    <style>
    .back{fill:#ffffff}.frame{fill:none;stroke:#999999}.cell{fill:#0072b2;stroke:#e8e8e8}
    text{fill:#222222;font:12px sans-serif}.title{font-size:15px;font-weight:bold}.side{fill:#666666}
    @media (prefers-color-scheme: dark){
    .back{fill:#16181d}.frame{stroke:#666b75}.cell{fill:#56b4e9;stroke:#2a2d33}text{fill:#e6e6e6}.side{fill:#9a9fa8}
    }
    </style>
    <rect class="back" width="\(width)" height="\(height)"/>

    """
  }
}
