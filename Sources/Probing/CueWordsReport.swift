import Foundation
import Scoring
import Support

/// What `CueWordsProbe` found.
public struct CueWordsReport: ProbeReport, Decodable {
  /// A word and the label it goes with, in one field of the training split.
  public struct Cue: Codable, Sendable {
    /// The word, in lower case without punctuation.
    public var word: String
    /// The label whose list of words this stands in.
    public var label: String
    /// Training examples of the class that contain the word.
    public var count: Int
    /// Training examples that contain the word.
    public var examples: Int
    /// In nats, smoothed.
    public var pmi: Double
    /// The share of the class's examples that contain the word.
    public var support: Estimate?
    /// The share of the examples with the word that are of the class.
    public var share: Estimate?
    /// Against p₀ = 1 / |Y|.
    public var z: Double
    /// Of the exact one-sided test against the class's share of all examples, before correction.
    public var exactP: Double
    /// Whether z is above the critical one at the corrected level.
    public var isBeyondCriticalCurve: Bool

    var shareValue: Double { share?.value ?? 0 }
  }

  /// How often one cue occurs in a split, and how often it is right there.
  public struct CueCoverage: Codable, Sendable {
    /// The word, in lower case without punctuation.
    public var word: String
    /// The label it goes with in training.
    public var label: String
    /// α: examples of the split that contain the word.
    public var applicability: Int
    /// π: the share of them with the label; nil if no example contains the word.
    public var productivity: Estimate?
    /// ξ: the share of the split's examples that contain the word.
    public var coverage: Estimate?
  }

  /// Of the cues by PMI of all classes on an evaluation split.
  public struct Coverage: Codable, Sendable {
    /// The split that was measured.
    public var split: String
    /// Whether the cues were counted on the same examples, so that productivity flatters.
    public var isOnTrainingSplit: Bool
    /// Cues in the set: those of `byPMI` in at least five training examples.
    public var cues: Int
    /// Examples that contain at least one cue.
    public var applicability: Int
    /// The share of them with the label of their surest cue.
    public var productivity: Estimate?
    /// The share of the split's examples that contain at least one cue.
    public var coverage: Estimate?
    /// Each cue of the set alone, the surest in training first.
    public var each: [CueCoverage]
  }

  struct Point: Sendable {
    var word: String
    var label: Int
    var n: Int
    var share: Double
    var isArtifact: Bool
  }

  /// What was found in one field of the prompt.
  public struct Field: Codable, Sendable {
    /// The field's name.
    public var field: String
    /// Distinct words.
    public var vocabulary: Int
    /// A test per word and label.
    public var tests: Int
    /// The level of significance divided by the number of tests.
    public var correctedLevel: Double
    /// p₀ = 1 / |Y|, the share of a label among a word's examples if the word says nothing.
    public var null: Double
    /// The z that a word's must exceed at the corrected level.
    public var criticalZ: Double
    /// Words that are beyond it for at least one label.
    public var wordsBeyondCriticalCurve: Int
    /// Words and labels significant by the exact test against class shares, after correction.
    public var exactlySignificant: Int
    /// The top words of each class.
    public var byPMI: [Cue]
    /// The words of each class with the greatest z.
    public var byZ: [Cue]
    /// Productivity and coverage of the words of `byPMI`, by evaluation split.
    public var coverage: [Coverage]
    /// Not in the JSON, which would be as long as the vocabulary.
    var scatter: [Point] = []

    private enum CodingKeys: String, CodingKey {
      case field, vocabulary, tests, correctedLevel, null, criticalZ, wordsBeyondCriticalCurve
      case exactlySignificant, byPMI, byZ, coverage
    }
  }

  /// What is added to every count of a word and a class for PMI.
  public var smoothing: Double
  /// The level of significance before it is divided by the number of tests.
  public var level: Double
  /// The split whose words were counted.
  public var trainingSplit: String
  /// The task's choices; `Cue.label` is one of them.
  public var classes: [String]
  /// One for each field of the prompt, in its order.
  public var fields: [Field]

  public var tables: [ProbeTable] { fields.flatMap { [information($0), competency($0), coverage($0)] } }

