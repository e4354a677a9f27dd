import Randomness
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// How the second of two systems differs from the first by one metric on one set of examples.
public struct Difference: Encodable, Sendable {
  /// Nil for files of lines.
  public var task: String?
  /// Of the task.
  public var split: String?
  /// As in `graft list metrics`.
  public var metric: String
  var signature: String
  /// Scores, each a mean over seeds; as the metric defines them, not times 100.
  public var first: Double
  /// The same of the second.
  public var second: Double
  /// second − first.
  public var difference: Double
  /// Bounds of the 95 % interval of the difference, by paired bootstrap.
  public var interval: [Double]?
  /// Two-sided, by the same bootstrap.
  public var bootstrapP: Double
  /// Of approximate randomisation.
  public var permutationP: Double
  /// How many examples both answered.
  public var count: Int
  /// The seeds both systems have, if each has several.
  var seeds: [String]?
}

/// Compares two systems on everything that both have answered.
public struct Comparison {
  /// In the order of the sets, then of the metrics.
  public private(set) var differences: [Difference] = []
  /// What was left out, and why.
  public private(set) var notes: [String] = []
  private let bootstrap: BootstrapOptions

  /// Two files of answers, one a line, to the same references.
  /// - Throws: as `MetricLines`.
  public init(
    lines first: String, _ second: String, references: [String], choices: [String]?, metrics: [any Metric],
    bootstrap: BootstrapOptions
  ) throws(GraftError) {
    self.bootstrap = bootstrap
    for metric in metrics {
      func lines(_ path: String) throws(GraftError) -> MetricLines {
        try MetricLines(metric, predictions: path, references: references, choices: choices)
      }
      let (own, other) = (try lines(first), try lines(second))
      try add(metric, ([own.answers], [other.answers]), own.references)
    }
  }

  /// - Parameters:
  ///   - metrics: nil for those the results files of both name.
  ///   - bootstrap: of the interval and of both tests.
  /// - Throws: `.badData` if they did not answer the same examples, `.usage` if nothing says by which metric.
  public init(
    _ first: ComparedSystem, _ second: ComparedSystem, metrics: [any Metric]?, bootstrap: BootstrapOptions
  ) throws(GraftError) {
    self.bootstrap = bootstrap
    let pairs = try pairedRuns(first, second)
    for set in try commonSets(first, second, pairs) {
      var chosen = metrics ?? []
      if metrics == nil { chosen = try scored(set, first, second) }
      guard !chosen.isEmpty else { continue }
      var answers: (first: [[Prediction]], second: [[Prediction]]) = ([], [])
      // What all runs were asked, as the first one has it.
      var asked: (examples: [AnsweredExample], path: String)?
      for pair in pairs {
        guard let paths = pair.0.files[set].flatMap({ one in pair.1.files[set].map { (one, $0) } }) else {
          continue
        }
        let own = try PredictionsFile.read(paths.0)
        asked = asked ?? (own, paths.0)
        guard let asked else { continue }
        answers.first.append(try aligned(own, paths.0, with: asked.examples, asked.path))
        let other = try PredictionsFile.read(paths.1)
        answers.second.append(try aligned(other, paths.1, with: asked.examples, asked.path))
      }
      guard let asked else { continue }
      let references = asked.examples.map(\.reference)
      for metric in chosen {
        try checkInput(of: metric, asked.examples, references, asked.path)
        try add(
          metric, answers, references, of: set,
          seeds: pairs[0].0.seed == nil ? nil : pairs.compactMap(\.0.seed))
      }
    }
  }

  private mutating func add(
    _ metric: any Metric, _ answers: (first: [[Prediction]], second: [[Prediction]]),
    _ references: [Reference], of set: ExampleSet? = nil, seeds: [String]? = nil
  ) throws(GraftError) {
    let key = bootstrap.key.folded("compare").folded(set?.description ?? "lines")
    let found = try metric.compare(
      seeds: answers.first, answers.second, references,
      bootstrap: BootstrapOptions(resamples: bootstrap.resamples, key: key))
    guard let found else {
      notes.append("\(set.map { "\($0): " } ?? "")\(metric.name) is undefined for one of the two")
      return
    }
    differences.append(
      Difference(
        task: set?.task, split: set?.split, metric: metric.name, signature: metric.signature(for: references),
        first: found.first, second: found.second, difference: found.difference,
        interval: found.interval.map { [$0.lower, $0.upper] }, bootstrapP: found.bootstrapP,
        permutationP: found.p, count: references.count, seeds: seeds))
  }

  // MARK: What belongs together

  /// One run beside one run, or those with the same seed.
  private mutating func pairedRuns(
    _ first: ComparedSystem, _ second: ComparedSystem
  ) throws(GraftError) -> [(ComparedSystem.Run, ComparedSystem.Run)] {
    if first.runs.count == 1, second.runs.count == 1 { return [(first.runs[0], second.runs[0])] }
    for (one, many) in [(first, second), (second, first)] where one.runs.count == 1 {
      let names = many.runs.compactMap(\.seed)
      throw GraftError(
        .badData, "'\(many.path)' holds \(many.runs.count) runs, '\(one.path)' one",
        hint: "compare with one of them: \(many.path)/\(names.first ?? "seed-0").")
    }
    let pairs = first.runs.compactMap { run in
      second.runs.first { $0.seed == run.seed }.map { (run, $0) }
    }
    guard !pairs.isEmpty else {
      throw GraftError(
        .badData, "'\(first.path)' and '\(second.path)' have no seed in common",
        hint: "runs are compared seed by seed; train with the same `seed:`, or compare two of the runs.")
    }
    let paired = Set(pairs.compactMap(\.0.seed))
    for system in [first, second] {
      let alone = system.runs.compactMap(\.seed).filter { !paired.contains($0) }
      if !alone.isEmpty { notes.append("only in '\(system.path)': \(alone.joined(separator: ", "))") }
    }
    return pairs
  }

