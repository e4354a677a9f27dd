import Foundation
import Testing

@testable import Reporting

@Suite struct LineChartTests {
  @Test func ticksAreRound() {
    #expect(AxisScale([3.2, 6.9]).ticks == [3, 4, 5, 6, 7])
    #expect(AxisScale([0, 1000]).ticks == [0, 200, 400, 600, 800, 1000])
    #expect(AxisScale([5, 5]).ticks.count > 2)
    #expect(AxisScale([]).ticks.count > 2)
    #expect(AxisScale([.nan, .infinity, 2, 4]).ticks.first == 2)
  }

  @Test(arguments: [
    [0.001, 0.0042], [-3, 7], [1e9, 4e9], [0, 1e-9], [-1e-5, 0], [123.4, 123.5], [-1e300, 1e300],
  ])
  func ticksEncloseTheData(_ values: [Double]) {
    let scale = AxisScale(values)
    #expect((3...12).contains(scale.ticks.count), "\(scale.ticks)")
    for value in values { #expect((-1e-6...1.000001).contains(scale.position(value))) }
    #expect(Set(scale.ticks.map(scale.label)).count == scale.ticks.count, "\(scale.ticks.map(scale.label))")
  }

  @Test func thePictureHasItsParts() {
    let chart = LineChart(
      title: "Held-out <loss> & bits", xLabel: "minutes", yLabel: "nats per token",
      series: [
        .init("span corruption", [.init(x: 0, y: 7), .init(x: 30, y: 5), .init(x: 60, y: 4)]),
        .init("causal \"LM\"", [.init(x: 0, y: 7.5), .init(x: 30, y: .nan), .init(x: 60, y: 3.8)]),
      ])
    let svg = chart.svg
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains(">Held-out &lt;loss&gt; &amp; bits</text>"))
    #expect(svg.contains(">causal &quot;LM&quot;</text>"))
    #expect(svg.contains("prefers-color-scheme: dark"))
    #expect(!svg.contains("nan"))
    let lines = svg.split(separator: "\n").filter { $0.hasPrefix("<polyline") }
    #expect(lines.count == 2)
    // The first series begins on the left axis and ends on the right edge; larger values stand higher.
    #expect(lines.first?.contains("points=\"64.0,") == true)
    #expect(lines.first?.contains(" 700.0,") == true)
    // Two points of the second are left.
    #expect(lines.last?.components(separatedBy: ",").count == 3)
    // Balanced tags: every text and the style are closed.
    #expect(svg.components(separatedBy: "<text").count == svg.components(separatedBy: "</text>").count)
  }

  /// A level along the upper edge sends the legend to the lower one, where nothing is.
  @Test func theLegendLeavesTheLinesFree() throws {
    func legend(_ level: Double) throws -> Double {
      let svg = LineChart(
        title: "t", xLabel: "x", yLabel: "y",
        series: [
          .init("level", [.init(x: 0, y: level), .init(x: 10, y: level)]),
          .init("fall", [.init(x: 0, y: 5), .init(x: 1, y: 4)]),
        ]
      ).svg
      let label = try #require(svg.split(separator: "\n").first { $0.hasSuffix(">level</text>") })
      let place = try #require(label.split(separator: " ").first { $0.hasPrefix("y=") })
      let digits = String(place.filter { $0.isNumber || $0 == "." })
      return try #require(Double(digits) as Double?)
    }
    #expect(try legend(5) > 300)
    #expect(try legend(4) < 100)
  }

  @Test func aChartWithoutPointsIsStillOne() {
    let svg = LineChart(title: "t", xLabel: "x", yLabel: "y", series: []).svg
    #expect(svg.contains("class=\"axis\"") && !svg.contains("nan"))
  }
}
