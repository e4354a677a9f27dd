import Foundation
import Records
import Scoring
import Support

/// One score of one model on one evaluation set.
public struct ResultEntry: Sendable, Hashable, Codable {
  /// The task or suite, `sst2`, `hans`.
  public var task: String
  /// The split of the task, or of the suite.
  public var split: String
  /// What was evaluated: `model`, `pretrained`, `from-scratch`, `majority`, `n-grams`, `n-grams:hypothesis` …
  public var system: String
  /// The metric's name, as in `graft list metrics`.
  public var metric: String
  /// The metric's value as it is defined, of most from 0 to 1.
  public var score: Double
  /// Bounds of the 95 % interval.
  public var lower: Double?
  /// The upper bound; nil where `lower` is.
  public var upper: Double?
  /// How many examples were scored.
  public var examples: Int
  /// The seed that the system was trained with; nil where it has none.
  public var seed: UInt64?
  /// Answers that were none of the choices; counted as wrong.
  public var invalid: Int?
  /// The definition that was evaluated: its version and the hash of its resolved form.
  public var taskVersion: Int?
  /// The hash of the resolved definition.
  public var taskHash: String?
  /// If the score is of a part of the split, drawn from the whole of it: how many examples were asked for.
  public var limit: Int?
  /// If training read a part of each task: how many examples at most.
  public var trainingLimit: Int?
  /// If training read a few examples of each class: how many, drawn by `seed`.
  public var shots: Int?
  /// The metric's signature, for instance sacreBLEU's.
  public var signature: String?
  /// The part of the set this score is about, such as `["label": "neutral"]`; empty for the whole.
  public var group: [String: String]
  /// What of its input the model was shown, if not all: `only hypothesis`, `shuffled words`.
  public var partialInput: String?
  /// What of the training examples the model was trained on, if not all: `nli hard (15013)`, `5000 at random`.
  public var trainedOn: String?
  /// How many of the examples were longer than the model was given room for, and were cut; nil for none.
  public var cutExamples: Int?
  /// Of a suite: the task as which it was put; nil in results of before it was kept.
  public var through: String?

  /// A score of a whole split, with no interval, seed or group unless they are given.
  public init(
    task: String, split: String, system: String, metric: String, score: Double,
    interval: ClosedRange<Double>? = nil, examples: Int, seed: UInt64? = nil, invalid: Int? = nil,
    taskVersion: Int? = nil, taskHash: String? = nil, signature: String? = nil, group: [String: String] = [:],
    partialInput: String? = nil
  ) {
    self.task = task
    self.split = split
    self.system = system
    self.metric = metric
    self.score = score
    self.lower = interval?.lowerBound
    self.upper = interval?.upperBound
    self.examples = examples
    self.seed = seed
    self.invalid = invalid
    self.taskVersion = taskVersion
    self.taskHash = taskHash
    self.signature = signature
    self.group = group
    self.partialInput = partialInput
  }

  /// Both bounds together; nil where there is no interval, or bounds in the wrong order.
  public var interval: ClosedRange<Double>? {
    guard let lower, let upper, lower <= upper else { return nil }
    return lower...upper
  }
}

/// A run's `results.json`.
public struct ResultsFile: Sendable, Hashable, Codable {
  /// The version of the file's form; a file with a later one is refused.
  public static let currentFormat = 1

  /// The form of the file as it was read; the current one of a new file.
  public var format: Int
  /// In the order in which they were added.
  public var results: [ResultEntry]
  /// How often each task was seen in training, where there were several.
  public var mixture: [MixtureShare]?
  /// What was asked of the scores, if anything.
  public var conditions: [ConditionOutcome]?
  /// How much of what was scored occurs in what the model was trained on, as far as that is known.
  public var overlaps: [OverlapEntry]?
  /// What was left out of training or gone back on because it was not finite, if anything was.
  public var nonFinite: [NonFiniteUpdates]?
  /// What was tried for the runs, of which one was kept for each; nil where nothing was.
  public var trials: [TuningTrial]?
  /// What was still to be added when the file was written: `baselines`, `overlap`. Nil for a file that is complete.
  public var unfinished: [String]?
  /// The command that wrote a file that stands by itself, as typed; a run has it in its `run.json`.
  public var arguments: [String]?

  /// A complete file of the current format.
  public init(_ results: [ResultEntry] = [], mixture: [MixtureShare]? = nil) {
    format = Self.currentFormat
    self.results = results
    self.mixture = mixture
  }

  /// What is to be said below a table of scores that are of a part of the data; empty if all are of the whole.
  public var remarks: [String] {
    func counts(_ value: (ResultEntry) -> Int?) -> String? {
      let found = Set(results.compactMap(value)).sorted()
      return found.isEmpty ? nil : found.map { "\($0)" }.joined(separator: " or ")
    }
    return [
      counts(\.limit).map { "partial: scored on \($0) of each split's examples" },
      counts(\.trainingLimit).map {
        "partial: trained on at most \($0) examples of each task; baselines, if any, on all"
      },
      counts(\.shots).map {
        "few-shot: trained on \($0) examples of each class, drawn by the seed; baselines, if any, on the same"
      },
      results.contains { $0.signature?.contains("|ties:right|") == true }
        ? "a tie counts its share, of two sentences one half; in scores called ties-right it is right, as the scorer of BabyLM has it"
        : nil,
      unfinished.map {
        "unfinished: without \($0.joined(separator: " and ")); its command, resumed, adds what is missing"
      },
    ].compactMap(\.self) + (nonFinite ?? []).map(\.summary)
  }

