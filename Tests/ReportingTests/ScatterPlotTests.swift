import Foundation
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ScatterPlotTests {
  func parses(_ svg: String) -> Bool { XMLParser(data: Data(svg.utf8)).parse() }

  @Test func dotsLieWhereTheirValuesAre() {
    let plot = ScatterPlot(
      title: "a < b", xLabel: "variability", yLabel: "confidence",
      series: [
        .init("right 0/1", [.init(x: 0, y: 0), .init(x: .nan, y: 1)]),
        .init("right 1/1", [.init(x: 0.5, y: 1)]),
      ], xRange: 0...0.5, yRange: 0...1)
    let svg = plot.svg
    #expect(parses(svg))
    #expect(svg.contains("a &lt; b"))
    // The corners of the frame: 64 from the left, 52 from the bottom, 20 from the right, 40 from the top.
    #expect(svg.contains("<circle cx=\"64.0\" cy=\"508.0\" r=\"2\"/>"))
    #expect(svg.contains("<circle cx=\"700.0\" cy=\"40.0\" r=\"2\"/>"))
    #expect(svg.components(separatedBy: "r=\"2\"").count == 3)
    #expect(svg.contains(".s0{fill:rgb(213,94,0)}.s1{fill:rgb(0,114,178)}"))
    #expect(svg.contains("prefers-color-scheme: dark"))
  }

  @Test(arguments: [0, 1, 5])
  func anyNumberOfClasses(_ count: Int) {
    let plot = ScatterPlot(
      title: "", xLabel: "", yLabel: "", series: (0..<count).map { .init("\($0)", []) }, xRange: 0...1,
      yRange: 0...1)
    #expect(parses(plot.svg))
  }
}
