import Inference
import StressTesting
import Support
import TaskRegistry

/// A model that is asked over HTTP, and the tasks it answers.
public struct ServedModel: Sendable {
  /// What requests call it.
  public var name: String
  /// Where it is.
  public var path: String
  /// The tasks as which texts are put to it, the first where none is named.
  public var tasks: [TaskDefinition]
  let model: OpenModel
  let resources: StressResources

  /// - Parameter resources: what transforms look things up in.
  /// - Throws: `.usage` for a model that neither answers a task nor writes.
  public init(
    name: String, path: String, model: OpenModel, tasks: [TaskDefinition],
    resources: StressResources = StressResources()
  ) throws(GraftError) {
    (self.name, self.path, self.tasks) = (name, path, tasks)
    (self.model, self.resources) = (model, resources)
    guard model.writes || !tasks.isEmpty else {
      throw GraftError(
        .usage, "'\(path)' neither writes nor was trained on a task that is known here",
        hint: "give a fine-tuned run or a language model, or name a `task:` for it.")
    }
  }

  /// - Parameter name: nil for the first.
  /// - Throws: `.usage` for a task that the model does not have.
  func task(_ name: String?) throws(GraftError) -> TaskDefinition {
    guard let name else {
      guard let first = tasks.first else {
        throw GraftError(
          .usage, "'\(self.name)' answers no task: it goes on with texts", hint: "ask for what comes next.")
      }
      return first
    }
    guard let task = tasks.first(where: { $0.name.isExactly(name) }) else {
      throw .unknownName("task of '\(self.name)'", name, known: tasks.map(\.name))
    }
    return task
  }
}
