import Randomness
import Records
import Support

/// What an answer is compared with.
public struct Reference: Sendable, Hashable, Codable {
  /// The right answer as text; of several, the one that metrics for a single reference take.
  public var text: String
  /// Further texts that are as right, for metrics that take several references.
  public var alternatives: [String]
  /// The index of the right choice, for tasks with choices.
  public var choice: Int?
  /// The exact figure, for tasks that answer with a number.
  public var number: Double?

  /// A reference; tasks with choices set `choice`, tasks that answer with a number `number`.
  public init(
    text: String, alternatives: [String] = [], choice: Int? = nil, number: Double? = nil
  ) {
    self.text = text
    self.alternatives = alternatives
    self.choice = choice
    self.number = number
  }

  /// Every right text.
  public var texts: [String] { [text] + alternatives }
}

/// What a metric reads of an answer and its reference.
public enum MetricInput: Sendable, Hashable {
  /// Two texts.
  case text
  /// Two texts with a line for each sentence.
  case sentences
  /// Which of some choices was answered, and which is right.
  case choices
  /// How a model ranks some choices by their lengths, and which is right.
  case rankedChoices
  /// Two numbers, as texts.
  case numbers
  /// How probable each choice was, and which is right.
  case choiceProbabilities
  /// The log-probability of each token of the reference.
  case logProbabilities
}

/// A score as a statistic per example and a pure aggregation of statistics.
///
/// Equal statistics are pooled, and a resample is a vector of multiplicities over the distinct ones, so a
/// bootstrap of a metric with few distinct statistics (right or wrong, say) costs the same for any number of
/// examples.
public protocol Metric: Sendable {
  /// What a metric keeps of one example: all that its score depends on.
  associatedtype Statistic: Sendable & Hashable

  /// As in the table of metrics, kebab-case.
  var name: String { get }

  /// Everything that another implementation would have to know to arrive at the same figure.
  var signature: String { get }

  /// What `statistic` reads; text unless a metric says otherwise.
  var input: MetricInput { get }

  /// The same with what it depends on in the references: how many there are to each answer.
  func signature(for references: [Reference]) -> String

  /// Whether the alternatives of a reference count; they are ignored otherwise.
  var takesSeveralReferences: Bool { get }

  /// What can be chosen; nothing unless a metric says otherwise.
  static var options: [MetricOption<Self>] { get }

  /// What tables multiply the score by: 100 for scores up to 1, which people read as per cent, and 1 for those
  /// that are defined up to 100.
  var displayFactor: Double { get }

  /// - Throws: `.badData` if the reference is not of the kind the metric compares.
  func statistic(prediction: Prediction, reference: Reference) throws(GraftError) -> Statistic

  /// The score of a collection in which `statistics[i]` occurs `multiplicities[i]` times; NaN where it is
  /// undefined, as for no examples.
  func score(_ statistics: [Statistic], multiplicities: [Int]) -> Double

  /// Figures that explain the score, such as precision and recall.
  func details(_ statistics: [Statistic], multiplicities: [Int]) -> [String: Double]

  /// The score of a set of answers with its bootstrap interval. A requirement only so that each metric gets
  /// a specialised copy of the one implementation.
  func measure(
    _ predictions: [Prediction], _ references: [Reference], bootstrap: BootstrapOptions
  ) throws(GraftError) -> MetricScore

  /// The difference between two systems that answered the same questions with the same seeds; see `measure` on
  /// why it is here.
  func compare(
    seeds first: [[Prediction]], _ second: [[Prediction]], _ references: [Reference],
    bootstrap: BootstrapOptions
  ) throws(GraftError) -> SeededComparison?
}

extension Metric {
  public var input: MetricInput { .text }

  public var takesSeveralReferences: Bool { false }

  public func signature(for references: [Reference]) -> String { signature }

  public var displayFactor: Double { 100 }

  public func details(_ statistics: [Statistic], multiplicities: [Int]) -> [String: Double] { [:] }

  /// The score of the answers, without interval.
  public func score(
    _ predictions: [Prediction], _ references: [Reference]
  ) throws(GraftError) -> Double {
    let pool = try pooled(predictions, references)
    return score(pool.values, multiplicities: pool.multiplicities)
  }

  public func measure(
    _ predictions: [Prediction], _ references: [Reference], bootstrap: BootstrapOptions
  ) throws(GraftError) -> MetricScore {
    let pool = try pooled(predictions, references)
    let value = score(pool.values, multiplicities: pool.multiplicities)
    var resampler = Resampler(
      pool, key: bootstrap.key.folded("bootstrap").folded(name), resamples: bootstrap.resamples)
    let explained = details(pool.values, multiplicities: pool.multiplicities).filter(\.value.isFinite)
    var scores: [Double] = []
    var explanations: [String: [Double]] = [:]
    // One example is like itself however often it is drawn, which says nothing about others.
    if value.isFinite, predictions.count > 1 {
      while let multiplicities = resampler.next() {
        let resampled = score(pool.values, multiplicities: multiplicities)
        if resampled.isFinite { scores.append(resampled) }
        guard !explained.isEmpty else { continue }
        for (key, value) in details(pool.values, multiplicities: multiplicities) where value.isFinite {
          explanations[key, default: []].append(value)
        }
      }
    }
    return MetricScore(
      name: name, value: value.isFinite ? value : nil, interval: Interval(percentilesOf: scores),
      signature: signature(for: references), details: explained,
      detailIntervals: explanations.compactMapValues { Interval(percentilesOf: $0) })
  }

  func pooled(
    _ predictions: [Prediction], _ references: [Reference]
  ) throws(GraftError) -> Pool<Statistic> {
    try Self.checkCounts(predictions.count, references.count)
    var pool = Pool<Statistic>()
    for (prediction, reference) in zip(predictions, references) {
      pool.append(try statistic(prediction: prediction, reference: reference))
    }
    return pool
  }

  static func checkCounts(_ predictions: Int, _ references: Int) throws(GraftError) {
    guard predictions == references else {
      throw GraftError(
        .badData, "\(predictions) predictions for \(references) references",
        hint: "there must be one prediction per reference, in the same order.")
    }
  }
}

/// Distinct values with how often each occurs, and which one each element was.
struct Pool<Value: Hashable & Sendable> {
  private(set) var values: [Value] = []
  private(set) var multiplicities: [Int] = []
  private(set) var elements: [Int32] = []
  private var indices: [Value: Int] = [:]

  mutating func append(_ value: Value) {
    if let index = indices[value] {
      multiplicities[index] += 1
      elements.append(Int32(index))
    } else {
      indices[value] = values.count
      elements.append(Int32(values.count))
      values.append(value)
      multiplicities.append(1)
    }
  }
}

/// sacreBLEU's `nrefs`: how many references there are to each answer, `var` if that differs.
func referenceCount(_ references: [Reference]) -> String {
  let counts = Set(references.map { $0.alternatives.count + 1 })
  return counts.count > 1 ? "var" : "\(counts.first ?? 1)"
}
