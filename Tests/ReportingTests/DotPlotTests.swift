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

  @Test func nothingToShow() {
    #expect(DotPlot(title: "", xLabel: "", rows: []).svg.hasSuffix("</svg>\n"))
  }
}
