import Probing
import Randomness
import Records
import Scoring
import Support

/// What was looked into before a stress set is given out, and what came of it.
public struct StressAudit: Sendable, Hashable, Codable {
  /// One way in which a set could be solved without the skill.
  public enum Check: String, Sendable, Hashable, Codable, CaseIterable {
    /// No label is much more frequent than the others, or than it was in the split the set was made from.
    case balance
    /// A linear model that sees one text alone cannot tell the label.
    case partialInput = "partial-input"
    /// The hypotheses do not occur in training.
    case trainingOverlap = "training-overlap"
  }

  /// What one check found.
  public struct Finding: Sendable, Hashable, Codable {
    /// The check that found it.
    public var check: Check
    /// Whether the set, or with `training-overlap` some of its rows, is rejected for it.
    public var isRejection: Bool
    /// For people.
    public var detail: String
  }

  /// The set's name.
  public var set: String
  /// Examples that were offered to the transforms.
  public var offered: Int
  /// How often a transform did not apply, by reason.
  public var notApplicable: [String: Int]
  /// Members that were made, before those that occur in training were taken out.
  public var made: Int
  /// How many are left after rows that occur in training.
  public var count: Int
  /// How many of those left have each label, merged ones counted as their class.
  public var labels: [ByteString: Int]
  /// At least one for every check that could be made; none but of training for an empty set.
  public var findings: [Finding]

  /// Whether the whole set is rejected.
  public var isRejected: Bool {
    count == 0 || findings.contains { $0.isRejection && $0.check != .trainingOverlap }
  }
}

/// Looks whether a stress set can be solved without the skill it is made for.
public struct StressAuditor: Sendable {
  /// By how much the share of a label may exceed that of equally frequent ones, or its share in the original split.
  public static let balanceTolerance = 0.1
  static let foldCount = 5
  /// Fewer members than this say nothing about a probe.
  static let smallestProbed = 50

  /// The form of the task whose sets are audited.
  public let shape: TaskShape
  let key: RandomKey
  /// The judged texts of the training split in normal form; nil if it is not here.
  private let trainingTexts: Set<ByteString>?
  private let bootstrap: BootstrapOptions

  /// - Parameters:
  ///   - training: the training split, of which only the judged texts are kept; nil if it is not here.
  ///   - seed: decides which members are in which fold.
  public init(
    shape: TaskShape, training: [Example]?, seed: UInt64, bootstrap: BootstrapOptions = BootstrapOptions()
  ) {
    self.shape = shape
    self.bootstrap = bootstrap
    key = RandomKey(seed: seed).folded("stress-audit")
    let field = shape.field(shape.roles[shape.roles.count - 1])
    trainingTexts = training.map { examples in Set(examples.map { Self.normal($0.fields[field] ?? "") }) }
  }

  /// - Parameter source: the labels of every example that was offered.
  /// - Returns: what was found; the rows that are left; and those that are not, because training has them.
  public func audit(
    _ set: StressSet, source: [String]
  ) throws(GraftError) -> (audit: StressAudit, kept: [StressMember], overlapping: [StressMember]) {
    var (kept, overlapping) = ([StressMember](), [StressMember]())
    for member in set.members {
      if occursInTraining(member) { overlapping.append(member) } else { kept.append(member) }
    }
    let merged = MergedLabels(choices: shape.choices, expected: set.members.map(\.expected))
    var counts: [ByteString: Int] = [:]
    for member in kept { counts[ByteString(merged(member.expected[0])), default: 0] += 1 }
    var findings = [overlap(overlapping.count, of: set.members.count)]
    if !kept.isEmpty {
      findings.append(balance(counts, kept, source.map { merged($0) }, merged.classes))
      findings += try partialInput(kept, merged)
    }
    return (
      StressAudit(
        set: set.name, offered: set.offered, notApplicable: set.notApplicable, made: set.members.count,
        count: kept.count, labels: counts, findings: findings),
      kept, overlapping
    )
  }

  // MARK: Training

  /// About the text that is judged; where the label stays, only if other words stand there than in the original,
  /// which may occur in training anyway.
  private func occursInTraining(_ member: StressMember) -> Bool {
    guard let trainingTexts else { return false }
    let field = shape.field(shape.roles[shape.roles.count - 1])
    let text = Self.normal(member.changed.fields[field] ?? "")
    if member.isPreserved, text == Self.normal(member.original.fields[field] ?? "") { return false }
    return trainingTexts.contains(text)
  }

  private static func normal(_ text: String) -> ByteString {
    ByteString(WordText(text).lowercasedWords.joined(separator: " "))
  }

