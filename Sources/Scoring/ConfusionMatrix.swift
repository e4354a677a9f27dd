import Records

/// How often each label was taken for each.
public struct ConfusionMatrix: Sendable, Hashable {
  /// In the order of the task.
  public let labels: [String]
  /// `counts[right][given]`.
  public private(set) var counts: [[Int]]
  /// By what was right: answers that are none of the labels.
  public private(set) var invalid: [Int]

  /// Without examples.
  public init(labels: [String]) {
    self.labels = labels
    counts = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
    invalid = Array(repeating: 0, count: labels.count)
  }

  /// Adds answers with what was right; examples without a right label are left out.
  public mutating func add(_ answers: [Prediction], _ references: [Reference]) {
    for (answer, reference) in zip(answers, references) {
      guard let right = reference.choice, labels.indices.contains(right) else { continue }
      if let given = answer.choice, labels.indices.contains(given) {
        counts[right][given] += 1
      } else {
        invalid[right] += 1
      }
    }
  }

  /// Of the examples that are `label`, the share that were told to be; nil if there are none.
  public func recall(_ label: Int) -> Double? { Self.share(counts[label][label], of: total(label)) }

  /// Of the examples that were told to be `label`, the share that are; nil if there are none.
  public func precision(_ label: Int) -> Double? {
    Self.share(counts[label][label], of: counts.reduce(0) { $0 + $1[label] })
  }

  /// The harmonic mean of precision and recall: twice the hits over the examples that are the label and those that
  /// were told to be; nil if there are none of either.
  public func f1(_ label: Int) -> Double? {
    Self.share(2 * counts[label][label], of: total(label) + counts.reduce(0) { $0 + $1[label] })
  }

  /// How many examples are `label`.
  public func total(_ label: Int) -> Int { counts[label].reduce(invalid[label], +) }

  private static func share(_ part: Int, of whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }
}
