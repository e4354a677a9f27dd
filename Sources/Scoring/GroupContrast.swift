import Records
import Support

/// How the scores of two groups of examples are compared.
public enum ContrastForm: String, Sendable, Hashable, Codable {
  /// The first minus the second.
  case difference
  /// The first over the second, such as the gender bias of GAP (Webster et al. 2018).
  case ratio

  func value(_ first: Double, _ second: Double) -> Double {
    switch self {
    case .difference: first - second
    case .ratio: second == 0 ? .nan : first / second
    }
  }
}

extension Metric {
  /// This metric on one group of examples compared with that on another, with a bootstrap interval.
  ///
  /// The bootstrap draws whole sets where examples belong to some (a sentence with "he" and the same with "she" go
  /// together), else examples.
  ///
  /// Worked example: accuracy right, right, wrong | right, wrong, wrong: the difference is 2/3 − 1/3.
  ///
  /// - Parameters:
  ///   - name: what the comparison is called.
  ///   - sides: 0 for an example of the first group, 1 for one of the second, nil for others.
  ///   - sets: of each example, the set it belongs to, if any.
  /// - Returns: a value of nil where a group is empty or the comparison undefined.
  /// - Throws: `.badData` if there is not one prediction, side and set per reference.
  public func contrast(
    _ name: String, _ form: ContrastForm, _ predictions: [Prediction], _ references: [Reference],
    sides: [Int?], sets: [String?], bootstrap: BootstrapOptions
  ) throws(GraftError) -> MetricScore {
    for count in [predictions.count, sides.count, sets.count] {
      try Self.checkCounts(count, references.count)
    }
    var statistics = Pool<Statistic>()
    var units: [ByteString: [ContrastMember]] = [:]
    var order: [ByteString] = []
    for index in references.indices {
      guard let side = sides[index] else { continue }
      statistics.append(try statistic(prediction: predictions[index], reference: references[index]))
      let member = ContrastMember(side: side, statistic: Int(statistics.elements.last ?? 0))
      // A set's name cannot be that of an example which stands alone.
      let unit = ByteString(sets[index].map { "set \($0)" } ?? "example \(index)")
      if units[unit] == nil { order.append(unit) }
      units[unit, default: []].append(member)
    }
    var pool = Pool<[ContrastMember]>()
    for unit in order { pool.append(units[unit, default: []].sorted()) }
    let found = statistics
    func value(_ multiplicities: [Int]) -> Double {
      var counts = [[Int]](repeating: [Int](repeating: 0, count: found.values.count), count: 2)
      for (profile, multiplicity) in zip(pool.values, multiplicities) where multiplicity > 0 {
        for member in profile { counts[member.side][member.statistic] += multiplicity }
      }
      return form.value(
        score(found.values, multiplicities: counts[0]), score(found.values, multiplicities: counts[1]))
    }
    let whole = value(pool.multiplicities)
    var resampler = Resampler(
      pool, key: bootstrap.key.folded("bootstrap").folded(name), resamples: bootstrap.resamples)
    var scores: [Double] = []
    if whole.isFinite, order.count > 1 {
      while let multiplicities = resampler.next() {
        let resampled = value(multiplicities)
        if resampled.isFinite { scores.append(resampled) }
      }
    }
    return MetricScore(
      name: name, value: whole.isFinite ? whole : nil, interval: Interval(percentilesOf: scores),
      signature: "\(form.rawValue)|of:\(signature)")
  }
}

/// An example of a unit that the bootstrap draws: its group, and its statistic among the distinct ones.
struct ContrastMember: Hashable, Comparable, Sendable {
  var side: Int
  var statistic: Int

  static func < (first: ContrastMember, second: ContrastMember) -> Bool {
    (first.side, first.statistic) < (second.side, second.statistic)
  }
}
