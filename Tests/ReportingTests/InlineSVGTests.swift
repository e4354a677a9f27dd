import Foundation
import Testing

@testable import Reporting

@Suite struct InlineSVGTests {
  @Test func workedExample() {
    #expect(
      InlineSVG.scoped(".a,.b{fill:red}@media (x){text{fill:blue}}", below: "#p")
        == "#p .a,#p .b{fill:red}@media (x){#p text{fill:blue}}")
  }

  /// Every selector of every chart is one of its element, and what is drawn stays.
  @Test func chartsKeepTheirStylesToThemselves() throws {
    let line = LineChart(
      title: "l", xLabel: "x", yLabel: "y", series: [.init("one", [.init(x: 0, y: 1), .init(x: 2, y: 3)])])
    let scatter = ScatterPlot(
      title: "s", xLabel: "x", yLabel: "y", series: [.init("one", [.init(x: 0, y: 1)])], xRange: 0...1,
      yRange: 0...1)
    let dots = DotPlot(title: "d", xLabel: "x", rows: [.init("one", [1, 2])])
    for svg in [line.svg, scatter.svg, dots.svg] {
      let inline = InlineSVG(svg, id: "chart-1").text
      #expect(inline.hasPrefix("<svg id=\"chart-1\" "))
      let parts = inline.components(separatedBy: "style>")
      #expect(parts.count == 3)
      #expect(parts[2] == svg.components(separatedBy: "style>")[2])
      let rules = parts[1].components(separatedBy: CharacterSet(charactersIn: "{}"))
      let selectors = rules.filter { $0.contains("#chart-1") || $0.hasPrefix(".") || $0.hasPrefix("text") }
      #expect(selectors.count > 8 && selectors.allSatisfy { $0.hasPrefix("#chart-1 ") })
      #expect(inline.contains("@media (prefers-color-scheme: dark){#chart-1 .back{fill:#16181d}"))
    }
  }
}
