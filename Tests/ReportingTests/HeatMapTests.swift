import Testing

@testable import Reporting

@Suite struct HeatMapTests {
  private func map(_ values: [[Double]], columns: [String], rows: [String]) -> String {
    HeatMap(title: "Map", xLabel: "read", yLabel: "written", columns: columns, rows: rows, values: values).svg
  }

  private func cells(_ svg: String) -> [Substring] {
    svg.split(separator: "\n").filter { $0.contains("class=\"cell\"") }
  }

  @Test func aCellForEachValue() throws {
    let svg = map([[0.25, 0.75], [1, 0], [0.5, .nan]], columns: ["a", "b<c"], rows: ["x", "y", "z"])
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && !svg.contains("nan"))
    let cells = cells(svg)
    #expect(cells.count == 5)
    #expect(cells[1].contains("fill-opacity=\"0.750\"") && cells[1].contains("x – b&lt;c: 75.0 %"))
    // The second value of a row lies to the right of the first, and the second row below.
    func number(_ name: String, _ cell: Substring) throws -> Double {
      let start = try #require(cell.range(of: " \(name)=\""))
      return try #require(Double(cell[start.upperBound...].prefix { $0 != "\"" }))
    }
    #expect(try number("x", cells[1]) > number("x", cells[0]) && number("y", cells[1]) == number("y", cells[0]))
    #expect(try number("y", cells[2]) > number("y", cells[0]) && number("x", cells[2]) == number("x", cells[0]))
    for label in ["a", "b&lt;c", "x", "y", "z", "Map", "read", "written"] {
      #expect(svg.contains(">\(label)</text>"), "\(label)")
    }
  }

  /// What lies outside of 0 to 1 is drawn as one of them, and said as it is.
  @Test func valuesOutsideAreDrawnAtTheBounds() {
    let cells = cells(map([[1.5, -1]], columns: ["a", "b"], rows: ["x"]))
    #expect(cells[0].contains("fill-opacity=\"1.000\"") && cells[0].contains("150.0 %"))
    #expect(cells[1].contains("fill-opacity=\"0.000\"") && cells[1].contains("-100.0 %"))
  }

  @Test func longNamesHaveRoom() throws {
    func width(_ names: [String]) throws -> Int {
      let svg = map([[1]], columns: ["a"], rows: names)
      let start = try #require(svg.range(of: " width=\""))
      return try #require(Int(svg[start.upperBound...].prefix { $0 != "\"" }))
    }
    #expect(try width(["Donaudampfschifffahrt"]) > width(["x"]) + 80)
    #expect(map([], columns: [], rows: []).hasSuffix("</svg>\n"))
  }
}
