import Foundation
import Testing

@testable import Reporting

@Suite struct SymbolPlotTests {
  func plot(_ series: [SymbolPlot.Series], logarithmic: Bool = false) -> String {
    SymbolPlot(
      title: "a < b", xLabel: "x", yLabel: "y", series: series, hasLogarithmicX: logarithmic
    ).svg
  }

  func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }

  @Test func marksLinesAndNames() {
    let svg = plot([
      .init("dots", [.init(x: 1, y: 1, label: "<one>"), .init(x: 2, y: 3), .init(x: .nan, y: 1)]),
      .init("curve", [.init(x: 1, y: 2), .init(x: 2, y: 2)], isLine: true),
    ])
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("a &lt; b") && svg.contains("&lt;one&gt;"))
    // Two dots, and one in the legend.
    #expect(count("a2.2,2.2 0 1 0 4.4,0", in: svg) == 3)
    #expect(count("<polyline", in: svg) == 1)
    #expect(!svg.contains("nan") && svg.contains("prefers-color-scheme: dark"))
  }

  /// A decade takes the same room everywhere.
  @Test func logarithmicAxis() throws {
    let svg = plot(
      [.init("curve", [1, 10, 100, 1000, 0, -1].map { .init(x: $0, y: 1) }, isLine: true)], logarithmic: true)
    let points = try #require(svg.firstMatch(of: /points="([^"]*)"/)).1
    let xs = points.split(separator: " ").compactMap { Double($0.split(separator: ",")[0]) }
    #expect(xs.count == 4)
    let steps = zip(xs.dropFirst(), xs).map { $0 - $1 }
    #expect(steps.allSatisfy { abs($0 - steps[0]) < 0.2 })
    for tick in ["1", "10", "100", "1000"] { #expect(svg.contains(">\(tick)</text>")) }
  }

  @Test func marksOnOnePixelAreDrawnOnce() {
    let many = (0..<1000).map { SymbolPlot.Point(x: Double($0 % 2), y: 1) }
    #expect(count("a2.2,2.2 0 1 0 4.4,0", in: plot([.init("dots", many)])) == 3)
  }

  @Test func emptyAndConstant() {
    for svg in [
      plot([]), plot([.init("none", [])], logarithmic: true), plot([.init("one", [.init(x: 5, y: 5)])]),
      plot([.init("one", [.init(x: 5, y: 5)])], logarithmic: true),
    ] {
      #expect(svg.hasSuffix("</svg>\n") && !svg.contains("nan") && !svg.contains("inf"))
    }
  }
}
