import Examples
import Randomness
import Support
import TaskRegistry

/// Makes stress sets from the examples of one task. The same seed and examples give the same sets, whatever the order
/// and number of examples: what is drawn depends on an example's identifier.
public struct StressSetMaker: Sendable {
  public let task: TaskDefinition
  public let shape: TaskShape
  public var resources: StressResources
  public let key: RandomKey

  /// The groups by which results of a set are shown.
  static let transformGroup = "transform"
  static let categoryGroup = "category"
  /// How often a transform is tried on an example of whose outcomes a balanced set is chosen.
  public static let drawsTogether = 6

  /// - Throws: `.usage` for a task that no transform is made for.
  public init(task: TaskDefinition, resources: StressResources, seed: UInt64) throws(GraftError) {
    self.task = task
    self.shape = try TaskShape(task)
    self.resources = resources
    key = RandomKey(seed: seed).folded("stress")
  }

  /// The transforms that can speak of a kind of task, in alphabetical order.
  public static func transforms(fitting kind: TaskShape.Kind) -> [String] {
    StressTransforms.table.entries.filter { $0.plugin.fits.contains(kind) }.map(\.name)
  }

  /// - Throws: `.usage` for an unknown transform, or one that cannot speak of the task's labels.
  public func transform(named name: String) throws(GraftError) -> any StressTransform {
    let transform = try StressTransforms.table(name)
    guard transform.fits.contains(shape.kind) else {
      throw GraftError(
        .usage,
        "transform '\(name)' is for tasks of \(transform.fits.sorted().map(\.rawValue).joined(separator: ", "));"
          + " '\(task.name)' is one of \(shape.kind.rawValue)",
        hint: shape.kind == .question
          ? "for questions there are checklists."
          : "for it there are: \(Self.transforms(fitting: shape.kind).joined(separator: ", ")).")
    }
    return transform
  }

  /// What the transform called `name` makes of examples.
  ///
  /// - Parameter draws: how often it is tried on each, with another draw; what comes out twice is made once.
  /// - Throws: `.badData` for an example without label; what the transform and the task's preprocessors throw.
  public func make(
    _ name: String, from examples: [Example], draws: Int = 1
  ) throws(GraftError) -> StressSet {
    let transform = try transform(named: name)
    let key = key.folded(name)
    var set = StressSet(name: name, members: [], offered: examples.count, notApplicable: [:])
    for example in examples {
      guard shape.choices.containsExactly(example.targets) else {
        throw GraftError(
          .badData, "example '\(example.identifier)' has no label to make another of",
          hint: "the split is unlabelled; take another with --split.")
      }
      let input = StressInput(example, shape: shape)
      let key = key.folded(example.identifier)
      var seen: Set<ByteString> = []
      for draw in 0..<max(1, draws) {
        // The first draw is the one of a single try.
        let outcome = try transform(input, resources, at: draw == 0 ? key : key.folded("draw \(draw)"))
        switch outcome {
        case .notApplicable(let reason):
          if draw == 0 { set.notApplicable[reason, default: 0] += 1 }
        case .changed(let texts, let expectation):
          let suffix = draw == 0 ? name : "\(name).\(draw + 1)"
          let member = try member(
            example, texts, expectation, name, category: transform.category, suffix: suffix)
          if member.changed.inputs.isExactly(example.inputs) {
            if draw == 0 { set.notApplicable["the task's own preprocessing undoes it", default: 0] += 1 }
          } else if seen.insert(ByteString(member.changed.inputs)).inserted {
            set.members.append(member)
          }
        }
        if case .notApplicable = outcome { break }
      }
    }
    return set
  }

  private func member(
    _ example: Example, _ texts: [TextRole: String], _ expectation: StressExpectation, _ name: String,
    category: String?, suffix: String
  ) throws(GraftError) -> StressMember {
    let expected =
      switch expectation {
      case .labelPreserved: [example.targets]
      case .labelBecomes(let label): [label]
      case .labelIn(let labels): labels
      }
    var fields = example.fields
    for (role, text) in texts { fields[shape.field(role)] = text }
    var groups = [Self.transformGroup: name]
    groups[Self.categoryGroup] = category
    return StressMember(
      original: example,
      changed: try task.prompt(
        fields, label: expected[0], groups: groups, identifier: "\(example.identifier)+\(suffix)"),
      expected: expected, isPreserved: expectation == .labelPreserved, transform: name)
  }

  /// Several sets as one with as many members of each label, drawn by the key: what one transform alone cannot be,
  /// for all its labels may be the same.
  ///
  /// Where enough premises have members of every label, one of each is taken of a premise, such that the words that are
  /// changed are as frequent under each label, too (`MatchedSelection`).
  public func together(_ sets: [StressSet], name: String) -> StressSet {
    let all = sets.flatMap(\.members)
    var reasons: [String: Int] = [:]
    for set in sets { for (reason, count) in set.notApplicable { reasons["\(set.name): \(reason)"] = count } }
    let offered = sets.reduce(0) { $0 + $1.offered }
    var matching = MatchedSelection(all, shape: shape, key: key.folded("together"))
    let matched = matching.selected()
    if matched.count >= StressAuditor.smallestProbed {
      return StressSet(name: name, members: matched, offered: offered, notApplicable: reasons)
    }
    func expected(_ member: StressMember) -> [ByteString] { member.expected.map { ByteString($0) } }
    let labels = Array(Set(all.map { expected($0) })).sorted { $0.lexicographicallyPrecedes($1) }
    let smallest = labels.map { label in all.count { expected($0) == label } }.min() ?? 0
    var kept: Set<String> = []
    for label in labels {
      let ranked = all.filter { expected($0) == label }.map { member in
        (
          rank: key.folded("together").folded(member.changed.identifier).order,
          name: member.changed.identifier
        )
      }
      kept.formUnion(ranked.sorted { $0 < $1 }.prefix(smallest).map(\.name))
    }
    return StressSet(
      name: name, members: all.filter { kept.contains($0.changed.identifier) }, offered: offered,
      notApplicable: reasons)
  }
}
