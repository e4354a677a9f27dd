import Records
import Support

/// The share of sets of examples of which every member is answered right: contrast consistency (Gardner et al. 2020,
/// "Evaluating models' local decision boundaries via contrast sets", section 2), and the same for pairs of an original
/// and its counterfactual revision (Kaushik et al. 2020).
///
/// A tie between choices is worth its share, as in accuracy, and a set the product of its members' shares. The
/// bootstrap draws sets, as members of one set are not independent.
///
/// Worked example: sets a, a, b, b, c with right, right, right, wrong, right: of three sets a and c are right, 2/3.
public enum SetConsistency {
  /// What the score is called beside those of the table of metrics, to which it does not belong.
  public static let name = "consistency"
  /// All that another implementation would have to know.
  public static let signature = "consistency|sets:all-right|invalid:wrong"

  /// - Parameter sets: of each example, the set it belongs to; one without is left out.
  /// - Returns: nil if no example belongs to a set. `details["sets"]` is how many there are.
  /// - Throws: `.badData` if there is not one prediction and one set per reference.
  public static func measure(
    _ predictions: [Prediction], _ references: [Reference], sets: [String?],
    bootstrap: BootstrapOptions = BootstrapOptions()
  ) throws(GraftError) -> MetricScore? {
    try Accuracy.checkCounts(predictions.count, references.count)
    try Accuracy.checkCounts(sets.count, references.count)
    var shares: [ByteString: Double] = [:]
    var order: [ByteString] = []
    for index in references.indices {
      guard let set = sets[index].map({ ByteString($0) }) else { continue }
      let right = Accuracy().statistic(prediction: predictions[index], reference: references[index])
      if shares[set] == nil { order.append(set) }
      shares[set, default: 1] *= right
    }
    guard !order.isEmpty else { return nil }
    var pool = Pool<Double>()
    for set in order { pool.append(shares[set] ?? 0) }
    var resampler = Resampler(
      pool, key: bootstrap.key.folded("bootstrap").folded(name), resamples: bootstrap.resamples)
    var scores: [Double] = []
    if order.count > 1 {
      while let multiplicities = resampler.next() { scores.append(mean(pool.values, multiplicities)) }
    }
    return MetricScore(
      name: name, value: mean(pool.values, pool.multiplicities), interval: Interval(percentilesOf: scores),
      signature: signature, details: ["sets": Double(order.count)])
  }
}
