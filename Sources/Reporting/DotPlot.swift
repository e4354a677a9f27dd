/// Scores of several systems as a self-contained SVG: a row per system, a dot per seed, a mark at the mean, a bar over
/// the seeds or over an interval, and a vertical line where the baseline stands. Colours follow the reader's light or
/// dark setting.
public struct DotPlot: Sendable, Hashable {
  /// A system and its scores.
  public struct Row: Sendable, Hashable {
    /// What stands to the left of the row.
    public var name: String
    /// One per seed; what is not finite is left out.
    public var values: [Double]
    /// What the bar covers; nil for the range of the values.
    public var interval: ClosedRange<Double>?

    /// - Parameter interval: what the bar covers; the range of the values if none is given.
    public init(_ name: String, _ values: [Double], interval: ClosedRange<Double>? = nil) {
      self.name = name
      self.values = values
      self.interval = interval
    }

    /// Everything that has to be in the picture.
    fileprivate var extent: [Double] { values + (interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
  }

  /// What stands above the picture, and what screen readers call it.
  public var title: String
  /// What stands below the axis.
  public var xLabel: String
  /// From top to bottom.
  public var rows: [Row]
  /// Where the line of the baseline stands, if there is one.
  public var reference: Double?
  /// Width in pixels; the height follows from the rows.
  public var width: Int

  /// - Parameter width: in pixels.
  public init(title: String, xLabel: String, rows: [Row], reference: Double? = nil, width: Int = 720) {
    self.title = title
    self.xLabel = xLabel
    self.rows = rows
    self.reference = reference
    self.width = width
  }

  private static let rowHeight = 22.0

  /// The SVG text. A row without values keeps its name.
  public var svg: String {
    let scale = AxisScale(rows.flatMap(\.extent) + (reference.map { [$0] } ?? []))
    let left = Double(rows.map { displayWidth($0.name) }.max() ?? 0) * 7 + 24
    let right = Double(width) - 24
    let top = 40.0
    let bottom = top + Double(rows.count) * Self.rowHeight + 6
    let height = bottom + 48
    func x(_ value: Double) -> String { SVGText.pixel(left + scale.position(value) * (right - left)) }

    var text = header(height: Int(height))
    text += SVGText.label(
      title, x: SVGText.pixel(Double(width) / 2), y: "22", anchor: "middle", style: " class=\"title\"")
    for tick in scale.ticks {
      text += SVGText.line("grid", x(tick), SVGText.pixel(top), x(tick), SVGText.pixel(bottom))
      text += SVGText.label(scale.label(tick), x: x(tick), y: SVGText.pixel(bottom + 18), anchor: "middle")
    }
    text += SVGText.line(
      "axis", SVGText.pixel(left), SVGText.pixel(bottom), SVGText.pixel(right), SVGText.pixel(bottom))
    text += SVGText.label(
      xLabel, x: SVGText.pixel((left + right) / 2), y: SVGText.pixel(height - 8), anchor: "middle")
    if let reference, reference.isFinite {
      text += SVGText.line("reference", x(reference), SVGText.pixel(top), x(reference), SVGText.pixel(bottom))
    }
    for (index, row) in rows.enumerated() {
      let y = top + (Double(index) + 0.6) * Self.rowHeight
      text += SVGText.label(row.name, x: SVGText.pixel(left - 10), y: SVGText.pixel(y + 4), anchor: "end")
      let values = row.values.filter(\.isFinite)
      guard let least = values.min(), let greatest = values.max() else { continue }
      let range = row.interval ?? least...greatest
      text += SVGText.line(
        "range", x(range.lowerBound), SVGText.pixel(y), x(range.upperBound), SVGText.pixel(y))
      for value in values {
        text += "<circle class=\"dot\" cx=\"\(x(value))\" cy=\"\(SVGText.pixel(y))\" r=\"3.5\"/>\n"
      }
      let mean = x(values.reduce(0, +) / Double(values.count))
      text += SVGText.line("mean", mean, SVGText.pixel(y - 7), mean, SVGText.pixel(y + 7))
    }
    return text + "</svg>\n"
  }

  private func header(height: Int) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
    height="\(height)" role="img" aria-label="\(SVGText.escaped(title))">
    <style>
    .back{fill:#ffffff}.grid{stroke:#dddddd}.axis{stroke:#333333}
    text{fill:#222222;font:12px sans-serif}.title{font-size:15px;font-weight:bold}
    .dot{fill:#0072b2;fill-opacity:.55}.range{stroke:#0072b2;stroke-opacity:.5}
    .mean{stroke:#0072b2;stroke-width:3}.reference{stroke:#d55e00;stroke-dasharray:5 4}
    @media (prefers-color-scheme: dark){
    .back{fill:#16181d}.grid{stroke:#33363d}.axis{stroke:#bbbbbb}text{fill:#e6e6e6}
    .dot{fill:#56b4e9}.range{stroke:#56b4e9}.mean{stroke:#56b4e9}.reference{stroke:#ff9655}
    }
    </style>
    <rect class="back" width="\(width)" height="\(height)"/>

    """
  }
}
