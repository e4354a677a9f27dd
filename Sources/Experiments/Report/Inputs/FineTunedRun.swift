import Checkpointing
import Foundation
import Reporting
import Support
import Training

/// A run directory of `graft finetune`, of one seed or of several.
struct FineTunedRun {
  /// The training of one model.
  struct Seed {
    var path: String
    var manifest: RunManifest<FineTuningPlan>
    var log: RunLog
  }

  var path: String
  /// At least one.
  var seeds: [Seed]
  /// Nil until the run is done.
  var results: ResultsFile?
  /// What `graft stress evaluate --card` left, of all seeds, and of which; nil where there is one run.
  var stress: [(path: String, seed: String?, results: StressResults)] = []

  /// The folders of a run with several seeds; empty for another folder.
  static func seedFolders(_ path: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    func number(_ name: String) -> UInt64? {
      name.hasPrefix("seed-") ? UInt64(name.dropFirst("seed-".count)) : nil
    }
    return names.compactMap { name in number(name).map { (name, $0) } }
      .filter { RunKind(ofRun: "\(path)/\($0.0)") == .fineTuning }
      .sorted { $0.1 < $1.1 }.map { "\(path)/\($0.0)" }
  }

  /// Whether a folder is such a run.
  static func isOne(_ path: String) -> Bool { RunKind(ofRun: path) == .fineTuning || !seedFolders(path).isEmpty }

  /// - Throws: `.badData` for files that are none of such a run.
  init(_ path: String) throws(GraftError) {
    self.path = path
    let folders = Self.seedFolders(path)
    seeds = []
    for folder in folders.isEmpty ? [path] : folders {
      seeds.append(
        Seed(
          path: folder, manifest: try RunManifest<FineTuningPlan>.read(fromRun: folder),
          log: try RunLog(run: folder)))
    }
    let file = "\(path)/results.json"
    if FileManager.default.fileExists(atPath: file) { results = try ResultsFile.readFinite(file) }
    for folder in [path] + folders {
      for (file, results) in try StressResults.kept(inRun: folder) {
        stress.append((file, folder == path ? nil : Paths.name(of: folder), results))
      }
    }
  }

  var first: Seed { seeds[0] }
  var plan: FineTuningPlan { first.manifest.configuration }
  var command: String { ShellCommand.text(first.manifest.arguments) }
}
