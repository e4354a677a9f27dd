/// Dots in a plane as a self-contained SVG, in classes from the worst to the best, such as how often an answer was
/// right. Colours run from orange over grey to blue, which people with colour-blindness can tell apart, and follow the
/// reader's light or dark setting.
public struct ScatterPlot: Sendable, Hashable {
  /// Dots of one class.
  public typealias Series = LineChart.Series

  /// What stands above the picture, and what screen readers call it.
  public var title: String
  /// What stands below the horizontal axis.
  public var xLabel: String
  /// What stands beside the vertical axis.
  public var yLabel: String
  /// In the order of their colours.
  public var series: [Series]
  /// What the axes cover at least.
  public var xRange: ClosedRange<Double>
  /// What the vertical axis covers at least.
  public var yRange: ClosedRange<Double>
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int

  /// A plot whose axes cover the ranges, and further points if there are any.
  public init(
    title: String, xLabel: String, yLabel: String, series: [Series], xRange: ClosedRange<Double>,
    yRange: ClosedRange<Double>, width: Int = 720, height: Int = 560
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.xRange = xRange
    self.yRange = yRange
    self.width = width
    self.height = height
  }

  /// The SVG text. Points that are not finite are left out.
  public var svg: String {
    let points = series.flatMap(\.points)
    let frame = PlotFrame(
      title: title, xLabel: xLabel, yLabel: yLabel,
      xScale: AxisScale(points.map(\.x) + [xRange.lowerBound, xRange.upperBound]),
      yScale: AxisScale(points.map(\.y) + [yRange.lowerBound, yRange.upperBound]),
      width: width, height: height)
    var text = header + frame.svg
    for (index, one) in series.enumerated() {
      text += "<g class=\"s\(index)\">\n"
      for point in one.points where point.x.isFinite && point.y.isFinite {
        let (x, y) = (SVGText.pixel(frame.x(point.x)), SVGText.pixel(frame.y(point.y)))
        text += "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"2\"/>\n"
      }
      text += "</g>\n"
    }
    return text + legend(frame) + "</svg>\n"
  }

  /// Between two ends over a middle, each red, green and blue.
  private func colour(_ index: Int, _ stops: [[Double]]) -> String {
    let position = series.count > 1 ? Double(index) / Double(series.count - 1) * 2 : 2
    let first = min(1, Int(position))
    let share = position - Double(first)
    let parts = zip(stops[first], stops[first + 1]).map { Int(($0 + ($1 - $0) * share).rounded()) }
    return "rgb(\(parts[0]),\(parts[1]),\(parts[2]))"
  }

  private var header: String {
    func rules(_ stops: [[Double]]) -> String {
      series.indices.map { ".s\($0){fill:\(colour($0, stops))}" }.joined()
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
      height="\(height)" role="img" aria-label="\(SVGText.escaped(title))">
      <style>
      .back{fill:#ffffff}.grid{stroke:#dddddd}.axis{stroke:#333333}
      text{fill:#222222;font:12px sans-serif}.title{font-size:15px;font-weight:bold}
      circle{fill-opacity:.55}.legend{fill-opacity:1}
      \(rules([[213, 94, 0], [140, 140, 140], [0, 114, 178]]))
      @media (prefers-color-scheme: dark){
      .back{fill:#16181d}.grid{stroke:#33363d}.axis{stroke:#bbbbbb}text{fill:#e6e6e6}
      \(rules([[255, 150, 85], [150, 150, 150], [86, 180, 233]]))
      }
      </style>
      <rect class="back" width="\(width)" height="\(height)"/>

      """
  }

  private func legend(_ frame: PlotFrame) -> String {
    let widest = series.map { displayWidth($0.name) }.max() ?? 0
    let left = frame.right - Double(widest) * 7 - 20
    // Dots may lie below.
    let ground =
      "<rect class=\"back\" fill-opacity=\".85\" x=\"\(SVGText.pixel(left - 10))\" y=\"\(SVGText.pixel(frame.top + 2))\" "
      + "width=\"\(SVGText.pixel(frame.right - left + 10))\" height=\"\(6 + 18 * series.count)\"/>\n"
    return ground
      + series.enumerated().reversed().enumerated().map { row, one in
        let y = frame.top + 14 + Double(row) * 18
        return
          "<circle class=\"legend s\(one.offset)\" cx=\"\(SVGText.pixel(left))\" cy=\"\(SVGText.pixel(y))\" r=\"5\"/>\n"
          + SVGText.label(
            one.element.name, x: SVGText.pixel(left + 12), y: SVGText.pixel(y + 4), anchor: "start")
      }.joined()
  }
}
