import Records
import Support

/// What gives texts probabilities, whatever kind of model it is.
protocol TextScoring: Sendable {
  /// - Parameters:
  ///   - input: what the model reads first, nil for nothing.
  ///   - names: of the targets, for errors; empty if they have none.
  func score(input: String?, targets: [String], names: [String]) throws(GraftError) -> [ScoredText]
}

extension TextScoring {
  /// Which of two texts is the likelier, `targets` (0) or `inputs` (1), for every example. They tie where they are
  /// equally likely, and where they are the same.
  /// - Throws: as `score`.
  func preferences(_ examples: [Example]) throws(GraftError) -> [Prediction] {
    // By length, so that a batch wastes little.
    let texts = examples.flatMap { [$0.targets, $0.inputs] }
    let order = texts.indices.sorted { (texts[$0].utf8.count, $0) < (texts[$1].utf8.count, $1) }
    var totals = [Double](repeating: 0, count: texts.count)
    let scores = try score(
      input: nil, targets: order.map { texts[$0] }, names: order.map { examples[$0 / 2].identifier })
    for (index, score) in zip(order, scores) {
      totals[index] = score.total
    }
    return examples.indices.map { index in
      let (example, better) = (examples[index], totals[2 * index])
      // The same text in another batch may differ in its last bit.
      let isSame = example.targets.utf8.elementsEqual(example.inputs.utf8)
      return Prediction([example.targets, example.inputs], scores: [better, isSame ? better : totals[2 * index + 1]])
    }
  }
}
