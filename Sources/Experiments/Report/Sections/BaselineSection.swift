import Probing
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// How much a model knows beyond what a part of its input gives away: score minus that of the best baseline that sees a
/// part only.
struct BaselineSection {
  private let material: ReportMaterial
  private let context: ReportContext

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  /// A figure of something that sees a part of the input.
  private struct Partial {
    /// As in the table: `n-grams:hypothesis`, `hypothesis-only (probe)`.
    var name: String
    /// In points.
    var score: Estimate
    /// Of the kind that is trained again to pair answers: the name among `Baselines`.
    var baseline: String?
  }

  func section() throws(GraftError) -> ReportSection {
    var parts: [ReportPart] = []
    for system in material.systems {
      let (table, notes) = try table(system)
      guard !table.rows.isEmpty else { continue }
      let note = (notes + [Self.method]).joined(separator: " ")
      parts.append(
        .table(
          "\(system.name): beyond the best partial-input baseline", table, note: note,
          command: system.command))
    }
    return ReportSection(
      anchor: "beyond", sectionTitle: "Beyond a part of the input",
      sectionLead:
        "What can be answered from one field alone, or always in the same way, needs no understanding "
        + "of how the fields belong together. Only the rest can be that.",
      parts: parts,
      ifEmpty: material.systems.isEmpty
        ? "No scores were given."
        : "No baseline that sees a part of the input: `graft finetune` and `graft evaluate` make "
          + "some without `no-baselines:`, and so do `graft finetune --only-field FIELD` and"
          + " `graft probe --probe partial-input --json FILE`.")
  }

  private static let method =
    "Intervals are 95 %. Paired: the baseline was trained again and both were resampled on the same "
    + "examples. Unpaired:"
    + " made of the two intervals as if they were independent (Newcombe's method 10), which is wider "
    + "than need be where the same examples were answered."

  private func table(_ system: ScoredSystem) throws(GraftError) -> (table: Table, notes: [String]) {
    let hasSeveral = system.modelSystems.count > 1
    var table = Table(
      [.init("set"), .init("metric")] + (hasSeveral ? [.init("model")] : []) + [
        .init("score", .right), .init("best partial input"), .init("its score", .right),
        .init("beyond it", .right), .init("interval"),
      ])
    var notes: [String] = []
    var pairs = PairedBaselines(context)
    let answers = context.pairsBaselines ? try system.answers() : [:]
    for column in system.columns() {
      guard let best = partials(system, column).max(by: { $0.score.value < $1.score.value }) else { continue }
      for name in system.modelSystems {
        guard let score = system.entries(column, system: name).estimate() else { continue }
        var difference = score.minus(best.score)
        var kind = difference.interval == nil ? "none" : "unpaired"
        if let baseline = best.baseline, name == system.modelSystems.first,
          let paired = try pairs.difference(system, column, baseline, answers: answers)
        {
          (difference, kind) = (paired, "paired")
        }
        table.append(
          ["\(column.task) \(column.split)", column.metric] + (hasSeveral ? [name] : []) + [
            score.scoreText, best.name, best.score.scoreText, difference.signedText, kind,
          ])
      }
    }
    notes += pairs.notes
    return (table, notes)
  }

  /// What of a part of the input has the highest score.
  func best(_ system: ScoredSystem, _ column: ScoredSystem.Column) -> (name: String, score: Estimate)? {
    partials(system, column).max { $0.score.value < $1.score.value }.map { ($0.name, $0.score) }
  }

  private func partials(_ system: ScoredSystem, _ column: ScoredSystem.Column) -> [Partial] {
    var found: [Partial] = []
    // Models that were shown a part may have results of their own.
    for other in material.systems {
      for name in ScoredSystem.distinct(other.file.results.map(\.system)) {
        let entries = other.entries(column, system: name)
        // The most frequent label is the answer of one that sees nothing.
        let isBaseline = name == "majority" || name.hasPrefix("n-grams:")
        guard isBaseline ? other.path == system.path : entries.contains(where: { $0.partialInput != nil }),
          let score = entries.estimate()
        else { continue }
        found.append(Partial(name: name, score: score, baseline: isBaseline ? name : nil))
      }
    }
    guard column.metric == Accuracy().name else { return found }
    for task in material.probes.flatMap(\.document.tasks) where task.task == column.task {
      for report in task.probes.values.compactMap({ $0.report as? PartialInputReport }) {
        for score in report.scores where score.split == column.split && Self.isPart(score.input) {
          found.append(Partial(name: "\(score.input) (probe)", score: score.accuracy.scaled(by: 100)))
        }
      }
    }
    return found
  }

