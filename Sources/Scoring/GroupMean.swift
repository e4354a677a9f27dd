import Randomness
import Records
import Support

extension Metric {
  /// The mean over the values of a group of this metric on the examples of each: every paradigm of BLiMP counts alike,
  /// however many pairs it has. The bootstrap draws within each value as many examples as it has.
  ///
  /// Worked example: a has right, right, wrong, wrong, b has right: 1/2 and 1, mean 3/4, where accuracy is 3/5.
  ///
  /// - Parameters:
  ///   - name: what the mean is called.
  ///   - values: of each example, the group's value; one without is left out.
  /// - Returns: a value of nil where there are no values, or the metric is undefined on one. `details["groups"]` is how
  ///   many there are.
  /// - Throws: `.badData` if there is not one prediction and one value per reference.
  public func groupMean(
    _ name: String, _ predictions: [Prediction], _ references: [Reference], values: [String?],
    bootstrap: BootstrapOptions
  ) throws(GraftError) -> MetricScore {
    try Self.checkCounts(predictions.count, references.count)
    try Self.checkCounts(values.count, references.count)
    var pools: [ByteString: Pool<Statistic>] = [:]
    var order: [ByteString] = []
    for index in references.indices {
      guard let value = values[index].map({ ByteString($0) }) else { continue }
      if pools[value] == nil { order.append(value) }
      pools[value, default: Pool()].append(
        try statistic(prediction: predictions[index], reference: references[index]))
    }
    let groups = order.compactMap { pools[$0] }
    let whole = groups.map { score($0.values, multiplicities: $0.multiplicities) }.reduce(0, +) / Double(groups.count)
    let key = bootstrap.key.folded("bootstrap").folded(name)
    var resamplers = groups.indices.map {
      Resampler(groups[$0], key: key.folded($0), resamples: bootstrap.resamples)
    }
    var scores: [Double] = []
    if whole.isFinite, groups.contains(where: { $0.elements.count > 1 }) {
      for _ in 0..<bootstrap.resamples {
        var sum = 0.0
        for index in groups.indices {
          guard let multiplicities = resamplers[index].next() else { continue }
          sum += score(groups[index].values, multiplicities: multiplicities)
        }
        if sum.isFinite { scores.append(sum / Double(groups.count)) }
      }
    }
    return MetricScore(
      name: name, value: whole.isFinite ? whole : nil, interval: Interval(percentilesOf: scores),
      signature: "mean-of-groups|of:\(signature)", details: ["groups": Double(groups.count)])
  }
}
