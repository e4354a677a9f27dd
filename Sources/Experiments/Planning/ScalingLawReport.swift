import Reporting
import Support

/// A fitted law, the runs it was fitted to, and runs that it had no part in: what `graft scaling-law` shows.
public struct ScalingLawReport: Sendable {
  public var fitted: FittedScalingLaw
  private var others: [ScalingPoint]

  /// - Parameters:
  ///   - runs: run directories that the law is fitted to, and laws whose runs it is fitted to, too.
  ///   - predicted: the same of runs whose loss is predicted.
  /// - Throws: as `ScalingPoint` and the fit.
  public init(runs: [String], predicted: [String]) throws(GraftError) {
    let points = try Self.points(runs)
    others = try Self.points(predicted)
    for other in others where points.contains(where: { Paths.normalized($0.run) == Paths.normalized(other.run) }) {
      throw GraftError(.usage, "'\(other.run)' is among the runs that the law is fitted to, so it cannot be predicted")
    }
    fitted = try FittedScalingLaw(fitting: points)
  }

  /// Of run directories, and of the runs that laws were fitted to.
  private static func points(_ paths: [String]) throws(GraftError) -> [ScalingPoint] {
    var points: [ScalingPoint] = []
    for path in paths {
      if path.hasSuffix(".json") {
        points += try JSONFile.read(FittedScalingLaw.self, from: path).runs
      } else {
        points.append(try ScalingPoint(run: path))
      }
    }
    return points
  }

  private static let columns: [Table.Column] = [
    .init("run"), .init("parameters", .right), .init("operations", .right), .init("MB read", .right),
    .init("passes", .right), .init("loss", .right), .init("law", .right), .init("difference", .right),
  ]

  /// A row for each run that the law was fitted to.
  public var table: Table { table(fitted.runs) { NumberText.fixed($0.loss, digits: 3) } }

  /// A row for each run that it had no part in, with intervals; nil if there is none.
  public var predictions: Table? {
    guard !others.isEmpty else { return nil }
    return table(others) {
      "\(NumberText.fixed($0.loss, digits: 3)) [\(NumberText.fixed($0.interval.lowerBound, digits: 3)),"
        + " \(NumberText.fixed($0.interval.upperBound, digits: 3))]"
    }
  }

  private func table(
    _ points: [ScalingPoint], _ shown: (FittedScalingLaw.Prediction) -> String
  ) -> Table {
    var table = Table(Self.columns)
    for point in points {
      let made = fitted.predict(parameters: point.parameters, bytes: point.bytes, distinct: point.distinct)
      table.append([
        point.run, NumberText.abbreviated(point.parameters),
        point.operations.map(NumberText.scientific) ?? "", NumberText.fixed(point.bytes / 1e6, digits: 1),
        NumberText.fixed(point.passes, digits: 1), NumberText.fixed(point.loss, digits: 3), shown(made),
        NumberText.fixed(100 * (point.loss / made.loss - 1), digits: 1) + " %",
      ])
    }
    return table
  }

  /// The law in numbers, a line each.
  public var lines: [String] {
    let law = fitted.law
    func power(_ power: ScalingLaw.Power, _ symbol: String) -> String {
      "\(NumberText.fixed(power.value, digits: 3)) · (\(symbol) / \(NumberText.abbreviated(power.reference)))"
        + "^−\(NumberText.fixed(power.exponent, digits: 3))"
    }
    return [
      "bits per byte = \(NumberText.fixed(law.irreducible, digits: 3)) + \(power(law.size, "N")) + \(power(law.text, "D"))"
        + ", N parameters in blocks and output, D bytes of text read",
      law.repetitions.map {
        "text read again is worth 1/e of other text after \(NumberText.fixed($0, digits: 1)) repetitions"
      } ?? "no run read its text twice: what repetition costs is not known",
      "\(fitted.runs.count) runs, which differ from the law by \(NumberText.fixed(100 * fitted.relativeError, digits: 2)) %"
        + " (root mean square)",
    ]
  }
}
