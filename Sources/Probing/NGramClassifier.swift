import Randomness

/// Multinomial logistic regression on the presence of word n-grams.
/// A yardstick: what a model without word order, syntax or pretraining gets out of the same examples.
public struct NGramClassifier: Sendable {
  /// The values are one choice for all tasks: the best mean of the primary metric on the validation splits of
  /// sst2, cola, mrpc, rte and nli among those tried by hand (Docs/results/pretraining.md).
  public struct Options: Sendable, Hashable {
    /// The longest n-grams; 2 means words and pairs of words.
    public var order = 2
    /// How often training sees each example.
    public var epochs = 6
    /// The step size, which AdaGrad divides by the root of the sum of squared gradients.
    public var learningRate: Float = 0.3
    /// Strength of the L2 penalty, relative to the loss of one example.
    public var penalty: Float = 1e-4
    /// n-grams in fewer training texts than this are left out.
    public var minimumCount = 1
    /// Determines the order of the examples, the only random choice there is.
    public var key = RandomKey(seed: 0)

    /// The values that were chosen for all tasks.
    public init() {}
  }

  /// Row of each known n-gram.
  private var rows: [UInt64: Int32]
  private var model: LinearClassifier
  private let features: NGramFeatures

  /// Classes that can be answered; answers are in `0..<classCount`.
  public var classCount: Int { model.classCount }

  /// - Precondition: as many labels as texts, each in `0..<classCount`.
  public static func train(
    texts: [String], labels: [Int], classCount: Int, options: Options = Options()
  ) -> NGramClassifier {
    train(parts: texts.map { [$0] }, labels: labels, classCount: classCount, options: options)
  }

  /// Trains on texts in several parts, such as premise and hypothesis, whose words are told apart.
  ///
  /// - Precondition: as many labels as texts, each in `0..<classCount`.
  public static func train(
    parts texts: [[String]], labels: [Int], classCount: Int, options: Options = Options()
  ) -> NGramClassifier {
    precondition(
      texts.count == labels.count, "NGramClassifier: \(texts.count) texts, \(labels.count) labels")
    precondition(
      labels.allSatisfy { (0..<classCount).contains($0) },
      "NGramClassifier: a label is not in 0..<\(classCount)")
    let features = NGramFeatures(order: max(1, options.order))
    let hashes = texts.map { features($0) }
    let rows = rows(of: hashes, minimumCount: options.minimumCount)
    let known = FeatureRows(
      hashes.map { text in text.compactMap { rows[$0] } }, featureCount: rows.count)
    return NGramClassifier(
      rows: rows,
      model: LinearClassifier(
        known, chosen: Array(labels.indices), labels: labels, classCount: classCount, options: options),
      features: features)
  }

  /// The most probable class; the lowest of equally probable ones.
  public func predict(_ text: String) -> Int { predict(parts: [text]) }

  /// The same of a text in the parts that training had.
  public func predict(parts: [String]) -> Int {
    let scores = logarithms(parts: parts)
    var best = 0
    for index in scores.indices where scores[index] > scores[best] { best = index }
    return best
  }

  /// Log-probabilities of the classes.
  public func logarithms(parts: [String]) -> [Double] {
    model.logarithms(features(parts).compactMap { rows[$0] })
  }

  private static func rows(of hashes: [[UInt64]], minimumCount: Int) -> [UInt64: Int32] {
    var counts: [UInt64: Int32] = [:]
    for text in hashes { for hash in text { counts[hash, default: 0] += 1 } }
    // In order of first appearance, not of the dictionary, which differs from run to run.
    var rows: [UInt64: Int32] = [:]
    for text in hashes {
      for hash in text where rows[hash] == nil && Int(counts[hash] ?? 0) >= minimumCount {
        rows[hash] = Int32(rows.count)
      }
    }
    return rows
  }
}
