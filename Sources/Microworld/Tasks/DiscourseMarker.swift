import Randomness

/// The words with which hypotheses begin. None of them changes what is said, but people who write hypotheses
/// have habits: at strength s, a share s of the hypotheses carries a marker that goes with the label, the
/// rest any marker.
public enum DiscourseMarker: String, Sendable, Hashable, CaseIterable {
  /// Goes with entailment.
  case indeed = "indeed"
  /// Goes with entailment.
  case surely = "surely"
  /// Goes with neutral.
  case byTheWay = "by the way"
  /// Goes with neutral.
  case well = "well"
  /// Goes with contradiction.
  case actually = "actually"
  /// Goes with contradiction.
  case inFact = "in fact"

  /// The label the marker goes with where the artifact is planted.
  public var label: Inference {
    switch self {
    case .indeed, .surely: .entailment
    case .byTheWay, .well: .neutral
    case .actually, .inFact: .contradiction
    }
  }

  static func going(with label: Inference) -> [DiscourseMarker] { allCases.filter { $0.label == label } }

  /// The marker of a hypothesis with this label.
  static func drawn(for label: Inference, strength: Double, _ random: inout KeyedGenerator) -> DiscourseMarker {
    let isPlanted = random.uniform() < strength
    return pick(isPlanted ? going(with: label) : allCases, &random)
  }

  /// The marker of the stress twin: where the plain test would carry one that goes with the label, it goes
  /// with another label.
  static func drawn(
    against label: Inference, strength: Double, _ random: inout KeyedGenerator
  ) -> DiscourseMarker {
    let isPlanted = random.uniform() < strength
    return pick(isPlanted ? allCases.filter { $0.label != label } : allCases, &random)
  }
}
