/// A line chart as a self-contained SVG, for instance held-out loss over time. Colours come from a palette
/// that people with colour-blindness can tell apart, lines also differ in their dashes, and a style sheet
/// inside the picture follows the reader's light or dark setting.
public struct LineChart: Sendable, Hashable {
  /// A place on a line.
  public struct Point: Sendable, Hashable {
    /// Where along the horizontal axis, in its unit.
    public var x: Double
    /// Where along the vertical axis, in its unit.
    public var y: Double

    /// A place in the units of the axes.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A line.
  public struct Series: Sendable, Hashable {
    /// What the legend calls it.
    public var name: String
    /// In the order in which the line joins them.
    public var points: [Point]

    /// A line through some points.
    public init(_ name: String, _ points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// What stands above the picture, and what screen readers call it.
  public var title: String
  /// What stands below the horizontal axis.
  public var xLabel: String
  /// What stands beside the vertical axis.
  public var yLabel: String
  /// In the order of the legend; colours and dashes repeat after some.
  public var series: [Series]
  /// Size in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int

  /// A chart whose axes cover the points of all series.
  public init(
    title: String, xLabel: String, yLabel: String, series: [Series], width: Int = 720, height: Int = 420
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.width = width
    self.height = height
  }

  private static let dashes = ["none", "7 4", "2 3", "9 3 2 3", "12 4", "4 2"]

  /// The SVG text. Points that are not finite are left out; a chart without points has its axes only.
  public var svg: String {
    let frame = PlotFrame(
      title: title, xLabel: xLabel, yLabel: yLabel,
      xScale: AxisScale(series.flatMap { $0.points.map(\.x) }),
      yScale: AxisScale(series.flatMap { $0.points.map(\.y) }), width: width, height: height)
    var text = header + frame.svg
    for (index, one) in series.enumerated() {
      let points = one.points.filter { $0.x.isFinite && $0.y.isFinite }
        .map { "\(SVGText.pixel(frame.x($0.x))),\(SVGText.pixel(frame.y($0.y)))" }.joined(separator: " ")
      text += "<polyline class=\"line s\(index % SVGText.palette.count)\" points=\"\(points)\"/>\n"
    }
    return text + legend(in: frame) + "</svg>\n"
  }

  private var header: String {
    func rules(_ colour: (Int) -> String) -> String {
      SVGText.palette.indices.map { ".s\($0){stroke:\(colour($0))}" }.joined()
    }
    let dashed = Self.dashes.indices.map { ".s\($0){stroke-dasharray:\(Self.dashes[$0])}" }.joined()
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
      height="\(height)" role="img" aria-label="\(SVGText.escaped(title))">
      <style>
      .back{fill:#ffffff}.grid{stroke:#dddddd}.axis{stroke:#333333}
      text{fill:#222222;font:12px sans-serif}.title{font-size:15px;font-weight:bold}
      .line{fill:none;stroke-width:2;stroke-linejoin:round}\(dashed)
      \(rules { SVGText.palette[$0].light })
      @media (prefers-color-scheme: dark){
      .back{fill:#16181d}.grid{stroke:#33363d}.axis{stroke:#bbbbbb}text{fill:#e6e6e6}
      \(rules { SVGText.palette[$0].dark })
      }
      </style>
      <rect class="back" width="\(width)" height="\(height)"/>

      """
  }

  /// In the corner that the lines leave free, or run through least; the upper right one if several do.
  private func legend(in frame: PlotFrame) -> String {
    let width = Double(series.map { displayWidth($0.name) }.max() ?? 0) * 7 + 46
    let height = Double(series.count) * 18 + 10
    let corners = [
      (frame.right - width, frame.top), (frame.right - width, frame.bottom - height), (frame.left + 12, frame.top),
      (frame.left + 12, frame.bottom - height),
    ]
    let places = places(in: frame)
    let covered = corners.map { corner in
      places.count {
        (corner.0...corner.0 + width).contains($0.x) && (corner.1...corner.1 + height).contains($0.y)
      }
    }
    let (left, top) = corners[corners.indices.min { covered[$0] < covered[$1] } ?? 0]
    return series.enumerated().map { index, one in
      let y = top + 14 + Double(index) * 18
      let style = "line s\(index % SVGText.palette.count)"
      return SVGText.line(
        style, SVGText.pixel(left), SVGText.pixel(y), SVGText.pixel(left + 34), SVGText.pixel(y))
        + SVGText.label(one.name, x: SVGText.pixel(left + 40), y: SVGText.pixel(y + 4), anchor: "start")
    }.joined()
  }

  /// Pixels that the lines run through, evenly along each stretch.
  private func places(in frame: PlotFrame) -> [Point] {
    var found: [Point] = []
    for one in series {
      let points = one.points.filter { $0.x.isFinite && $0.y.isFinite }
        .map { Point(x: frame.x($0.x), y: frame.y($0.y)) }
      for (from, to) in zip(points, points.dropFirst()) {
        let (width, height) = (to.x - from.x, to.y - from.y)
        for step in 0...32 {
          let part = Double(step) / 32
          found.append(Point(x: from.x + part * width, y: from.y + part * height))
        }
      }
    }
    return found
  }
}
