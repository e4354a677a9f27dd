/// What a chart with two axes stands on: a title, grid, ticks and labels, and where values lie in pixels.
struct PlotFrame {
  var title: String
  var xLabel: String
  var yLabel: String
  var xScale: AxisScale
  var yScale: AxisScale
  var width: Int
  var height: Int

  var left: Double { 64 }
  var top: Double { 40 }
  var right: Double { Double(width) - 20 }
  var bottom: Double { Double(height) - 52 }

  func x(_ value: Double) -> Double { left + xScale.position(value) * (right - left) }
  func y(_ value: Double) -> Double { bottom - yScale.position(value) * (bottom - top) }

  /// Grid, axes and texts.
  var svg: String {
    var text = ""
    for tick in xScale.ticks {
      let at = SVGText.pixel(x(tick))
      text += SVGText.line("grid", at, SVGText.pixel(top), at, SVGText.pixel(bottom))
      text += SVGText.label(
        xScale.label(tick), x: at, y: SVGText.pixel(bottom + 18), anchor: "middle")
    }
    for tick in yScale.ticks {
      let at = SVGText.pixel(y(tick))
      text += SVGText.line("grid", SVGText.pixel(left), at, SVGText.pixel(right), at)
      text += SVGText.label(
        yScale.label(tick), x: SVGText.pixel(left - 8), y: SVGText.pixel(y(tick) + 4), anchor: "end")
    }
    let (west, east) = (SVGText.pixel(left), SVGText.pixel(right))
    text += SVGText.line("axis", west, SVGText.pixel(bottom), east, SVGText.pixel(bottom))
    text += SVGText.line("axis", west, SVGText.pixel(top), west, SVGText.pixel(bottom))
    let center = SVGText.pixel((left + right) / 2)
    text += SVGText.label(title, x: center, y: "22", anchor: "middle", style: " class=\"title\"")
    text += SVGText.label(xLabel, x: center, y: SVGText.pixel(Double(height) - 12), anchor: "middle")
    let middle = SVGText.pixel((top + bottom) / 2)
    text += SVGText.label(
      yLabel, x: "16", y: middle, anchor: "middle", style: " transform=\"rotate(-90 16 \(middle))\"")
    return text
  }
}
