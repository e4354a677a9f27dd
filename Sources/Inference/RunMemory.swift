import Checkpointing
import Corpus
import Foundation
import Records
import Support
import TaskRegistry

/// What a fine-tuning run remembers for those who use its model afterwards: the tasks it was trained on, where they
/// were defined, where their data was, and how long texts were.
public struct RunMemory: Sendable, Hashable {
  /// The names of the tasks, in their order.
  public var tasks: [String]
  /// Folders and files of task definitions that were named beside Graft's own; absolute. Nil in older runs.
  public var taskFolders: [String]?
  /// Where the run keeps copies of the definitions that are not Graft's own; nil if it has none.
  public var definitionFolder: String?
  /// The data folder, if one was named; absolute.
  public var dataFolder: String?
  /// The most tokens of a text and of an answer; nil in runs of others.
  public var lengths: SequenceLengths?
  /// What of its input the model was shown, if not all.
  public var partialInput: PromptRestriction?

  /// Nil for a model whose run is not here, or that was not fine-tuned.
  /// - Parameter model: a checkpoint or a run directory, of which the `run.json` beside or above it is read.
  public init?(of model: String) {
    let read = ModelHistory.runFolders(of: model).lazy.compactMap { place in
      (try? RunManifest<RecordedFineTuning>.read(fromRun: place)).map { (place, $0.configuration) }
    }
    guard let (place, run) = read.first else { return nil }
    let copies = "\(place)/\(Self.definitions)"
    definitionFolder = Paths.isFolder(copies) ? copies : nil
    tasks = run.tasks
    (taskFolders, dataFolder) = (run.taskFolders, run.dataFolder)
    (lengths, partialInput) = (run.lengths, run.partialInput)
  }

  /// The folder of a run directory with copies of definitions.
  public static let definitions = "tasks"

  /// The folders of definitions as they are; where one is gone, as for a run that was moved, the copies in the run.
  public var presentTaskFolders: [String] {
    let present = (taskFolders ?? []).filter { FileManager.default.fileExists(atPath: $0) }
    guard present.count < taskFolders?.count ?? 0, let definitionFolder else { return present }
    return [definitionFolder]
  }

  /// The data folder, if it is still there.
  public var presentDataFolder: String? { dataFolder.flatMap { Paths.isFolder($0) ? $0 : nil } }
}
