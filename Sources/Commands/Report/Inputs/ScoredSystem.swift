import Checkpointing
import Examples
import Foundation
import Reporting
import Scoring
import Support
import Training

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
    file = try ResultsFile.read(path)
    name = Self.name(ofPath: path)
    command =
      file.arguments.map(ShellCommand.text)
      ?? ShellCommand.graft(
        ["evaluate", "--checkpoint", "CHECKPOINT", "--task"] + Self.distinct(file.results.map(\.task))
          + ["--json", path])
  }

  static func name(ofPath path: String) -> String {
    let name = ((path as NSString).standardizingPath as NSString).lastPathComponent
    return name.isEmpty ? path : name
  }

  static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }

  static func isBaseline(_ entry: ResultEntry) -> Bool { ResultPrinter.isBaseline(entry.system) }

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

  /// Answers by set and seed; empty if they are not there.
  func answers() throws(GraftError) -> [ExampleSet: [String]] {
    let compared: ComparedSystem
    do throws(GraftError) {
      compared = try ComparedSystem(path)
    } catch {
      guard error.code == .missingInput else { throw error }
      return [:]
    }
    var files: [ExampleSet: [String]] = [:]
    for run in compared.runs {
      for (set, path) in run.files { files[set, default: []].append(path) }
    }
    return files
  }
}

extension [ResultEntry] {
  /// The mean of the scores over seeds with bounds: those of a single score, or the mean of the seeds' bounds, as the
  /// examples are the same for all seeds. In points of the tables.
  func estimate() -> Estimate? {
    guard let first else { return nil }
    let factor = Metrics.displayFactor(first.metric, signature: first.signature)
    func mean(_ value: (ResultEntry) -> Double?) -> Double? {
      let values = compactMap(value)
      return values.count == count ? factor * values.reduce(0, +) / Double(count) : nil
    }
    guard let value = mean(\.score) else { return nil }
    let bounds = mean { $0.interval?.lowerBound }.flatMap { lower in
      mean { $0.interval?.upperBound }.map { Interval(lower: lower, upper: $0) }
    }
    return Estimate(value, bounds)
  }
}

extension Estimate {
  /// This minus another figure, measured independently: the interval takes its reach on either side from those of the two
  /// (Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10; Zou and Donner
  /// 2008).
  ///
  /// Worked example: 80 [77, 83] minus 60 [56, 64] is 20 [15, 25].
  func minus(_ other: Estimate) -> Estimate {
    let difference = value - other.value
    guard let own = interval, let its = other.interval else { return Estimate(difference) }
    func reach(_ first: Double, _ second: Double) -> Double { (first * first + second * second).squareRoot() }
    return Estimate(
      difference,
      Interval(
        lower: difference - reach(value - own.lower, its.upper - other.value),
        upper: difference + reach(own.upper - value, other.value - its.lower)))
  }

  /// With its sign: `+1.2 [-0.3, 2.7]`.
  var signedText: String {
    let text = (value > 0 ? "+" : "") + NumberText.fixed(value, digits: 1)
    guard let interval else { return text }
    return "\(text) [\(NumberText.fixed(interval.lower, digits: 1)),"
      + " \(NumberText.fixed(interval.upper, digits: 1))]"
  }

  /// `81.7 [79.0, 84.9]`.
  var scoreText: String {
    NumberText.score(value, interval: interval.flatMap { $0.lower <= $0.upper ? $0.lower...$0.upper : nil })
  }
}
