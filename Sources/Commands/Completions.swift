import ArgumentParser
import Experiments
import Foundation
import Inference
import Objectives
import Scoring
import StressTesting
import Support
import TaskRegistry

/// What a shell offers where a name or a run is wanted.
extension CompletionKind {
  static let tasks = names { (try? Completions.catalog().taskNames) ?? [] }
  static let suites = names { (try? Completions.catalog().suiteNames) ?? [] }
  static let mixtures = names { (try? Completions.catalog().mixtureNames) ?? [] }
  static let tasksAndSuites = names { (try? Completions.catalog()).map { $0.taskNames + $0.suiteNames } ?? [] }
  static let objectives = names { Objectives.registry.names }
  static let metrics = names { Metrics.registry.names }
  static let transforms = names { StressTransforms.registry.names }
  static let backbones = names { Resources.presetNames }
  /// Runs, checkpoints and other folders of models, and the models that come with Graft.
  static let checkpoints = CompletionKind.custom { _, _, typed in
    ReleasedModels.names + Completions.modelFolders(typed)
  }

  private static func names(_ list: @escaping @Sendable () -> [String]) -> CompletionKind {
    .custom { _, _, _ in list() }
  }
}

enum Completions {
  /// Of the definitions that come with Graft and those of the environment; flags that name more are not looked at.
  static func catalog() throws(GraftError) -> TaskCatalog { try DataArguments.catalog([], remembering: nil) }

  /// The folders that go on with a path, those that hold a model as they are, others to be gone into.
  static func modelFolders(_ typed: String) -> [String] {
    let base = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let names = (try? FileManager.default.contentsOfDirectory(atPath: base.isEmpty ? "." : base)) ?? []
    return names.sorted().compactMap { name in
      let path = base + name
      guard !name.hasPrefix("."), path.hasPrefix(typed), Paths.isFolder(path) else { return nil }
      let isModel = ["run.json", "config.json"].contains { FileManager.default.fileExists(atPath: "\(path)/\($0)") }
      return isModel ? path : path + "/"
    }
  }
}
