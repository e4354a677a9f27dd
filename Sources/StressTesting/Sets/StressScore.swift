import Foundation
import Records
import Scoring
import Support

extension Estimate {
  /// The share of what is true, with its bootstrap interval; nil for nothing.
  init?(shareOf facts: [Bool], bootstrap: BootstrapOptions) throws(GraftError) {
    guard !facts.isEmpty else { return nil }
    let score = try Accuracy().measure(
      facts.map { Prediction(text: "", choice: $0 ? 1 : 0) },
      facts.map { _ in Reference(text: "", choice: 1) },
      bootstrap: bootstrap)
    self.init(score.value ?? 0, score.interval)
  }
}

/// How a model answers a stress set beside the examples it was made from.
public struct StressScore: Sendable, Hashable, Codable {
  /// The name of the set's transform, or of several together.
  public var transform: String
  /// Members of the set.
  public var count: Int
  /// Examples that were offered to the transform.
  public var offered: Int
  /// How often it did not apply, by reason.
  public var notApplicable: [String: Int]
  /// Accuracy on the originals of the set's members.
  public var original: Estimate
  /// Accuracy on the members.
  public var transformed: Estimate
  /// transformed − original, by the paired bootstrap.
  public var change: Estimate
  /// Two-sided p of approximate randomisation.
  public var p: Double
  /// The share of pairs of which both are answered rightly.
  public var consistency: Estimate
  /// The share of members that must keep their label whose answer is another than that to the original; nil if there
  /// are none.
  public var flips: Estimate?
  /// The share of flips by which the probability of the first answer moves by at least `Probabilities.tolerance`:
  /// CheckList's failure of an invariance test. Nil without probabilities.
  public var failures: Estimate?
  /// Accuracy on the transformed examples by what was expected.
  public var byLabel: [String: Estimate]

  /// - Parameters:
  ///   - originals: an answer for each member's original, in order.
  ///   - changed: an answer for each member.
  /// - Returns: nil for an empty set.
  public init?(
    _ set: StressSet, originals: [Prediction], changed: [Prediction], choices: [String],
    bootstrap: BootstrapOptions = BootstrapOptions()
  ) throws(GraftError) {
    precondition(
      originals.count == set.members.count && changed.count == set.members.count,
      "StressScore: \(originals.count) and \(changed.count) answers to \(set.members.count) members")
    guard !set.members.isEmpty else { return nil }
    let before = zip(originals, set.members).map { Self.judged($0, [$1.original.targets], choices) }
    let after = zip(changed, set.members).map { Self.judged($0, $1.expected, choices) }
    let right = set.members.map { _ in Reference(text: "", choice: 1) }
    let accuracy = Accuracy()
    func estimate(_ answers: [Prediction]) throws(GraftError) -> Estimate {
      let score = try accuracy.measure(answers, right.prefix(answers.count).map { $0 }, bootstrap: bootstrap)
      return Estimate(score.value ?? 0, score.interval)
    }
    transform = set.name
    count = set.members.count
    offered = set.offered
    notApplicable = set.notApplicable
    original = try estimate(before)
    transformed = try estimate(after)
    let comparison = try accuracy.compare(seeds: [before], [after], right, bootstrap: bootstrap)
    change = Estimate(comparison?.difference ?? 0, comparison?.interval)
    p = comparison?.p ?? 1
    consistency =
      try Estimate(shareOf: zip(before, after).map { $0.choice == 1 && $1.choice == 1 }, bootstrap: bootstrap)
      ?? Estimate(0)
    var (flipped, failed) = ([Bool](), [Bool]())
    for (index, member) in set.members.enumerated() where member.isPreserved {
      flipped.append(originals[index].choice != changed[index].choice)
      if let failure = Probabilities.isFailure(original: originals[index], changed: changed[index]) {
        failed.append(failure)
      }
    }
    flips = try Estimate(shareOf: flipped, bootstrap: bootstrap)
    failures = failed.count == flipped.count ? try Estimate(shareOf: failed, bootstrap: bootstrap) : nil
    byLabel = [:]
    let expected = set.members.map { $0.expected.joined(separator: "-or-") }
    let labels = expected.exactlyDistinct
    for (label, name) in zip(labels, labels.canonicallyDistinct) {
      byLabel[name] = try estimate(
        expected.indices.filter { expected[$0].isExactly(label) }.map { after[$0] })
    }
  }

  /// An answer as right (1) or wrong (0); of choices that share the highest score each is worth its share.
  private static func judged(_ answer: Prediction, _ expected: [String], _ choices: [String]) -> Prediction {
    func isRight(_ choice: Int?) -> Int {
      choice.map { choices.indices.contains($0) && expected.containsExactly(choices[$0]) } == true ? 1 : 0
    }
    var judged = Prediction(text: "", choice: isRight(answer.choice))
    judged.tiedChoices = answer.tiedChoices?.map { isRight($0) }
    return judged
  }
}

/// Probabilities of choices, from scores that are logarithms of them up to a constant.
public enum Probabilities {
  /// A change of an answer counts as a failure only if its probability moves by this much (CheckList's default).
  public static let tolerance = 0.1

  /// The scores' softmax; nil for an answer without scores.
  public static func of(_ prediction: Prediction) -> [Double]? {
    guard let scores = prediction.choiceScores, let greatest = scores.max(), greatest.isFinite else {
      return nil
    }
    let masses = scores.map { exp($0 - greatest) }
    let total = masses.reduce(0, +)
    return masses.map { $0 / total }
  }

  /// Whether an answer that had to stay changed, and the probability of the first answer by at least the tolerance.
  static func isFailure(original: Prediction, changed: Prediction, tolerance: Double = tolerance) -> Bool? {
    guard let choice = original.choice, let before = of(original), let after = of(changed),
      before.indices.contains(choice), after.indices.contains(choice)
    else { return nil }
    return original.choice != changed.choice && abs(before[choice] - after[choice]) >= tolerance
  }
}
