import Foundation
import Support

/// Points of several kinds, some with names, and curves among them, as a self-contained SVG. Colours come from a
/// palette that people with colour-blindness can tell apart, kinds also differ in their shapes, and a style sheet
/// inside the picture follows the reader's light or dark setting.
public struct SymbolPlot: Sendable, Hashable {
  /// A place in the plane.
  public struct Point: Sendable, Hashable {
    /// Where along the horizontal axis, in its unit.
    public var x: Double
    /// Where along the vertical axis, in its unit.
    public var y: Double
    /// Written beside the point.
    public var label: String?

    /// - Parameter label: to be written beside the point; nothing by default.
    public init(x: Double, y: Double, label: String? = nil) {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  /// Points of one kind, or a curve.
  public struct Series: Sendable, Hashable {
    /// What the legend calls it.
    public var name: String
    /// Of a curve in the order in which the line joins them.
    public var points: [Point]
    /// Joined by a line in place of a mark each.
    public var isLine: Bool

    /// Points with a mark each, or a curve through them.
    public init(_ name: String, _ points: [Point], isLine: Bool = false) {
      self.name = name
      self.points = points
      self.isLine = isLine
    }
  }

  /// What stands above the picture, and what screen readers call it.
  public var title: String
  /// What stands below the horizontal axis.
  public var xLabel: String
  /// What stands beside the vertical axis.
  public var yLabel: String
  /// In the order of the legend; colours repeat after some.
  public var series: [Series]
  /// Points at 0 or below it are then left out.
  public var hasLogarithmicX: Bool
  /// Width in pixels.
  public var width: Int
  /// Height in pixels, the legend included.
  public var height: Int

  /// A plot whose axes cover the points of all series.
  public init(
    title: String, xLabel: String, yLabel: String, series: [Series], hasLogarithmicX: Bool = false,
    width: Int = 720, height: Int = 460
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.hasLogarithmicX = hasLogarithmicX
    self.width = width
    self.height = height
  }

  private static let left = 64.0
  private static let top = 40.0

  private func isShown(_ point: Point) -> Bool {
    point.x.isFinite && point.y.isFinite && (!hasLogarithmicX || point.x > 0)
  }

  /// The SVG text. Of the marks of a series that fall on the same pixel one is drawn.
  public var svg: String {
    let shown = series.map { one in
      Series(one.name, one.points.filter(isShown), isLine: one.isLine)
    }
    func along(_ value: Double) -> Double { hasLogarithmicX ? log10(value) : value }
    let xs = shown.flatMap { $0.points.map { along($0.x) } }
    let xScale = hasLogarithmicX ? nil : AxisScale(xs)
    // Whole decades.
    let decades =
      ((xs.min() ?? 0) + 1e-9).rounded(
        .down)...max(
        ((xs.max() ?? 1) - 1e-9).rounded(.up), ((xs.min() ?? 0) + 1e-9).rounded(.down) + 1)
    let yScale = AxisScale(shown.flatMap { $0.points.map(\.y) })
    let right = Double(width) - 20
    let bottom = Double(height) - 76
    func x(_ value: Double) -> Double {
      let position =
        xScale?.position(value)
        ?? (log10(value) - decades.lowerBound) / (decades.upperBound - decades.lowerBound)
      return Self.left + position * (right - Self.left)
    }
    func y(_ value: Double) -> Double { bottom - yScale.position(value) * (bottom - Self.top) }

    var text = header
    var ticks: [(at: Double, label: String)] = []
    if let xScale {
      ticks = xScale.ticks.map { (x($0), xScale.label($0)) }
    } else {
      for exponent in stride(from: decades.lowerBound, through: decades.upperBound, by: 1) {
        let value = pow(10, exponent)
        ticks.append((x(value), NumberText.fixed(value, digits: max(0, -Int(exponent)))))
      }
    }
    for tick in ticks {
      text += SVGText.line(
        "grid", SVGText.pixel(tick.at), SVGText.pixel(Self.top), SVGText.pixel(tick.at), SVGText.pixel(bottom)
      )
      text += SVGText.label(
        tick.label, x: SVGText.pixel(tick.at), y: SVGText.pixel(bottom + 18), anchor: "middle")
    }
    for tick in yScale.ticks {
      let at = SVGText.pixel(y(tick))
      text += SVGText.line("grid", SVGText.pixel(Self.left), at, SVGText.pixel(right), at)
      text += SVGText.label(
        yScale.label(tick), x: SVGText.pixel(Self.left - 8), y: SVGText.pixel(y(tick) + 4), anchor: "end")
    }
    text += SVGText.line(
      "axis", SVGText.pixel(Self.left), SVGText.pixel(bottom), SVGText.pixel(right), SVGText.pixel(bottom))
    let center = SVGText.pixel((Self.left + right) / 2)
    text += SVGText.label(title, x: center, y: "22", anchor: "middle", style: " class=\"title\"")
    text += SVGText.label(xLabel, x: center, y: SVGText.pixel(bottom + 38), anchor: "middle")
    let middle = SVGText.pixel((Self.top + bottom) / 2)
    text += SVGText.label(
      yLabel, x: "16", y: middle, anchor: "middle", style: " transform=\"rotate(-90 16 \(middle))\"")
    for (index, one) in shown.enumerated() {
      if one.isLine {
        let points = one.points.map { "\(SVGText.pixel(x($0.x))),\(SVGText.pixel(y($0.y)))" }.joined(
          separator: " ")
        text += "<polyline class=\"line s\(index % SVGText.palette.count)\" points=\"\(points)\"/>\n"
      } else {
        text += marks(one.points.map { (x($0.x), y($0.y)) }, index)
      }
    }
    // Names last, so that no mark lies over them.
    for one in shown {
      for point in one.points {
        guard let name = point.label else { continue }
        let isNearRight = x(point.x) > right - 70
        text += SVGText.label(
          name, x: SVGText.pixel(x(point.x) + (isNearRight ? -6 : 6)), y: SVGText.pixel(y(point.y) - 5),
          anchor: isNearRight ? "end" : "start", style: " class=\"name\"")
      }
    }
    return text + legend + "</svg>\n"
  }

  private func marks(_ places: [(x: Double, y: Double)], _ index: Int) -> String {
    var seen = Set<[Int]>()
    var path = ""
    for place in places where place.x.isFinite && place.y.isFinite {
      guard seen.insert([Int(place.x.rounded()), Int(place.y.rounded())]).inserted else { continue }
      path += Self.shape(index, at: place)
    }
    return "<path class=\"mark m\(index % SVGText.palette.count)\" d=\"\(path)\"/>\n"
  }

  /// A circle, a square, a triangle or a diamond.
  private static func shape(_ index: Int, at place: (x: Double, y: Double)) -> String {
    func number(_ value: Double) -> String { NumberText.fixed(value, digits: 1) }
    let (x, y) = (place.x, place.y)
    return switch index % 4 {
    case 0: "M\(number(x - 2.2)),\(number(y))a2.2,2.2 0 1 0 4.4,0a2.2,2.2 0 1 0 -4.4,0z"
    case 1: "M\(number(x - 2)),\(number(y - 2))h4v4h-4z"
    case 2: "M\(number(x)),\(number(y - 2.7))l2.5,4.4h-5z"
    default: "M\(number(x)),\(number(y - 2.8))l2.8,2.8l-2.8,2.8l-2.8,-2.8z"
    }
  }

  private var header: String {
    func rules(_ colour: (Int) -> String) -> String {
      SVGText.palette.indices.map { ".s\($0){stroke:\(colour($0))}.m\($0){fill:\(colour($0))}" }.joined()
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
      height="\(height)" role="img" aria-label="\(SVGText.escaped(title))">
      <style>
      .back{fill:#ffffff}.grid{stroke:#dddddd}.axis{stroke:#333333}.mark{fill-opacity:.6}
      text{fill:#222222;font:12px sans-serif}.title{font-size:15px;font-weight:bold}
      .name{paint-order:stroke;stroke:#ffffff;stroke-width:3px}
      .line{fill:none;stroke-width:2;stroke-linejoin:round}
      \(rules { SVGText.palette[$0].light })
      @media (prefers-color-scheme: dark){
      .back{fill:#16181d}.grid{stroke:#33363d}.axis{stroke:#bbbbbb}text{fill:#e6e6e6}.name{stroke:#16181d}
      \(rules { SVGText.palette[$0].dark })
      }
      </style>
      <rect class="back" width="\(width)" height="\(height)"/>

      """
  }

  /// In a row below the axis.
  private var legend: String {
    var text = ""
    var x = Self.left
    let y = Double(height) - 14
    for (index, one) in series.enumerated() {
      if one.isLine {
        text += SVGText.line(
          "line s\(index % SVGText.palette.count)", SVGText.pixel(x), SVGText.pixel(y - 4),
          SVGText.pixel(x + 18), SVGText.pixel(y - 4))
      } else {
        text += marks([(x + 9, y - 4)], index)
      }
      text += SVGText.label(one.name, x: SVGText.pixel(x + 24), y: SVGText.pixel(y), anchor: "start")
      x += 24 + Double(displayWidth(one.name)) * 7 + 20
    }
    return text
  }
}
