import Probing
import Scoring
import Support

/// How far a model copies: what it says after a distance must be what stood before it.
public struct CopyProbeReport: Codable, Sendable, KindedFile {
  public static let kind = FileKind.copyProbe

  /// Prompts of one distance.
  public struct Distance: Codable, Sendable {
    /// Digits between the letter and where it must come again.
    public var distance: Int
    /// How often the likeliest of the letters is the right one, with Wilson's interval.
    public var accuracy: Estimate?
    /// The mean log-probability of the right letter, among all tokens, in nats.
    public var logProbability: Double
  }

  /// Of the form of the file.
  public var format = "graft-copy-probe-1"
  /// As typed, the command first.
  public var arguments: [String]
  /// What was probed.
  public var checkpoint, family: String
  /// The greatest distance of training, as it was told.
  public var longest: Int
  /// Prompts of every distance, and the letters there are.
  public var prompts, letters: Int
  /// Of what was drawn.
  public var seed: UInt64
  /// From the shortest.
  public var distances: [Distance]

  /// The greatest distance up to which every one was copied more often than chance, with the whole interval; nil for
  /// none.
  public var reach: Int? {
    let chance = 1 / Double(letters)
    return distances.prefix { ($0.accuracy?.interval?.lower ?? 0) > chance }.last?.distance
  }

  /// For people.
  public var tables: [ProbeTable] {
    let reach = reach.map { "Above chance up to a distance of \($0)." } ?? "Not above chance at any distance."
    var table = ProbeTable(
      title: "Copy at a distance · \(family), trained to \(longest)",
      note: """
        How often the likeliest of \(letters) letters is the one to copy, over \(prompts) prompts; chance is \
        \(NumberText.fixed(100 / Double(letters), digits: 1)) %. \(reach)
        """,
      columns: [.number("distance"), .text("trained"), .number("accuracy"), .number("nats")])
    for distance in distances {
      table.append([
        .count(distance.distance), .text(distance.distance <= longest ? "" : "beyond"),
        .estimatedShare(distance.accuracy), .number(-distance.logProbability, digits: 3),
      ])
    }
    return [table]
  }

  /// Accuracy over distance.
  public var plots: [ProbePlot] {
    let points = distances.map { ProbePlot.Point(x: Double($0.distance), y: 100 * ($0.accuracy?.value ?? 0)) }
    let chance = [points.first, points.last].compactMap { $0 }.map {
      ProbePlot.Point(x: $0.x, y: 100 / Double(letters))
    }
    return [
      ProbePlot(
        name: "copy", title: "Copying over a distance (trained to \(longest))", xLabel: "distance",
        yLabel: "accuracy, %", hasLogarithmicX: true,
        series: [
          .init(name: family, points: points, isLine: true), .init(name: "chance", points: chance, isLine: true),
        ])
    ]
  }
}
