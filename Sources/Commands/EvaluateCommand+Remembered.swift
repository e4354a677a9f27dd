import Experiments
import Inference
import Support
import TaskRegistry

/// What an evaluation takes from the runs of its models where it is told nothing.
struct RememberedEvaluation {
  /// Of the first model whose run is here.
  private let memory: RunMemory?
  private let path: String?
  /// Whether nothing else is named to be scored on.
  private let isWanted: Bool

  /// - Parameter isWanted: whether nothing is named to be scored on, so that the models' own tasks are.
  init(_ models: [EvaluatedModel], isWanted: Bool) {
    let known = models.lazy.compactMap { model in RunMemory(of: model.path).map { (model.path, $0) } }.first
    (path, memory) = (known?.0, known?.1)
    self.isWanted = isWanted
  }

  /// The tasks to score on, in the words that the model read; none where others are named or the run is not known.
  /// - Throws: `.usage` for a task that is not defined here any more.
  func tasks(_ catalog: TaskCatalog) throws(GraftError) -> [TaskDefinition] {
    guard isWanted, let memory, let path else { return [] }
    let trained = SuiteRouting.trained(ModelHistory(of: path), catalog)
    return try memory.tasks.map { (name) throws(GraftError) in
      if let task = trained.tasks.first(where: { $0.name == name }) { return task }
      return try memory.task(named: name, in: catalog)
    }
  }

  func catalog(_ data: DataArguments) throws(GraftError) -> TaskCatalog { try data.catalog(remembering: memory) }

  /// The folder that is named, else that of the run for its own tasks, else that of the environment, else that of the
  /// run for others.
  func root(_ data: DataArguments) -> DataRoot {
    guard data.data == nil, let folder = memory?.presentDataFolder, isWanted || data.root.path == nil else {
      return data.root
    }
    return DataRoot(folder)
  }

  /// How long texts are where only tasks are scored that the model was trained on.
  func lengths(_ tasks: [TaskDefinition], _ suites: [RoutedSuite]) -> (inputs: Int?, targets: Int?) {
    guard let memory, (tasks + suites.map(\.task)).allSatisfy({ memory.tasks.contains($0.name) }) else {
      return (nil, nil)
    }
    return (memory.lengths?.inputs, memory.lengths?.targets)
  }
}

extension RunMemory {
  /// - Throws: `.usage` for a task that is not defined here, with the folder that it came from if that is gone.
  func task(named name: String, in catalog: TaskCatalog) throws(GraftError) -> TaskDefinition {
    do throws(GraftError) {
      return try catalog.task(named: name)
    } catch {
      var error = error
      if let gone = taskFolders?.first(where: { !presentTaskFolders.contains($0) }) {
        error.hint = "the run had it from '\(gone)', which is not there any more; say where it is with `tasks:`."
      }
      throw error
    }
  }
}
