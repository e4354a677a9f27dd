import Support
import TaskRegistry

/// What cannot be read because its files are not here, looked for before anything is trained or scored.
public struct AbsentData {
  private let data: DataRoot
  /// Of what is absent, as messages call it.
  public private(set) var names: [String] = []
  private var first: GraftError?

  public init(in data: DataRoot) { self.data = data }

  public var isEmpty: Bool { names.isEmpty }

  /// - Parameter name: what a message calls the split; the task and the split by default.
  public mutating func look(for split: String, of task: TaskDefinition, as name: String? = nil) {
    add(name ?? "\(task.name) \(split)", task.absence(split: split, data: data))
  }

  /// The splits that are scored and, if there are any, suites.
  /// - Parameter splits: nil for every split with labels but `train`.
  public mutating func look(
    forScoring tasks: [TaskDefinition], splits: [String]? = nil, suites: [SuiteDefinition] = []
  ) {
    for task in tasks {
      for split in splits ?? task.scoredSplits { look(for: split, of: task) }
    }
    for suite in suites { add(suite.name, suite.absence(data: data)) }
  }

  private mutating func add(_ name: String, _ absence: GraftError?) {
    guard let absence else { return }
    names.append(name)
    first = first ?? absence
  }

  /// - Parameter hint: what to do other than to get the data.
  /// - Throws: `.missingInput` that names everything, if anything is absent.
  public func require(hint: String? = nil) throws(GraftError) {
    guard var error = first else { return }
    if names.count == 1 {
      if let hint { error.hint = [error.hint, "\(hint)."].compactMap(\.self).joined(separator: " ") }
      throw error
    }
    throw GraftError(
      .missingInput, "the data of \(names.joined(separator: ", ")) is not here",
      hint: "first: \(error.message)" + (error.hint.map { ": \($0)" } ?? ".")
        + " `graft data verify` says where everything comes from" + (hint.map { "; \($0)." } ?? "."))
  }
}
