import Foundation
import Support
import TaskRegistry
import Training

extension StressResults {
  /// Where a fine-tuning run keeps what was found of it.
  static let folder = "stress"

  /// Keeps the figures in a fine-tuning run, beside those of other splits and in place of earlier ones of the same
  /// transforms and checklists, and writes its model card anew.
  /// - Parameters:
  ///   - run: its directory, of one seed or of several.
  ///   - tasks: that it was trained on, as far as they are defined here.
  /// - Throws: `.usage` for what is no such run; `.inputOutput`.
  public func keep(inRun run: String, tasks: [TaskDefinition]) throws(GraftError) {
    try Self.requireRun(run)
    let folder = "\(run)/\(Self.folder)"
    try makeFolder(folder)
    let path = "\(folder)/\(task)-\(split)\(limit.map { "-\($0)" } ?? "").json"
    var kept = self
    if FileManager.default.fileExists(atPath: path) {
      let earlier = try JSONFile.read(StressResults.self, from: path)
      if earlier.taskHash == taskHash, earlier.through == through, earlier.seed == seed {
        let (names, lists) = (Set(transforms.map(\.transform)), Set(checklists.map(\.checklist)))
        kept.transforms = earlier.transforms.filter { !names.contains($0.transform) } + transforms
        kept.checklists = earlier.checklists.filter { !lists.contains($0.checklist) } + checklists
      }
    }
    try JSONFile.write(kept, to: path)
    try RunCard(run: run, tasks: tasks).write()
    let place = Paths.normalized(run)
    let whole = Paths.parent(of: place)
    if FineTunedRun.seedFolders(whole).map(Paths.name).contains(Paths.name(of: place)) {
      try RunCard(run: whole, tasks: tasks).write()
    }
  }

  /// - Throws: `.usage` for what has no model card to put figures into.
  public static func requireRun(_ path: String) throws(GraftError) {
    guard FineTunedRun.isOne(path) else {
      throw GraftError(
        .usage, "'\(path)' is no fine-tuning run, whose model card figures could go into",
        hint: "name the folder that `graft finetune --output` made, or write the figures to a file with `json:` FILE.")
    }
  }

  /// What is kept in a run, by the names of the files.
  /// - Throws: as reading the files.
  static func kept(inRun run: String) throws(GraftError) -> [(path: String, results: StressResults)] {
    let folder = "\(run)/\(Self.folder)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var kept: [(path: String, results: StressResults)] = []
    for name in names.sortedByBytes where name.hasSuffix(".json") {
      kept.append(("\(folder)/\(name)", try JSONFile.read(StressResults.self, from: "\(folder)/\(name)")))
    }
    return kept
  }
}