  private func overlap(_ count: Int, of all: Int) -> StressAudit.Finding {
    let what = shape.roles.count == 1 ? "texts" : "\(shape.roles[shape.roles.count - 1].rawValue) texts"
    return StressAudit.Finding(
      check: .trainingOverlap, isRejection: count > 0,
      detail: trainingTexts == nil
        ? "not looked into: the training split is not here"
        : "\(count) of \(all) \(what) occur in the training split")
  }

  // MARK: Balance

  private func balance(
    _ counts: [ByteString: Int], _ members: [StressMember], _ source: [String], _ classes: [String]
  ) -> StressAudit.Finding {
    let total = Double(members.count)
    let isPreserved = members.allSatisfy(\.isPreserved)
    var worst = (label: classes.first ?? "", excess: -1.0, share: 0.0, expected: 0.0)
    for label in classes {
      let share = Double(counts[ByteString(label)] ?? 0) / total
      let expected =
        isPreserved
        ? Double(source.count { $0.isExactly(label) }) / Double(max(1, source.count))
        : 1 / Double(classes.count)
      if share - expected > worst.excess { worst = (label, share - expected, share, expected) }
    }
    func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
    return StressAudit.Finding(
      check: .balance, isRejection: worst.excess > Self.balanceTolerance,
      detail: "\(percent(worst.share)) are \(worst.label), \(percent(worst.expected)) "
        + (isPreserved ? "in the original split" : "if all \(classes.count) labels were equally frequent"))
  }

  // MARK: Partial input

  private func partialInput(
    _ members: [StressMember], _ merged: MergedLabels
  ) throws(GraftError) -> [StressAudit.Finding] {
    func finding(_ isRejection: Bool, _ detail: String) -> StressAudit.Finding {
      StressAudit.Finding(check: .partialInput, isRejection: isRejection, detail: detail)
    }
    guard shape.roles.count > 1 else {
      return [finding(false, "not looked into: the task has one text, which is the whole input")]
    }
    guard members.count >= Self.smallestProbed else {
      return [finding(false, "not looked into: \(members.count) rows are too few")]
    }
    let labels = members.map { merged.classes.exactIndex(of: merged($0.expected[0])) ?? 0 }
    let isPreserved = members.allSatisfy(\.isPreserved)
    let majority =
      Double(Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +).values.max() ?? 0)
      / Double(labels.count)
    var findings: [StressAudit.Finding] = []
    for role in shape.roles {
      let field = shape.field(role)
      let answers = crossFitted(members, labels, merged.classes.count) { $0.changed.fields[field] ?? "" }
      let references = labels.map { Reference(text: "", choice: $0) }
      let score = try Accuracy().measure(answers, references, bootstrap: bootstrap)
      let value = score.value ?? 0
      func shown(_ value: Double) -> String { "\(Double((1000 * value).rounded()) / 10) %" }
      if isPreserved {
        let before = crossFitted(members, labels, merged.classes.count) { $0.original.fields[field] ?? "" }
        let comparison = try Accuracy().compare(seeds: [before], [answers], references, bootstrap: bootstrap)
        let isEasier = (comparison?.interval?.lower ?? 0) > 0
        findings.append(
          finding(
            isEasier,
            "\(role.rawValue) alone: \(shown(value)), of the originals \(shown(comparison?.first ?? 0))"
              + (isEasier ? ", beyond the interval of the difference" : "")))
      } else {
        let isSolved = (score.interval?.lower ?? 0) > majority
        findings.append(
          finding(
            isSolved,
            "\(role.rawValue) alone: \(shown(value)), the most frequent label \(shown(majority))"
              + (isSolved ? ", beyond the interval" : "")))
      }
    }
    return findings
  }

  /// What a linear n-gram model says that was trained on the other folds. Members with one original, or with
  /// originals that share their first text, are in one fold.
  private func crossFitted(
    _ members: [StressMember], _ labels: [Int], _ classCount: Int, _ text: (StressMember) -> String
  ) -> [Prediction] {
    let first = shape.field(shape.roles[0])
    let folds = members.map { member in
      Int(
        key.folded(member.original.fields[first] ?? member.original.identifier).word0 % UInt32(Self.foldCount)
      )
    }
    let texts = members.map(text)
    var answers = members.map { _ in Prediction(text: "") }
    for fold in 0..<Self.foldCount {
      let training = members.indices.filter { folds[$0] != fold }
      let classifier = NGramClassifier.train(
        texts: training.map { texts[$0] }, labels: training.map { labels[$0] }, classCount: classCount)
      for index in members.indices where folds[index] == fold {
        answers[index].choice = classifier.predict(texts[index])
      }
    }
    return answers
  }
}
