import Checkpointing
import Corpus
import Foundation
import Support

/// What a model has read, by the `run.json` of the run that trained it and of those that it started from.
public struct ModelHistory: Sendable, Hashable {
  /// A text source of a pretraining run.
  public struct Text: Sendable, Hashable {
    /// As typed when the run began; it may have moved since.
    public var path: String
    public var documentBoundary: DocumentBoundary
    public var textField: String
    public var format: CorpusFormat?
    public var invalidUTF8: InvalidUTF8Policy?

    public var options: CorpusOptions {
      var options = CorpusOptions()
      options.documentBoundary = documentBoundary
      options.textField = textField
      options.format = format ?? .automatic
      options.invalidUTF8 = invalidUTF8 ?? .error
      return options
    }
  }

  /// The labelled examples of a task.
  public struct Task: Sendable, Hashable {
    public var name: String
    /// How many examples at most, drawn as `TaskDefinition.examples` does; nil for all.
    public var limit: Int?

    public init(name: String, limit: Int? = nil) {
      self.name = name
      self.limit = limit
    }
  }

  public private(set) var texts: [Text] = []
  public private(set) var tasks: [Task] = []
  /// The hash of a task's definition as the model met it last, by its name; none where it saw a part of the prompts.
  public private(set) var definitions: [String: String] = [:]
  /// Models in the chain whose runs are not known here.
  public private(set) var unknown: [String] = []

  /// - Parameter tasks: what is trained on, for a model that is about to be.
  public init(tasks: [Task] = []) { self.tasks = tasks }

  /// What one model has read.
  /// - Parameter path: a checkpoint or a run directory.
  public init(of path: String) { add(path) }

  /// Adds what a model has read.
  /// - Parameter path: a checkpoint or a run directory.
  public mutating func add(_ path: String) {
    var path: String? = path
    var visited: Set<String> = []
    while let model = path, visited.insert(model).inserted {
      path = addRun(of: model)
    }
  }

  /// Where the run of a model may be: the model is the run directory itself, its `model`, or a folder in its
  /// `checkpoints`.
  static func runFolders(of model: String) -> [String] {
    let folder = Paths.absolute(model)
    let above = Paths.parent(of: folder)
    return [folder, above, Paths.parent(of: above)]
  }

  /// - Returns: the model that its run started from.
  private mutating func addRun(of model: String) -> String? {
    for place in Self.runFolders(of: model) {
      if let run = try? RunManifest<RecordedFineTuning>.read(fromRun: place) {
        add(run.configuration.tasks.map { Task(name: $0, limit: run.configuration.limit) })
        if run.configuration.partialInput == nil { addDefinitions(run.dataHashes) }
        return run.configuration.initialCheckpoint
      }
      if let run = try? RunManifest<RecordedPretraining>.read(fromRun: place) {
        let plan = run.configuration
        for corpus in plan.corpora {
          let text = Text(
            path: corpus.path, documentBoundary: plan.documentBoundary, textField: plan.textField,
            format: plan.format, invalidUTF8: plan.invalidUTF8)
          if !texts.contains(text) { texts.append(text) }
        }
        add((plan.supervised?.tasks ?? []).map { Task(name: $0) })
        addDefinitions(run.dataHashes)
        return plan.initialCheckpoint
      }
    }
    if !unknown.contains(model) { unknown.append(model) }
    return nil
  }

  private mutating func addDefinitions(_ hashes: [String: String]) {
    for task in tasks where definitions[task.name] == nil {
      definitions[task.name] = hashes["task \(task.name)"]
    }
  }

  private mutating func add(_ more: [Task]) {
    for task in more where !tasks.contains(task) { tasks.append(task) }
  }
}
