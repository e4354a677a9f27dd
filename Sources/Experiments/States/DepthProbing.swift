import Foundation
import Inference
import Probing
import Randomness
import Records
import Scoring
import Support

/// Reads off the states of a model how deep in brackets each token stands, in texts that are generated: as deep as
/// those that the probes are trained on, and deeper.
public struct DepthProbing: Sendable {
  /// What is probed.
  public var source: StateSource
  /// What stands between brackets.
  public var style = NestingLanguage.Style.brackets
  /// Depth of the texts that probes are trained on, and of the deeper ones.
  public var deepest = 6
  public var deeper = 12
  /// Texts of each kind, and their bytes before everything is closed.
  public var texts = 200
  public var length = 120
  /// Resamples of intervals.
  public var resamples = 1000

  /// Of brackets to depth 6.
  public init(_ source: StateSource) { self.source = source }

  /// Texts as tokens.
  private struct Read: Sendable {
    var tokens: [[TokenID]] = []
    /// Of all tokens, text after text.
    var depths: [Int] = []
    /// The text of every token, and its place there.
    var texts: [Int] = []
    var positions: [Float] = []
  }

  /// The states of all three kinds of texts at one place.
  private struct PlaceRead: Sendable {
    var name: String
    var states: [StateMatrix]
  }

  /// - Throws: `.usage` for impossible numbers and for texts that exceed the model's positions; as `LayerStateReader`.
  public func report() throws(GraftError) -> DepthProbeReport {
    guard deepest >= 1, deeper > deepest, texts >= 10, length >= 8 else {
      throw GraftError(
        .usage, "depths of \(deepest) and \(deeper) in \(texts) texts of \(length) bytes cannot be probed",
        hint: "`deeper:` is above `deepest:`, and there are at least 10 texts of 8 bytes.")
    }
    let readers = try source.readers()
    let key = RandomKey(seed: source.seed)
    var reads: [Read] = []
    for (name, depth) in [("training", deepest), ("new", deepest), ("deeper", deeper)] {
      reads.append(try read(NestingLanguage(style, deepest: depth, length: length), key.folded(name), readers.trained))
    }
    let trained = try places(readers.trained, reads)
    let drawn = try places(readers.drawn, reads)
    let jobs = [positions(reads)] + trained + drawn
    let results = OrderedResults<Fitted>(count: jobs.count)
    deal(jobs.count, to: source.shardCount) { [reads] next in
      while let index = next() { results[index] = fitted(jobs[index], reads) }
    }
    let found = results.all
    let scored = trained.indices.map { index in
      let (own, other) = (found[1 + index], found[1 + trained.count + index])
      let differences = StateScores.differences(own.accuracyByText, other.accuracyByText)
      return DepthProbeReport.Place(
        place: trained[index].name, trained: own.score, drawn: other.score,
        gain: .bootstrapMean(differences, options: bootstrap))
    }
    return DepthProbeReport(
      arguments: source.arguments, checkpoint: source.checkpoint, family: readers.trained.configuration.family,
      style: style, deepest: deepest, deeper: deeper, texts: texts, trainingTokens: reads[0].depths.count,
      seed: source.seed, position: found[0].score, places: scored)
  }

  private var bootstrap: BootstrapOptions {
    BootstrapOptions(resamples: resamples, key: RandomKey(seed: source.seed))
  }

  private func read(
    _ language: NestingLanguage, _ key: RandomKey, _ reader: LayerStateReader
  ) throws(GraftError) -> Read {
    var read = Read()
    for index in 0..<texts {
      let text = language.text(index, key: key)
      let depths = NestingLanguage.depths(text)
      let tokens = reader.locatedTokens(text)
      guard tokens.count <= reader.length else {
        throw GraftError(
          .usage, "a text of \(tokens.count) tokens exceeds the \(reader.length) that the model reads",
          hint: "lower `length:`, or raise `input-length:`.")
      }
      read.tokens.append(tokens.map(\.id))
      for (place, token) in tokens.enumerated() {
        read.depths.append(depths[max(0, token.range.upperBound - 1)])
        read.texts.append(index)
        read.positions.append(Float(place))
      }
    }
    return read
  }

  private func places(_ reader: LayerStateReader, _ reads: [Read]) throws(GraftError) -> [PlaceRead] {
    var result: [PlaceRead] = []
    for read in reads {
      let states = try reader.states(ofTokens: read.tokens)
      if result.isEmpty { result = states.map { PlaceRead(name: $0.place, states: []) } }
      for (index, place) in states.enumerated() {
        result[index].states.append(StateMatrix(place.values, width: place.width))
      }
    }
    return result
  }

  private func positions(_ reads: [Read]) -> PlaceRead {
    PlaceRead(name: "position", states: reads.map { StateMatrix($0.positions, width: 1) })
  }

  private struct Fitted: Sendable {
    var score: DepthProbeReport.Score
    /// Of every new text.
    var accuracyByText: [Double]
  }

  private func fitted(_ place: PlaceRead, _ reads: [Read]) -> Fitted {
    let ridge = RidgeRegression(
      place.states[0], targets: reads[0].depths.map { Double($0) }, isHeld: reads[0].texts.map { $0 % 5 == 0 })
    let (values, beyond) = (ridge.values(place.states[1]), ridge.values(place.states[2]))
    var (right, count) = ([Double](repeating: 0, count: texts), [Double](repeating: 0, count: texts))
    for (index, text) in reads[1].texts.enumerated() {
      count[text] += 1
      if Int(values[index].rounded()) == reads[1].depths[index] { right[text] += 1 }
    }
    let byText = zip(right, count).map { $0 / max(1, $1) }
    return Fitted(
      score: .init(
        r2: Self.r2(values, reads[1].depths), r2Beyond: Self.r2(beyond, reads[2].depths),
        accuracy: .bootstrapMean(byText, options: bootstrap), strength: ridge.strength,
        byDepth: Self.byDepth(beyond, reads[2].depths, deeper)), accuracyByText: byText)
  }

  /// 0 for what always says the mean, and less for what is worse than that.
  static func r2(_ values: [Double], _ depths: [Int]) -> Double {
    let mean = Double(depths.reduce(0, +)) / Double(max(1, depths.count))
    let errors = zip(values, depths).reduce(0.0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
    let spread = depths.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return spread > 0 ? 1 - errors / spread : 0
  }

  private static func byDepth(_ values: [Double], _ depths: [Int], _ deepest: Int) -> [DepthProbeReport.Depth] {
    (0...deepest).map { depth in
      let own = depths.indices.filter { depths[$0] == depth }
      let size = Double(max(1, own.count))
      return .init(
        depth: depth, tokens: own.count, meanValue: own.reduce(0) { $0 + values[$1] } / size,
        accuracy: Double(own.count { Int(values[$0].rounded()) == depth }) / size)
    }
  }
}