  /// Whether an input of the probe leaves out fields, or all of their words.
  private static func isPart(_ input: String) -> Bool { input == "lengths-only" || input.hasSuffix("-only") }
}

/// Baselines trained again where their data is, so that their answers can be compared with a model's, example by
/// example.
private struct PairedBaselines {
  private let context: ReportContext
  private var trained: [Training: Baselines] = [:]
  private(set) var notes: [String] = []

  /// What baselines were trained on: a whole split, or the few examples that a seed drew.
  private struct Training: Hashable {
    var task: String
    var shots: Int?
    var seed: UInt64?
  }

  init(_ context: ReportContext) { self.context = context }

  /// Model minus baseline in points; nil if the answers of either are not to be had.
  mutating func difference(
    _ system: ScoredSystem, _ column: ScoredSystem.Column, _ baseline: String,
    answers: [ExampleSet: [String]]
  ) throws(GraftError) -> Estimate? {
    guard
      let paths = answers.first(where: { $0.key.task == column.task && $0.key.split == column.split })?.value,
      let task = try? context.catalog?.task(named: column.task),
      system.file.results.contains(where: {
        $0.task == task.name && $0.taskHash.map(task.dataSet.hash.isSame) == true
      })
    else { return nil }
    var models: [[AnsweredExample]] = []
    for path in paths { models.append(try PredictionsFile.read(path)) }
    guard let first = models.first, models.allSatisfy({ $0.map(\.identifier) == first.map(\.identifier) }) else {
      return nil
    }
    let entries = system.entries(column, system: baseline).sorted { ($0.seed ?? 0) < ($1.seed ?? 0) }
    var predictions: [[Prediction]] = []
    for entry in entries {
      let training = Training(task: task.name, shots: entry.shots, seed: entry.shots == nil ? nil : entry.seed)
      guard
        let answers = try self.predictions(task, training, column.split, baseline, first.map(\.identifier))
      else { return nil }
      predictions.append(answers)
    }
    // A baseline that was trained once stands beside every seed, few-shot ones beside that which drew their examples.
    if let only = predictions.first, predictions.count == 1 { predictions = models.map { _ in only } }
    guard predictions.count == models.count else { return nil }
    let metric = try Metrics.registry(column.metric)
    let comparison = try metric.compare(
      seeds: predictions, models.map { $0.map { task.interpreted($0.answer) } },
      first.map(\.reference), bootstrap: BootstrapOptions())
    return comparison?.scaled(by: metric.displayFactor).estimate
  }

  private mutating func predictions(
    _ task: TaskDefinition, _ training: Training, _ split: String, _ baseline: String, _ identifiers: [String]
  ) throws(GraftError) -> [Prediction]? {
    do throws(GraftError) {
      if trained[training] == nil {
        context.note(
          "training the baselines of \(task.name) for paired intervals (`no-pairing:` does without)")
        trained[training] = try Baselines(
          task: task, data: context.data, shots: training.shots.map { ($0, training.seed ?? 0) })
      }
      guard let baselines = trained[training] else { return nil }
      let examples = Dictionary(
        try task.examples(split: split, data: context.data).map { ($0.identifier, $0) }
      ) { first, _ in first }
      let asked = identifiers.compactMap { examples[$0] }
      guard asked.count == identifiers.count else { return nil }
      return baselines.predictions(asked).first { $0.name == baseline }?.predictions
    } catch {
      guard error.code == .missingInput else { throw error }
      let note = "The data of \(task.name) is not here, so its intervals are unpaired."
      if !notes.contains(note) { notes.append(note) }
      return nil
    }
  }
}

extension SeededComparison {
  /// second − first.
  fileprivate var estimate: Estimate { Estimate(difference, interval) }
}
