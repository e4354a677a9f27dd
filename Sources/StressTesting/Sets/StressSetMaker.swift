import Randomness
import Records
import Support
import TaskRegistry

/// Makes stress sets from the examples of one task. The same seed and examples give the same sets, whatever the order
/// and number of examples: what is drawn depends on an example's identifier.
public struct StressSetMaker: Sendable {
  /// The task whose examples are changed.
  public let task: TaskDefinition
  /// The form of that task.
  public let shape: TaskShape
  /// What transforms look things up in.
  public var resources: StressResources
  /// Decides all that is drawn; a function of the seed alone.
  public let key: RandomKey

  /// The groups by which results of a set are shown.
  static let transformGroup = "transform"
  /// The name of the group that holds a transform's category of Breaking NLI.
  public static let categoryGroup = "category"

  /// - Throws: `.usage` for a task that no transform is made for.
  public init(task: TaskDefinition, resources: StressResources, seed: UInt64) throws(GraftError) {
    self.task = task
    self.shape = try TaskShape(task)
    self.resources = resources
    key = RandomKey(seed: seed).folded("stress")
  }

  /// The transforms that can speak of a kind of task, in alphabetical order.
  public static func transforms(fitting kind: TaskShape.Kind) -> [String] {
    StressTransforms.registry.entries.filter { $0.plugin.fits.contains(kind) }.map(\.name)
  }

  /// - Throws: `.usage` for an unknown transform, or one that cannot speak of the task's labels.
  public func transform(named name: String) throws(GraftError) -> any StressTransform {
    let transform = try StressTransforms.registry(name)
    guard transform.fits.contains(shape.kind) else {
      throw GraftError(
        .usage,
        "transform '\(name)' is for tasks of \(transform.fits.sorted().map(\.rawValue).joined(separator: ", "));"
          + " '\(task.name)' is one of \(shape.kind.rawValue)",
        hint: shape.kind == .question
          ? "for questions there are checklists."
          : "for it there are: \(Self.transforms(fitting: shape.kind).joined(separator: ", ")).\(otherNames(for: transform))"
      )
    }
    return transform
  }

  /// What a pair of texts would have to be called for a transform to know what they are to each other.
  private func otherNames(for transform: any StressTransform) -> String {
    guard shape.kind == .pair else { return "" }
    let kinds = transform.fits.filter { $0.roles.count == 2 }.sorted()
    guard !kinds.isEmpty else { return "" }
    return " A prompt of "
      + kinds.map { "\($0.names) (\($0.rawValue))" }.joined(separator: ", or of ") + " would do: "
      + "`fields:` of the task's source gives its columns these names."
  }

  /// What the transform called `name` makes of examples.
  ///
  /// - Throws: `.badData` for an example without label; what the transform and the task's preprocessors throw.
  public func make(_ name: String, from examples: [Example]) throws(GraftError) -> StressSet {
    let transform = try transform(named: name)
    let key = key.folded(name)
    var set = StressSet(name: name, members: [], offered: examples.count, notApplicable: [:])
    for example in examples {
      try check(example)
      switch try transform(StressInput(example, shape: shape), resources, at: key.folded(example.identifier)) {
      case .notApplicable(let reason): set.notApplicable[reason, default: 0] += 1
      case .changed(let texts, let expectation):
        let member = try member(
          example, texts, expectation, name, category: transform.category, suffix: name)
        if member.changed.inputs.isExactly(example.inputs) {
          set.notApplicable["the task's own preprocessing undoes it", default: 0] += 1
        } else {
          set.members.append(member)
        }
      }
    }
    return set
  }

  /// - Throws: `.badData` for an example without label.
  func check(_ example: Example) throws(GraftError) {
    guard shape.choices.containsExactly(example.targets) else {
      throw GraftError(
        .badData, "example '\(example.identifier)' has no label to make another of",
        hint: "the split is unlabelled; take another with `split:`.")
    }
  }

  func member(
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

  /// What several transforms make, as one set with as many members of each label: what one alone cannot be, for all its
  /// labels may be the same.
  ///
  /// Where enough premises allow it the set is one of `TextCube`s, else members are drawn by the key.
  public func together(
    _ names: [String], from examples: [Example], name: String
  ) throws(GraftError) -> StressSet {
    let cubes = try cubes(names, from: examples, name: name)
    if cubes.members.count >= StressAuditor.smallestProbed { return cubes }
    var sets: [StressSet] = []
    for transform in names { sets.append(try make(transform, from: examples)) }
    return cut(sets, name: name)
  }

  private func cut(_ sets: [StressSet], name: String) -> StressSet {
    let all = sets.flatMap(\.members)
    var reasons: [String: Int] = [:]
    for set in sets { for (reason, count) in set.notApplicable { reasons["\(set.name): \(reason)"] = count } }
    let offered = sets.reduce(0) { $0 + $1.offered }
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