  private mutating func commonSets(
    _ first: ComparedSystem, _ second: ComparedSystem, _ pairs: [(ComparedSystem.Run, ComparedSystem.Run)]
  ) throws(GraftError) -> [ExampleSet] {
    func answeredByAll(_ runs: [ComparedSystem.Run]) -> Set<ExampleSet> {
      runs.dropFirst().reduce(Set(runs[0].files.keys)) { $0.intersection($1.files.keys) }
    }
    let sets = (answeredByAll(pairs.map(\.0)), answeredByAll(pairs.map(\.1)))
    let common = sets.0.intersection(sets.1)
    guard !common.isEmpty else {
      func text(_ sets: Set<ExampleSet>) -> String {
        sets.isEmpty ? "nothing" : sets.sorted().map(\.description).joined(separator: ", ")
      }
      throw GraftError(
        .badData,
        "nothing to compare: '\(first.path)' answers \(text(sets.0)), '\(second.path)' \(text(sets.1))",
        hint: "evaluate both on the same tasks and splits.")
    }
    for (system, sets) in [(first, sets.0), (second, sets.1)] {
      let alone = sets.subtracting(common).sorted().map(\.description)
      if !alone.isEmpty { notes.append("only in '\(system.path)': \(alone.joined(separator: ", "))") }
    }
    return common.sorted()
  }

  /// The metrics that both results files have for a set, in the order of the first.
  private mutating func scored(
    _ set: ExampleSet, _ first: ComparedSystem, _ second: ComparedSystem
  ) throws(GraftError) -> [any Metric] {
    func entries(_ system: ComparedSystem) -> [ResultEntry]? {
      system.results?.results.filter { $0.task == set.task && $0.split == set.split && $0.group.isEmpty }
    }
    let (own, other) = (entries(first), entries(second))
    guard let some = own ?? other else {
      throw GraftError(
        .usage, "no results file says by which metric \(set) was scored",
        hint: "name one: `metric:` accuracy; `graft list metrics` shows all.")
    }
    if let hash = own?.compactMap(\.taskHash).first, let otherHash = other?.compactMap(\.taskHash).first,
      hash != otherHash
    {
      guard !DefinitionHash.areComparable(hash, otherHash) else {
        throw GraftError(
          .badData,
          "'\(set.task)' was defined in one way for '\(first.path)' and in another for '\(second.path)'",
          hint: "evaluate both with the same task file.")
      }
      notes.append(
        "\(set): one of the two was scored by an earlier graft, which hashed definitions otherwise; whether the task was "
          + "defined alike is not known")
    }
    let others = other.map { Set($0.map(\.metric)) }
    var names: [String] = []
    for name in some.map(\.metric) where !names.contains(name) && others?.contains(name) != false {
      names.append(name)
    }
    var metrics: [any Metric] = []
    // Consistency and contrasts are of sets and groups, of which predictions say nothing.
    for name in names where Metrics.registry.names.contains(name) { metrics.append(try Metrics.registry(name)) }
    return metrics
  }

  /// A run's answers in the order of the examples that the first run was asked.
  private func aligned(
    _ examples: [AnsweredExample], _ path: String, with asked: [AnsweredExample], _ askedPath: String
  ) throws(GraftError) -> [Prediction] {
    var byIdentifier: [String: AnsweredExample] = [:]
    for (index, example) in examples.enumerated() {
      guard byIdentifier.updateValue(example, forKey: example.identifier) == nil else {
        throw GraftError(
          .badData, "the example '\(example.identifier)' is answered twice", hint: "remove one of the lines.",
          location: SourceLocation(file: path, line: index + 1))
      }
    }
    var answers: [Prediction] = []
    for example in asked {
      guard let found = byIdentifier[example.identifier] else {
        throw unequal(
          "\(asked.count) and \(examples.count) examples, '\(example.identifier)' only in the first", path,
          askedPath)
      }
      guard found.target.isExactly(example.target) else {
        throw unequal(
          "the right answer to '\(example.identifier)' is '\(example.target)' and '\(found.target)'", path,
          askedPath)
      }
      guard found.reference == example.reference else {
        throw unequal("'\(example.identifier)' had other choices", path, askedPath)
      }
      answers.append(found.answer)
    }
    guard examples.count == asked.count else {
      let known = Set(asked.map(\.identifier))
      let further = examples.first { !known.contains($0.identifier) }?.identifier ?? ""
      throw unequal(
        "\(asked.count) and \(examples.count) examples, '\(further)' only in the second", path, askedPath)
    }
    return answers
  }

  private func unequal(_ what: String, _ path: String, _ askedPath: String) -> GraftError {
    GraftError(
      .badData, "'\(askedPath)' and '\(path)' answer different examples: \(what)",
      hint: "evaluate both on the same data with the same `limit:`.")
  }

  private func checkInput(
    of metric: any Metric, _ examples: [AnsweredExample], _ references: [Reference], _ path: String
  ) throws(GraftError) {
    let hasInput =
      switch metric.input {
      case .text, .sentences: true
      case .choices, .rankedChoices, .choiceProbabilities: references.allSatisfy { $0.choice != nil }
      case .numbers: references.allSatisfy { $0.number != nil }
      case .logProbabilities: examples.allSatisfy { $0.logProbabilities != nil }
      }
    guard hasInput else {
      throw GraftError(
        .badData, "'\(path)' does not hold what \(metric.name) compares",
        hint: "files of an earlier graft lack it, and a task may answer with something else; "
          + "score the checkpoint again with `graft evaluate --json FILE`, or name another `metric:`.")
    }
  }
}