  private func information(_ field: Field) -> ProbeTable {
    var table = ProbeTable(
      title: "Cue words of \(field.field) by PMI",
      note:
        "\(Int(smoothing)) added to every count of examples with word and label in \(trainingSplit); support: of the "
        + "label's examples, how many contain the word; share: of the word's, how many have the label.",
      columns: [
        .text("label"), .text("word"), .number("PMI"), .number("support"), .number("share"), .number("n"),
      ])
    for cue in field.byPMI {
      table.append([
        .text(cue.label), .text(cue.word), .number(cue.pmi, digits: 3), .estimatedShare(cue.support),
        .estimatedShare(cue.share), .count(cue.examples),
      ])
    }
    return table
  }

  private func competency(_ field: Field) -> ProbeTable {
    var table = ProbeTable(
      title: "Cue words of \(field.field) by competency z",
      note: "\(field.wordsBeyondCriticalCurve) of \(field.vocabulary) words are beyond the critical z of "
        + NumberText.fixed(field.criticalZ, digits: 2)
        + " (null \(NumberText.fixed(field.null, digits: 3)), level \(level) over \(field.tests) tests);"
        + " by the exact test "
        + "against the labels' shares \(field.exactlySignificant) pairs of word and label are significant.",
      columns: [
        .text("label"), .text("word"), .number("z"), .number("share"), .number("n"), .text("artifact"),
      ])
    for cue in field.byZ {
      table.append([
        .text(cue.label), .text(cue.word), .number(cue.z, digits: 1), .estimatedShare(cue.share),
        .count(cue.examples), .text(cue.isBeyondCriticalCurve ? "yes" : "no"),
      ])
    }
    return table
  }

  private func coverage(_ field: Field) -> ProbeTable {
    var table = ProbeTable(
      title: "Productivity and coverage of these cues of \(field.field)",
      note: "Of a split's examples, how many contain a cue (coverage), and how many of those have its label.",
      columns: [
        .text("split"), .text("cue"), .text("label"), .number("applicable"), .number("coverage"),
        .number("productivity"),
      ])
    for split in field.coverage {
      let name = split.split + (split.isOnTrainingSplit ? " (as counted)" : "")
      table.append([
        .text(name), .text("any of \(split.cues)"), .text("of the surest"),
        .count(split.applicability),
        .estimatedShare(split.coverage), .estimatedShare(split.productivity),
      ])
      let useful = split.each.filter { $0.applicability > 0 }
        .sorted { ($1.applicability, ByteString($0.word)) < ($0.applicability, ByteString($1.word)) }
      for cue in useful.prefix(5) {
        table.append([
          .text(name), .text(cue.word), .text(cue.label), .count(cue.applicability),
          .estimatedShare(cue.coverage), .estimatedShare(cue.productivity),
        ])
      }
    }
    return table
  }

  public var plots: [ProbePlot] { fields.compactMap(plot) }

  /// Gardner et al.'s figure: each word at its number of examples and the share of its most frequent label.
  private func plot(_ field: Field) -> ProbePlot? {
    guard let most = field.scatter.map(\.n).max(), most > 0 else { return nil }
    var series: [ProbePlot.Series] = []
    // The words that stand out most are named, three a label.
    func deviation(_ point: Point) -> Double { (point.share - field.null) * Double(point.n).squareRoot() }
    for (index, label) in classes.enumerated() {
      let points = field.scatter.filter { $0.label == index }
      guard !points.isEmpty else { continue }
      let named = points.filter(\.isArtifact)
        .sorted { (deviation($1), ByteString($0.word)) < (deviation($0), ByteString($1.word)) }
      let names = Set(named.prefix(3).map { ByteString($0.word) })
      series.append(
        ProbePlot.Series(
          name: label,
          points: points.map { point in
            .init(
              x: Double(point.n), y: point.share,
              label: names.contains(ByteString(point.word)) ? point.word : nil)
          }, isLine: false))
    }
    // From where the curve enters the picture to the most frequent word.
    let first = max(1, field.null / (1 - field.null) * field.criticalZ * field.criticalZ)
    if first < Double(most) {
      let ratio = Double(most) / first
      let curve = (0...60).map { step in
        let n = first * pow(ratio, Double(step) / 60)
        let share = Competency.criticalShare(n, null: field.null, criticalZ: field.criticalZ)
        return ProbePlot.Point(x: n, y: share)
      }
      series.append(ProbePlot.Series(name: "critical", points: curve, isLine: true))
    }
    return ProbePlot(
      name: "cue-words-\(field.field)", title: "Words of \(field.field): share of the most frequent label",
      xLabel: "examples with the word", yLabel: "share", hasLogarithmicX: true, series: series)
  }
}