  /// Adds the scores of another run, and what its training says of itself. Conditions, overlaps, the command and what
  /// is unfinished are of a file as a whole: they stay those of this one, and whoever adds runs sets them.
  public mutating func append(_ other: ResultsFile) {
    results += other.results
    if let shares = other.mixture { mixture = (mixture ?? []) + shares }
    if let updates = other.nonFinite { nonFinite = (nonFinite ?? []) + updates }
    if let others = other.trials { trials = (trials ?? []) + others }
  }

  /// With the scores alone that are by one group of the examples.
  public func only(_ group: String) -> ResultsFile {
    var file = self
    file.results.removeAll { Array($0.group.keys) != [group] }
    return file
  }

  /// How often each task was seen, beside how often it was meant to be; nil for a single task.
  public func mixtureTable() -> Table? {
    guard let mixture else { return nil }
    let hasSeeds = Set(mixture.map(\.seed)).count > 1
    var table = Table(
      (hasSeeds ? [.init("seed", .right)] : []) + [.init("trained on")]
        + ["examples", "rate, %", "drawn", "realised, %", "passes"].map { .init($0, .right) })
    for share in mixture {
      table.append(
        (hasSeeds ? [share.seed.map { "\($0)" } ?? ""] : []) + [
          share.task, "\(share.examples)", NumberText.fixed(100 * share.rate, digits: 3), "\(share.drawn)",
          NumberText.fixed(100 * share.realizedRate, digits: 3), NumberText.fixed(share.passes, digits: 3),
        ])
    }
    return table
  }

  /// - Throws: `.missingInput` without the file, `.badData` if it is no results file.
  public static func read(_ path: String) throws(GraftError) -> ResultsFile {
    let data = try MappedFile(path).data()
    let file: ResultsFile
    do {
      file = try JSONFile.value(ResultsFile.self, in: data)
    } catch {
      throw GraftError(
        .badData, "'\(path)' is not a results file", hint: "`graft evaluate --json FILE` writes one.",
        location: SourceLocation(file: path), cause: error)
    }
    guard file.format <= currentFormat else {
      throw GraftError(
        .badData, "'\(path)' has results format \(file.format); this graft reads up to \(currentFormat)",
        hint: "read it with the graft that wrote it, or a later one.")
    }
    return file
  }

  /// As `read`, for scores that something is concluded from.
  /// - Throws: as `read`; `.internalError` naming a score that is not finite.
  public static func readFinite(_ path: String) throws(GraftError) -> ResultsFile {
    let file = try read(path)
    let broken = file.results.first { entry in
      ![entry.score, entry.lower, entry.upper].compactMap(\.self).allSatisfy(\.isFinite)
    }
    guard let broken else { return file }
    throw GraftError(
      .internalError, "\(broken.metric) of \(broken.system) on \(broken.task) \(broken.split) is not finite",
      hint: "evaluate the model again; `graft inspect checkpoint` says whether its weights are finite.",
      location: SourceLocation(file: path))
  }

  /// Writes the file atomically, keys sorted, so that equal results are equal bytes.
  public func write(to path: String) throws(GraftError) { try AtomicFile.write(json(), to: path) }

  /// What `write` writes.
  public func json() throws(GraftError) -> String {
    String(decoding: try JSONFile.encode(self), as: UTF8.self)
  }

  /// The table a person reads: one row per task, split and metric, one column per system in order of first
  /// appearance. Scores up to 1 are shown times 100. One seed shows its interval, several show mean ± deviation.
  /// - Parameter group: a group of the examples, such as `label` or `category`, whose values get a row each; nil for
  ///   the whole splits.
  public func table(by group: String? = nil, digits: Int = 1) -> Table {
    let shown = results.filter { group.map { [$0] } ?? [] == Array($0.group.keys) }
    func row(_ entry: ResultEntry) -> [String] {
      [entry.task, entry.split + (entry.limit == nil ? "" : " (partial)"), entry.metric]
        + (group.flatMap { entry.group[$0] }.map { [$0] } ?? [])
    }
    var systems: [String] = []
    var rows: [[String]] = []
    var seen: Set<[ByteString]> = []
    func key(_ row: [String]) -> [ByteString] { row.map { ByteString($0) } }
    for entry in shown {
      if !systems.contains(entry.system) { systems.append(entry.system) }
      if seen.insert(key(row(entry))).inserted { rows.append(row(entry)) }
    }
    var table = Table(
      [.init("task"), .init("split"), .init("metric")] + (group.map { [.init($0)] } ?? [])
        + systems.map { .init($0, .right) })
    for labels in rows {
      let cells = systems.map { system in
        let found = shown.filter { $0.system == system && key(row($0)) == key(labels) }
        let factor = Metrics.displayFactor(labels[2], signature: found.first?.signature)
        // A ratio is near 1, and one decimal would say nothing about it.
        let digits = found.first?.signature?.hasPrefix("ratio|") == true ? digits + 1 : digits
        guard found.count == 1, let only = found.first else {
          return NumberText.spread(found.map { $0.score * factor }, digits: digits)
        }
        let interval = only.interval.map { $0.lowerBound * factor...$0.upperBound * factor }
        return NumberText.score(only.score * factor, interval: interval, digits: digits)
      }
      table.append(labels + cells)
    }
    return table
  }
}

extension ResultsFile: KindedFile {
  public static let kind = FileKind.results
}
