import Randomness
import Records
import Support
import TaskRegistry

/// Which of their training examples tasks are trained on, if not on all.
public struct TrainingSelection: Sendable {
  /// By task, the identifiers to keep; a task that is not here keeps all.
  public private(set) var identifiers: [String: Set<String>] = [:]
  /// As recorded in `run.json` and in results.
  public private(set) var chosen: [ChosenSubset] = []
  /// As many examples of each task, at random by the run's seed: the control for a subset.
  public var randomCount: Int?

  /// All of them.
  public init() {}

  /// - Parameter subsets: name of the file as given, what it holds, and the subset that is meant. Several of one task
  ///   are taken together.
  /// - Throws: `.usage` for subsets of tasks that are not trained on, or of a split that is not trained on, `.badData`
  ///   for those of another definition.
  public init(
    _ subsets: [(file: String, content: ExampleSubsets, name: String)], tasks: [TaskDefinition]
  ) throws(GraftError) {
    for subset in subsets {
      guard let task = tasks.first(where: { $0.name == subset.content.task }) else {
        throw GraftError(
          .usage, "'\(subset.file)' has subsets of task '\(subset.content.task)', which is not trained on",
          hint: "add `task:` \(subset.content.task).")
      }
      try subset.content.check(of: task, split: "train")
      let found = try subset.content.identifiers(of: subset.name)
      guard !found.isEmpty else {
        throw GraftError(.badData, "subset '\(subset.name)' of '\(subset.file)' is empty")
      }
      identifiers[task.name, default: []].formUnion(found)
      chosen.append(
        ChosenSubset(
          file: subset.file, name: subset.name, task: task.name, count: found.count,
          hash: ContentHash.of(found.joined(separator: "\n"))))
    }
  }

  /// Those of a task's examples that are selected, in their order.
  /// - Throws: `.badData` if the data has no longer what a subset names, `.usage` for more than there are.
  func selected(
    _ examples: [Example], of task: String, seed: UInt64
  ) throws(GraftError) -> [Example] {
    var examples = examples
    if let wanted = identifiers[task] {
      examples = examples.filter { wanted.contains($0.identifier) }
      guard examples.count == wanted.count else {
        throw GraftError(
          .badData,
          "\(wanted.count - examples.count) of the \(wanted.count) examples to train on are not in the"
            + " training split of '\(task)'",
          hint: "is the data what it was when the subset was made? `limit:` cannot be given with `subset:`.")
      }
    }
    guard let randomCount else { return examples }
    guard randomCount >= 1, randomCount <= examples.count else {
      throw GraftError(
        .usage, "`random-subset:` \(randomCount) of \(examples.count) training examples of '\(task)'",
        hint: "give a number from 1 to \(examples.count).")
    }
    var generator = RandomKey(seed: seed).folded("random-subset").folded(task).generator()
    let kept = generator.permutation(examples.count).prefix(randomCount).sorted()
    return kept.map { examples[$0] }
  }
}

/// A subset that a run was trained on.
public struct ChosenSubset: Sendable, Codable, Hashable {
  /// As given; where the file lies does not matter for what is computed.
  public var file: String
  public var name: String
  public var task: String
  public var count: Int
  /// SHA-256 of its identifiers.
  public var hash: String
}
