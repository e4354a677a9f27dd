import Testing

@testable import Reporting

@Suite struct DotPlotTests {
  @Test func thePictureHasItsParts() {
    let svg = DotPlot(
      title: "Average", xLabel: "points",
      rows: [.init("a<b", [50, 60]), .init("none", []), .init("c", [55, .nan])], reference: 54
    ).svg
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains(">a&lt;b</text>") && svg.contains(">none</text>"))
    let lines = svg.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("<circle") } == 3)
    #expect(lines.count { $0.contains("class=\"mean\"") } == 2)
    #expect(lines.count { $0.contains("class=\"reference\"") } == 1)
    #expect(!svg.contains("nan"))
  }

  /// The bar covers the interval, and the axis the bar.
  @Test func intervalsAreDrawn() {
    let svg = DotPlot(
      title: "", xLabel: "", rows: [.init("a", [50], interval: 20...80)], reference: nil
    ).svg
    let bar = svg.split(separator: "\n").first { $0.contains("class=\"range\"") } ?? ""
    let plain = DotPlot(title: "", xLabel: "", rows: [.init("a", [20, 80])]).svg
    #expect(!bar.isEmpty && plain.contains(bar))
  }

  @Test func nothingToShow() {
    #expect(DotPlot(title: "", xLabel: "", rows: []).svg.hasSuffix("</svg>\n"))
  }
}
