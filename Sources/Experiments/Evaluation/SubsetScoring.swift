import Foundation
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// Splits scores by named subsets of what was evaluated, such as the easy and the hard part of a test set.
public struct SubsetScoring {
  /// The group that results name the subset by.
  public static let group = "subset"

  private var files: [(path: String, content: ExampleSubsets)] = []

  /// - Throws: `.missingInput` without a file, `.badData` for one that is no file of subsets.
  public init(_ paths: [String]) throws(GraftError) {
    for path in paths { files.append((path, try ExampleSubsets.read(path))) }
  }

  /// Whether there is no file.
  public var isEmpty: Bool { files.isEmpty }

  /// - Throws: `.usage` if a file is about a task that is not evaluated, `.badData` for one of another definition.
  public func check(_ tasks: [TaskDefinition]) throws(GraftError) {
    for (path, content) in files {
      guard let task = tasks.first(where: { $0.name == content.task }) else {
        throw GraftError(
          .usage, "'\(path)' has subsets of task '\(content.task)', which is not evaluated",
          hint: "add `task:` \(content.task).")
      }
      try content.check(of: task)
    }
  }

  /// Whether there are subsets of a split.
  func concerns(_ task: String, _ split: String) -> Bool {
    files.contains { $0.content.task == task && $0.content.split == split }
  }

  /// A score per metric and subset of a task's split.
  ///
  /// - Parameters:
  ///   - report: what was scored.
  ///   - identifiers: of its examples, in its order.
  func groups(
    _ report: ScoreReport, task: TaskDefinition, split: String, identifiers: [String]
  ) throws(GraftError) -> [GroupScore] {
    var groups: [GroupScore] = []
    let own = files.filter { $0.content.task == task.name && $0.content.split == split }
    let names = own.flatMap(\.content.names)
    for (path, content) in own {
      for name in content.names {
        let wanted = Set(content.subsets[name] ?? [])
        let indices = identifiers.indices.filter { wanted.contains(identifiers[$0]) }
        guard !indices.isEmpty else { continue }
        // Files may call their subsets the same.
        let file = Paths.stem(of: path)
        let value = names.count { $0 == name } > 1 ? "\(file):\(name)" : name
        groups += try report.part(Self.group, value, of: indices, task: task)
      }
    }
    return groups
  }
}
