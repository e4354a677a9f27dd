import Checkpointing
import Foundation
import Reporting
import Support
import Training

/// A run directory of `graft pretrain`.
struct PretrainingRun {
  var path: String
  var manifest: RunManifest<PretrainingPlan>
  /// Nil until the run is done.
  var result: PretrainingResult?
  var log: RunLog

  /// - Throws: `.badData` for files that are none of such a run.
  init(_ path: String) throws(GraftError) {
    self.path = path
    manifest = try RunManifest<PretrainingPlan>.read(fromRun: path)
    let results = "\(path)/results.json"
    if FileManager.default.fileExists(atPath: results) {
      result = try JSONFile.read(PretrainingResult.self, from: results)
    }
    log = try RunLog(run: path)
  }

  var command: String { ShellCommand.text(manifest.arguments) }

  /// The run whose model a fine-tuning run began with, if it is still there.
  /// - Parameter checkpoint: as it was given: a run directory, or a folder within it.
  init?(ofCheckpoint checkpoint: String) {
    var path = Paths.absolute(checkpoint)
    for _ in 0..<3 {
      if RunKind(ofRun: path) == .pretraining, let run = try? PretrainingRun(path) {
        self = run
        return
      }
      path = Paths.parent(of: path)
    }
    return nil
  }
}

/// What a folder with a `run.json` is the run of.
public enum RunKind {
  case pretraining, fineTuning

  private struct Manifest: Decodable {
    struct Configuration: Decodable {
      var objective: String?
      var tasks: [String]?
    }
    var kind: String?
    var configuration: Configuration
  }

  /// Nil if it is neither.
  public init?(ofRun directory: String) {
    guard let content = FileManager.default.contents(atPath: "\(directory)/run.json"),
      let manifest = try? JSONFile.value(Manifest.self, in: content)
    else { return nil }
    switch manifest.kind.flatMap(FileKind.init(rawValue:)) {
    case .pretrainingRun: self = .pretraining
    case .fineTuningRun: self = .fineTuning
    case nil where manifest.configuration.objective != nil: self = .pretraining
    case nil where manifest.configuration.tasks != nil: self = .fineTuning
    default: return nil
    }
  }
}
