import Inference
import Probing
import Scoring
import Support

/// How well the depth of nesting can be read off the states of a model at every token.
public struct DepthProbeReport: Codable, Sendable, KindedFile {
  public static let kind = FileKind.depthProbe

  /// How a probe of one model scored.
  public struct Score: Codable, Sendable {
    /// 1 − Σ (depth − value)² / Σ (depth − mean depth)² over the tokens of new texts, as deep as those of training.
    public var r2: Double
    /// The same over the tokens of texts that go deeper.
    public var r2Beyond: Double
    /// How often the value, rounded, is the depth: a share of the tokens of new texts, with an interval over texts.
    public var accuracy: Estimate?
    /// The λ that was chosen on a part of the training texts.
    public var strength: Double
    /// Over the tokens of deeper texts, by how deep they are; the first is depth 0.
    public var byDepth: [Depth]
  }

  /// Tokens of one depth.
  public struct Depth: Codable, Sendable {
    /// How many brackets are open behind the token.
    public var depth: Int
    public var tokens: Int
    /// The mean of what the probe says.
    public var meanValue: Double
    /// How often that, rounded, is the depth; 0 to 1.
    public var accuracy: Double
  }

  /// The probes of one place.
  public struct Place: Codable, Sendable {
    /// See `LayerStates`.
    public var place: String
    /// The model, and the same with drawn weights.
    public var trained, drawn: Score
    /// How much better the trained model's values are, rounded, over the same resamples of texts.
    public var gain: Estimate?
  }

  /// Of the form of the file.
  public var format = "graft-depth-probe-1"
  /// As typed, the command first.
  public var arguments: [String]
  /// What was probed.
  public var checkpoint, family: String
  /// What stands between brackets.
  public var style: NestingLanguage.Style
  /// The greatest depth of the texts that probes were trained on, and of the deeper ones.
  public var deepest, deeper: Int
  /// Texts of training, of as many new ones, and of as many deeper ones; and the tokens of the first.
  public var texts, trainingTokens: Int
  /// Of everything that was drawn.
  public var seed: UInt64
  /// The probe of a token's place in its text, in place of a state: what depth has to do with how much was read.
  public var position: Score
  /// From the embedding upwards.
  public var places: [Place]

  /// For people.
  public var tables: [ProbeTable] {
    var table = ProbeTable(
      title: "Nesting depth in \(style.rawValue) · \(family), trained to depth \(deepest)",
      note: """
        Ridge regression of the depth at every token, on \(texts) new texts; R² beyond and the table below are of \
        texts to depth \(deeper). Accuracy: the value, rounded, is the depth. Drawn: the same model with untrained weights.
        """,
      columns: [
        .text("place"), .number("R²"), .number("drawn"), .number("R² beyond"), .number("drawn"), .number("accuracy"),
        .number("drawn"), .number("gain"),
      ])
    table.append([
      .text("place in the text"), .number(position.r2, digits: 3), .missing, .number(position.r2Beyond, digits: 3),
      .missing, .estimatedShare(position.accuracy), .missing, .missing,
    ])
    for place in places {
      let (own, other) = (place.trained, place.drawn)
      table.append([
        .text(place.place), .number(own.r2, digits: 3), .number(other.r2, digits: 3), .number(own.r2Beyond, digits: 3),
        .number(other.r2Beyond, digits: 3), .estimatedShare(own.accuracy), .estimatedShare(other.accuracy),
        .estimatedShare(place.gain),
      ])
    }
    return [table, depthTable]
  }

  /// The place whose R² on new texts is greatest.
  private var best: Place? { places.max { $0.trained.r2 < $1.trained.r2 } }

  private var depthTable: ProbeTable {
    var table = ProbeTable(
      title: "By depth · \(best?.place ?? "–"), the place of the greatest R²",
      note: "Probes have seen no depth above \(deepest).",
      columns: [
        .number("depth"), .number("tokens"), .number("mean value"), .number("accuracy"), .number("drawn: mean value"),
        .number("accuracy"),
      ])
    for (own, other) in zip(best?.trained.byDepth ?? [], best?.drawn.byDepth ?? []) {
      table.append([
        .count(own.depth), .count(own.tokens), .number(own.meanValue, digits: 2), .share(own.accuracy),
        .number(other.meanValue, digits: 2), .share(other.accuracy),
      ])
    }
    return table
  }

  /// What probes say over what is so.
  public var plots: [ProbePlot] {
    guard let best else { return [] }
    func points(_ score: Score) -> [ProbePlot.Point] {
      score.byDepth.map { ProbePlot.Point(x: Double($0.depth), y: $0.meanValue) }
    }
    let truth = (0...deeper).map { ProbePlot.Point(x: Double($0), y: Double($0)) }
    return [
      ProbePlot(
        name: "depth", title: "Nesting depth, \(best.place) (probes trained to \(deepest))", xLabel: "depth",
        yLabel: "mean value of the probe",
        series: [
          .init(name: "trained", points: points(best.trained), isLine: true),
          .init(name: "drawn", points: points(best.drawn), isLine: true),
          .init(name: "as it is", points: truth, isLine: true),
        ])
    ]
  }
}
