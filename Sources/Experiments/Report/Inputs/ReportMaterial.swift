import Checkpointing
import Foundation
import Reporting
import Support

/// Everything that a report is made from, by kind. What a path holds is found out by its content.
public struct ReportMaterial {
  struct Study<Report> {
    var path: String
    var report: Report
  }

  var pretraining: [PretrainingRun] = []
  var fineTuning: [FineTunedRun] = []
  var systems: [ScoredSystem] = []
  var probes: [ProbeFile] = []
  var probeFolders: [ProbeFolder] = []
  var stress: [Study<StressResults>] = []
  var maps: [MappedTraining] = []
  var prefixes: [Study<PrefixReport>] = []
  var transfers: [Study<TransferReport>] = []
  var ablations: [Study<AblationReport>] = []

  /// - Throws: `.missingInput` for a path that is not there, `.badData` for one that is nothing a report knows.
  public init(_ paths: [String]) throws(GraftError) {
    for path in ScoredSystem.distinct(paths.map(Paths.normalized)) {
      guard FileManager.default.fileExists(atPath: path) else {
        throw GraftError(
          .missingInput, "there is no '\(path)'", hint: "name run directories and files that graft wrote.")
      }
      if Paths.isFolder(path) {
        try addFolder(path)
      } else if let folder = Self.run(of: path) {
        try addFolder(folder)
      } else {
        try addFile(path)
      }
    }
  }

  /// The run directory whose `run.json` or `results.json` a path is.
  private static func run(of path: String) -> String? {
    guard ["run.json", "results.json"].contains(Paths.name(of: path)) else { return nil }
    let folder = Paths.parent(of: path)
    return RunKind(ofRun: folder) != nil || !FineTunedRun.seedFolders(folder).isEmpty ? folder : nil
  }

  private mutating func addFolder(_ path: String) throws(GraftError) {
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
    if RunKind(ofRun: path) == .pretraining {
      pretraining.append(try PretrainingRun(path))
      return
    }
    if FineTunedRun.isOne(path) {
      let run = try FineTunedRun(path)
      fineTuning.append(run)
      if let results = run.results { systems.append(ScoredSystem(run, results)) }
      stress += run.stress.map { Study(path: $0.path, report: $0.results) }
      for seed in run.seeds {
        if let map = try MappedTraining(run: seed.path) { maps.append(map) }
      }
      return
    }
    if has("results.json") { return try addFile("\(path)/results.json") }
    if has(MappedTraining.fileName) {
      maps.append(try MappedTraining(folder: path))
      return
    }
    let folders = try ProbeFolder.all(path)
    guard !folders.isEmpty else {
      throw GraftError(
        .badData, "'\(path)' is nothing that a report is made of",
        hint:
          "looked for run.json (pretrain, finetune), seed-N/run.json (finetune with several `seeds:`), results.json"
          + " (ablate, prefixes, transfer), \(MappedTraining.fileName) (cartography) and report.txt (`graft probe`)."
      )
    }
    probeFolders += folders
  }

  private mutating func addFile(_ path: String) throws(GraftError) {
    let head = try JSONFile.read(FileHead.self, from: path)
    switch head.kindName == nil ? Self.kind(ofKeys: head.keys) : head.kind {
    case .probes:
      let document = try JSONFile.read(ProbeDocument.self, from: path)
      guard document.format == ProbeDocument.currentFormat else {
        throw GraftError(
          .badData,
          "'\(path)' has the format '\(document.format)'; this graft reads '\(ProbeDocument.currentFormat)'",
          hint: "read it with the graft that wrote it, or a later one.")
      }
      probes.append(ProbeFile(path: path, document: document))
    case .stress: stress.append(Study(path: path, report: try JSONFile.read(StressResults.self, from: path)))
    case .prefixes: prefixes.append(Study(path: path, report: try JSONFile.read(PrefixReport.self, from: path)))
    case .transfer: transfers.append(Study(path: path, report: try JSONFile.read(TransferReport.self, from: path)))
    case .ablation: ablations.append(Study(path: path, report: try JSONFile.read(AblationReport.self, from: path)))
    case .results: systems.append(try ScoredSystem(path))
    default:
      throw GraftError(
        .badData, "'\(path)' is nothing that a report is made of",
        hint:
          "give a file of `graft evaluate --json`, `graft probe --json` or `graft stress evaluate --json`, or a run "
          + "directory instead of a file in it.")
    }
  }

  /// The kind of a file that does not say it.
  private static func kind(ofKeys keys: Set<String>) -> FileKind? {
    let known: [(kind: FileKind, keys: Set<String>)] = [
      (.probes, ["format", "tasks", "selfTests"]), (.stress, ["transforms", "checklists", "checkpoint"]),
      (.prefixes, ["arms", "tasks"]), (.transfer, ["cells", "columns"]), (.ablation, ["rows", "baseline"]),
      (.results, ["format", "results"]),
    ]
    return known.first { keys.isSuperset(of: $0.keys) }?.kind
  }
}
