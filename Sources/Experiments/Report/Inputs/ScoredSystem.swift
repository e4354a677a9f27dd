import Checkpointing
import Foundation
import Inference
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// Scores of a model, what it answered, and where it lies, as far as these are known: of a fine-tuning run, or of a
/// results file of `graft evaluate --json`.
struct ScoredSystem {
  /// What a heading calls it.
  var name: String
  var path: String
  var file: ResultsFile
  /// What was scored.
  var command: String
  /// Of a fine-tuning run.
  var run: FineTunedRun?

  init(_ run: FineTunedRun, _ file: ResultsFile) {
    (self.run, self.file, path, command) = (run, file, run.path, run.command)
    name = Self.name(ofPath: run.path)
  }

  /// - Parameter path: of a results file.
  init(_ path: String) throws(GraftError) {
    self.path = path
    file = try ResultsFile.readFinite(path)
    name = Self.name(ofPath: path)
    command =
      file.arguments.map(ShellCommand.text)
      ?? ShellCommand.graft(
        ["evaluate", "--checkpoint", "CHECKPOINT", "--task"] + Self.distinct(file.results.map(\.task))
          + ["--json", path])
  }

  static func name(ofPath path: String) -> String {
    let name = Paths.name(of: Paths.normalized(path))
    return name.isEmpty ? path : name
  }

  static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }

  static func isBaseline(_ entry: ResultEntry) -> Bool { BaselineScoring.isBaseline(entry.system) }

  /// Those that are models and see all of their input.
  var modelSystems: [String] {
    Self.distinct(
      file.results.filter { !Self.isBaseline($0) && $0.partialInput == nil }.map(\.system))
  }

  /// Task, split and metric of the whole sets, in the order of the file.
  struct Column: Hashable {
    var task, split, metric: String
  }

  /// - Parameter everyMetric: or the first metric of each set only.
  func columns(everyMetric: Bool = true) -> [Column] {
    let all = Self.distinct(
      file.results.filter(\.group.isEmpty).map { Column(task: $0.task, split: $0.split, metric: $0.metric) })
    guard !everyMetric else { return all }
    var seen: Set<[String]> = []
    return all.filter { seen.insert([$0.task, $0.split]).inserted }
  }

  func entries(_ column: Column, system: String) -> [ResultEntry] {
    file.results.filter {
      $0.group.isEmpty && $0.system == system
        && Column(task: $0.task, split: $0.split, metric: $0.metric) == column
    }
  }

  /// The task as which a suite was put: the one that the results name, or else what is taken for such a model.
  /// - Throws: `.usage` if there is no such task.
  func task(of suite: SuiteDefinition, _ catalog: TaskCatalog) throws(GraftError) -> TaskDefinition {
    if let through = file.results.first(where: { $0.task == suite.name && $0.through != nil })?.through {
      return try catalog.task(named: through)
    }
    let names = run?.plan.tasks ?? Self.distinct(file.results.map(\.task))
    let tasks = names.compactMap { try? catalog.task(named: $0) }
    return try SuiteRouting(evaluating: ModelHistory(), given: tasks, catalog: catalog)
      .decision(on: suite).suite.task
  }

  /// Files of answers by set, the lowest seed first; empty if they are not there.
  func answers() throws(GraftError) -> [ExampleSet: [String]] {
    let compared: ComparedSystem
    do throws(GraftError) {
      compared = try ComparedSystem(path)
    } catch {
      guard error.code == .missingInput else { throw error }
      return [:]
    }
    func seed(_ run: ComparedSystem.Run) -> UInt64 {
      run.seed.flatMap { UInt64($0.dropFirst("seed-".count)) } ?? 0
    }
    var files: [ExampleSet: [String]] = [:]
    for run in compared.runs.sorted(by: { seed($0) < seed($1) }) {
      for (set, path) in run.files { files[set, default: []].append(path) }
    }
    return files
  }
}
