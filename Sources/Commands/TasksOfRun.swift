import Experiments
import Inference
import Support
import TaskRegistry

/// The tasks that a model can be asked, in the words that it read.
struct TasksOfRun {
  private let memory: RunMemory?
  private let catalog: TaskCatalog
  private let trained: (tasks: [TaskDefinition], notes: [String])

  /// - Parameters:
  ///   - memory: of the model's run.
  ///   - folders: those of definitions that are named; none for those that the run remembers.
  /// - Throws: `.badData` for a definition that does not hold.
  init(_ checkpoint: String, _ memory: RunMemory?, folders: [String]) throws(GraftError) {
    self.memory = memory
    catalog = try DataArguments.catalog(folders, remembering: memory)
    trained = SuiteRouting.trained(ModelHistory(of: checkpoint), catalog)
  }

  /// A note says if it is not defined as it was.
  /// - Throws: `.usage` for a task that is not defined here.
  func task(named name: String) throws(GraftError) -> TaskDefinition {
    for note in trained.notes where note.hasPrefix("'\(name)'") { standardError("note: \(note)") }
    if let found = trained.tasks.first(where: { $0.name == name }) { return try found.shown(memory?.partialInput) }
    return if let memory { try memory.task(named: name, in: catalog) } else { try catalog.task(named: name) }
  }

  /// Those that are named, else those that the run remembers.
  func tasks(_ named: [String]) throws(GraftError) -> [TaskDefinition] {
    try (named.isEmpty ? memory?.tasks ?? [] : named).map { (name) throws(GraftError) in try task(named: name) }
  }
}
