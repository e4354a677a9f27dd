import Reporting
import Scoring
import Support

/// A map of a training set as people see it.
public struct CartographyMap {
  private let map: DataMap

  /// More dots than this hide each other; the rest is left out evenly.
  static let shownPoints = 8000

  public init(_ map: DataMap) { self.map = map }

  /// Means by region, and of all examples.
  /// - Parameter fraction: the share of the examples that a region has.
  public func regionTable(fraction: Double) -> Table {
    var table = Table(
      [.init("region")]
        + ["examples", "confidence", "variability", "correct", "forgotten", "never right"]
        .map { .init($0, .right) })
    func append(_ name: String, _ points: [DataMapPoint]) {
      let count = Double(max(1, points.count))
      func mean(_ value: (DataMapPoint) -> Double) -> String {
        NumberText.fixed(points.reduce(0) { $0 + value($1) } / count, digits: 3)
      }
      table.append([
        name, "\(points.count)", mean(\.confidence), mean(\.variability),
        mean { Double($0.correctness) / Double(map.measurements) },
        "\(points.count { (1..<DataMapPoint.neverLearned).contains($0.forgetfulness) })",
        "\(points.count { $0.forgetfulness == DataMapPoint.neverLearned })",
      ])
    }
    append("all", map.points)
    for region in DataMap.Region.allCases {
      append(region.rawValue, map.region(region, fraction: fraction))
    }
    return table
  }

  /// How many examples were answered rightly how often.
  public var correctnessTable: Table {
    var table = Table([.init("times right", .right), .init("examples", .right), .init("share", .right)])
    for times in 0...map.measurements {
      let found = map.points.count { $0.correctness == times }
      table.append([
        "\(times)", "\(found)",
        NumberText.fixed(100 * Double(found) / Double(max(1, map.points.count)), digits: 1) + " %",
      ])
    }
    return table
  }

  /// The map as a picture: variability against confidence, coloured by how often the answer was right.
  public var plot: ScatterPlot {
    let step = max(1, (map.points.count + Self.shownPoints - 1) / Self.shownPoints)
    let shown = stride(from: 0, to: map.points.count, by: step).map { map.points[$0] }
    let classes = (0...map.measurements).map { times in
      ScatterPlot.Series(
        "right \(times)/\(map.measurements)",
        shown.filter { $0.correctness == times }
          .map { LineChart.Point(x: $0.variability, y: $0.confidence) })
    }
    return ScatterPlot(
      title: step > 1
        ? "Training examples (one in \(step) of \(map.points.count))"
        : "\(map.points.count) training examples",
      xLabel: "variability", yLabel: "confidence", series: classes, xRange: 0...0.5, yRange: 0...1
    )
  }
}
