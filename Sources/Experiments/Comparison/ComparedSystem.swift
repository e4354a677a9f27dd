import Foundation
import Reporting
import Support

/// Task and split.
public struct ExampleSet: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var task: String
  public var split: String

  /// What an example belongs to by its identifier, `task/split/row`; nil if that has another form.
  init?(_ example: AnsweredExample) {
    let parts = example.identifier.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    (task, split) = (String(parts[0]), String(parts[1]))
  }

  public var description: String { "\(task)/\(split)" }

  public static func < (first: ExampleSet, second: ExampleSet) -> Bool {
    (first.task, first.split) < (second.task, second.split)
  }
}

/// One side of a comparison: the predictions that a path stands for, by seed, and the metrics they were scored with.
public struct ComparedSystem {
  /// The predictions of one model.
  public struct Run {
    /// The folder `seed-3` of a run with several seeds; nil if there is but one.
    public var seed: String?
    /// By task and split.
    public var files: [ExampleSet: String]
  }

  var path: String
  public private(set) var runs: [Run]
  /// As the results file beside the predictions names them; nil without one.
  var results: ResultsFile?

  /// - Parameter path: a results file, a run directory, a folder of predictions, or a predictions file.
  /// - Throws: `.missingInput` for a path without predictions, `.badData` for files that hold something else.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw GraftError(
        .missingInput, "there is no '\(path)'",
        hint: "name a results file, a run directory or a predictions file.")
    }
    if Paths.isFolder(path) {
      runs = try Self.runs(ofFolder: path)
      results = try Self.results(besideFolder: path)
    } else if path.hasSuffix(".jsonl") {
      runs = [Run(seed: nil, files: try Self.files([path]))]
      results = try Self.results(besideFolder: Paths.parent(of: path))
    } else {
      results = try ResultsFile.readFinite(path)
      // Other results than the run's own may be about another model or other data.
      let isOfRun = Paths.name(of: path) == "results.json"
      let beside = Self.predictionFolder(ofResults: path)
      let hasOwn = FileManager.default.fileExists(atPath: beside)
      runs = try Self.runs(ofFolder: isOfRun && !hasOwn ? Paths.parent(of: path) : beside)
    }
  }

  /// Where `graft evaluate --json FILE` keeps what the model answered: `scores.json` and `scores.predictions`.
  public static func predictionFolder(ofResults path: String) -> String {
    (path.hasSuffix(".json") ? String(path.dropLast(5)) : path) + ".predictions"
  }

  /// The results that belong to a run directory or to a folder of predictions.
  private static func results(besideFolder folder: String) throws(GraftError) -> ResultsFile? {
    let folder = Paths.normalized(folder)
    let path: String
    if Paths.name(of: folder) == "predictions" {
      path = "\(Paths.parent(of: folder))/results.json"
    } else if folder.hasSuffix(".predictions") {
      path = "\(folder.dropLast(".predictions".count)).json"
    } else {
      path = "\(folder)/results.json"
    }
    return FileManager.default.fileExists(atPath: path) ? try ResultsFile.readFinite(path) : nil
  }

  private static func runs(ofFolder folder: String) throws(GraftError) -> [Run] {
    for folder in ["\(folder)/predictions", folder] {
      let paths = try predictionFiles(folder)
      if !paths.isEmpty { return [Run(seed: nil, files: try files(paths))] }
    }
    var runs: [Run] = []
    for name in try names(folder) where name.hasPrefix("seed-") {
      let paths = try predictionFiles("\(folder)/\(name)/predictions")
      if !paths.isEmpty { runs.append(Run(seed: name, files: try files(paths))) }
    }
    guard !runs.isEmpty else {
      throw GraftError(
        .missingInput, "'\(folder)' holds no predictions",
        hint:
          "a run of `graft finetune` holds some, and `graft evaluate --json FILE` writes them beside its results."
      )
    }
    return runs
  }

  private static func names(_ folder: String) throws(GraftError) -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw GraftError(.inputOutput, "cannot list the folder '\(folder)'", cause: error)
    }
  }

  private static func predictionFiles(_ folder: String) throws(GraftError) -> [String] {
    // A run directory's log is none.
    try names(folder).filter { $0.hasSuffix(".jsonl") && $0 != "events.jsonl" }.map { "\(folder)/\($0)" }
  }

  /// The files by what their first line answers.
  private static func files(_ paths: [String]) throws(GraftError) -> [ExampleSet: String] {
    var files: [ExampleSet: String] = [:]
    for path in paths {
      guard let first = try PredictionsFile.first(path) else { continue }
      guard let key = ExampleSet(first) else {
        throw GraftError(
          .badData, "the identifier '\(first.identifier)' names no task and split",
          hint: "an identifier is task/split/row.", location: SourceLocation(file: path, line: 1))
      }
      if let other = files[key] {
        throw GraftError(.badData, "'\(path)' and '\(other)' both answer \(key)", hint: "remove one of them.")
      }
      files[key] = path
    }
    return files
  }
}
