import ArgumentParser
import Foundation
import Support
import TaskRegistry

/// The tasks' own training prompts as text to read: what `--task-text` names.
enum TaskText {
  /// Writes the prompts of a task's training split, without labels, as a file of `cache`, one document a line.
  /// - Parameter field: the JSON field that holds the text.
  /// - Returns: the file's path.
  static func file(
    task name: String, data: DataArguments, cache: String, field: String
  ) throws(GraftError) -> String {
    let task = try data.catalog().task(named: name)
    guard !task.isForRankingOnly else {
      throw GraftError(
        .usage, "the prompts of task '\(task.name)' hold its answers", hint: "take the text of another task.")
    }
    let prompts = try task.examples(split: "train", data: data.root).map(\.inputs)
    let path = path(task: task.name, cache: cache)
    try makeFolder(Paths.parent(of: path))
    var lines = JSONLines()
    for prompt in prompts { try lines.append([field: prompt]) }
    try lines.write(to: path)
    return path
  }

  /// Where that file is.
  static func path(task name: String, cache: String) -> String { "\(cache)/task-text/\(name).jsonl" }

  /// Where a command that writes to `output` keeps such files if no cache is named.
  static func defaultCache(besides output: String) -> String {
    Paths.join(Paths.parent(of: Paths.absolute(output)), "cache")
  }
}
