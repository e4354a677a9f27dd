import Randomness
import Records
import Support
import TaskRegistry

/// The answered rows that lm-evaluation-harness (0.4.13) puts before a prompt (`num_fewshot`): for one row after the
/// other it draws anew, from all rows of the split that the task's file names for it, with one stream of Python's
/// random numbers for a task.
///
/// Where the harness draws from another split than it tests it draws one more than it needs, and leaves out what equals
/// the tested row, or else the last. Its data sets number their rows, so that none of the split that it draws from
/// equals one that it tests.
struct HarnessShots {
  /// The harness's `fewshot_random_seed`, where nobody gives another.
  private static let seed: UInt32 = 1234

  private let count: Int
  private let drawnCount: Int
  private let rows: [Example]
  /// Between a prompt and its answer. An answer that is not a choice brings a space of its own.
  private let space: String
  private var random = PythonRandom(seed: seed)

  /// - Parameter count: how many for each row; at least 1.
  /// - Throws: `.usage` for a task that has no such rows or too few; `.missingInput` where they are not here.
  init(_ count: Int, of task: TaskDefinition, data: DataRoot) throws(GraftError) {
    let split = try Self.split(of: task)
    drawnCount = split == task.evaluationSplit ? count : count + 1
    rows = try task.examples(split: split, data: data)
    guard drawnCount <= rows.count else {
      throw GraftError(
        .usage,
        "`shots:` \(count) draws \(drawnCount) rows of the split '\(split)' of '\(task.name)', which has \(rows.count)",
        hint: "give a smaller number.")
    }
    self.count = count
    space = task.output == .text ? "  " : " "
  }

  /// The split that the rows are drawn from.
  /// - Throws: `.usage` for a task that the harness gives no examples, or whose rows Graft does not have.
  static func split(of task: TaskDefinition) throws(GraftError) -> String {
    let name = HarnessProtocol.harnessName(task)
    guard name != "blimp" else {
      throw GraftError(
        .usage, "`shots:` is not for '\(name)', which the harness puts without examples whatever is asked for",
        hint: "leave it out for this task.")
    }
    // Its data set has nothing else.
    let split = name == "lambada_openai" ? "test" : "train"
    guard task.splitNames.contains(split) else {
      throw GraftError(
        .usage,
        "`shots:` is not for '\(name)': the harness draws them from its split '\(split)', which is not among Graft's data",
        hint: "leave it out for this task.")
    }
    return split
  }

  /// What stands before the next row's prompt.
  mutating func next() -> String {
    random.sample(drawnCount, below: rows.count).prefix(count)
      .map { rows[$0].inputs + space + rows[$0].targets + "\n\n" }.joined()
  }
}

extension Example {
  /// Puts a text before the prompt, and before that of every candidate.
  mutating func prepend(_ text: String) {
    inputs = text + inputs
    candidates = candidates?.map { Candidate(inputs: text + $0.inputs, targets: $0.targets) }
  }
}
