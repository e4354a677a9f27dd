import Reporting
import Scoring
import Support

/// The first screen: what was found of the first model, in sentences with figures, and the runs beside each other.
struct VerdictSection {
  private let material: ReportMaterial
  private let context: ReportContext

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  /// What the sentences are about.
  private struct Subject {
    var system: ScoredSystem
    var model: String
    var column: ScoredSystem.Column
    var entries: [ResultEntry]
    var score: Estimate

    var set: String { "\(column.task) \(column.split)" }
  }

  var section: ReportSection {
    var parts: [ReportPart] = []
    if let subject = subject {
      parts.append(.facts("In short", facts(subject), command: subject.system.command))
      if let table = comparisons(with: subject) { parts.append(table) }
    }
    return ReportSection(
      anchor: "verdict", sectionTitle: "What was found",
      sectionLead: "Scores up to 1 are shown times 100. Brackets are 95 % intervals; ± is the standard deviation over "
        + "seeds. What could be chance has 0 within its brackets.",
      parts: parts,
      ifEmpty: "No scores yet: `graft finetune` and `graft evaluate --json FILE` make some.")
  }

  /// The first model that was not trained from drawn values, by the first metric of its first set.
  private var subject: Subject? {
    let systems = material.systems.filter { !Self.isUntrained($0) } + material.systems
    for system in systems {
      guard let model = system.modelSystems.first, let column = system.columns(everyMetric: false).first
      else { continue }
      let entries = system.entries(column, system: model)
      guard let score = entries.estimate() else { continue }
      return Subject(system: system, model: model, column: column, entries: entries, score: score)
    }
    return nil
  }

  /// Whether it is a run from drawn values: the baseline for pretraining.
  private static func isUntrained(_ system: ScoredSystem) -> Bool {
    system.run.map { $0.plan.initialCheckpoint == nil } ?? false
  }

  /// Whether two runs trained the same model on the same tasks, as far as they say.
  private static func areAlike(_ first: ScoredSystem, _ second: ScoredSystem) -> Bool {
    guard let one = first.run?.plan, let other = second.run?.plan else { return false }
    return one.model.family == other.model.family && one.model.sizes == other.model.sizes && one.tasks == other.tasks
      && one.limit == other.limit
  }

  // MARK: Sentences

  private func facts(_ subject: Subject) -> [ReportFact] {
    let beside = baseline(subject)
    let bought = pretraining(subject)
    let part = BaselineSection(material, context).best(subject.system, subject.column)
    let fall = worstFall(subject)
    return [
      ReportFact("score", score(subject)), ReportFact("best baseline", beside.text),
      ReportFact("pretraining", bought.text), ReportFact("a part alone", partial(subject, part)),
      ReportFact("greatest fall", fall.text),
      ReportFact("look next at", next(beside.difference, bought.isKnown, fall.change)),
    ]
  }

  private func score(_ subject: Subject) -> String {
    let seeds = subject.entries.count > 1 ? ", mean of \(subject.entries.count) seeds" : ""
    return "\(subject.system.name) has \(subject.score.scoreText) on \(subject.set): \(subject.column.metric), "
      + "\(subject.entries.first?.examples ?? 0) examples\(seeds)."
  }

  private func baseline(_ subject: Subject) -> (text: String, difference: Estimate?) {
    let names = ScoredSystem.distinct(subject.system.file.results.filter(ScoredSystem.isBaseline).map(\.system))
    let scores = names.compactMap { name in
      subject.system.entries(subject.column, system: name).estimate().map { (name, $0) }
    }
    guard let best = scores.max(by: { $0.1.value < $1.1.value }) else {
      return ("None is beside it: graft evaluate scores n-grams and the most frequent label, too.", nil)
    }
    let difference = subject.score.minus(best.1)
    return (
      "\(best.0) has \(best.1.scoreText): the model has \(difference.signedText) beside it"
        + Self.judged(difference) + ".", difference
    )
  }

  /// What an interval says of a difference.
  private static func judged(_ difference: Estimate) -> String {
    guard let interval = difference.interval else { return "" }
    return interval.lower <= 0 && interval.upper >= 0 ? ", which may be chance" : ", which is more than chance"
  }

  private func pretraining(_ subject: Subject) -> (text: String, isKnown: Bool) {
    guard !Self.isUntrained(subject.system) else {
      return ("The model was trained from drawn values: nothing was pretrained.", true)
    }
    for other in material.systems where Self.isUntrained(other) && Self.areAlike(other, subject.system) {
      guard let row = try? compared(other, subject.system).first(where: { $0.isOf(subject.column) }) else { continue }
      let bought = row.estimate
      return (
        "It bought \(bought.signedText)\(Self.judged(bought)): \(other.name), the same from drawn values, has "
          + "\(NumberText.fixed(row.factor * row.difference.first, digits: 1)).", true
      )
    }
    return ("What it bought is not known: no run of graft finetune --untrained is beside this one.", false)
  }

  private func partial(_ subject: Subject, _ part: (name: String, score: Estimate)?) -> String {
    guard let part else { return "No baseline that sees a part of the input is beside it." }
    let beyond = subject.score.minus(part.score).signedText
    return "\(part.name) has \(part.score.scoreText); the model has \(beyond) beyond it."
  }

  private func worstFall(_ subject: Subject) -> (text: String, change: Estimate?) {
    let stress = StressSection(material, context)
    var falls = stress.falls(subject.system).filter { $0.model == subject.model }.compactMap { fall in
      fall.change.map { ("on \(fall.column.task)", $0) }
    }
    for study in material.stress where study.report.task == subject.column.task {
      falls += study.report.transforms.map { score in
        ("by '\(score.transform)' on \(study.report.split)", score.change.scaled(by: 100))
      }
    }
    guard let worst = falls.min(by: { $0.1.value < $1.1.value }) else {
      return ("It was not stress-tested: graft stress evaluate --transform all does.", nil)
    }
    return ("\(worst.1.signedText) \(worst.0), of \(falls.count) tests\(Self.judged(worst.1)).", worst.1)
  }

  /// The first that stands in the way of believing the score.
  private func next(_ beyond: Estimate?, _ isBoughtKnown: Bool, _ fall: Estimate?) -> String {
    if let beyond, beyond.value <= 0 || (beyond.interval.map { $0.lower <= 0 } ?? false) {
      return "Training: the model does not beat the best baseline; its loss and its data are below."
    }
    if let fall, fall.value < -5 { return "Stress falls: which cues the score rests on." }
    if fall == nil { return "Stress tests, which are not here yet." }
    if !isBoughtKnown { return "A run from drawn values, which says what pretraining bought." }
    return "Worst examples: what the surest wrong answers have in common."
  }

  // MARK: Runs compared

  private struct Row {
    var difference: Difference
    var factor: Double

    var estimate: Estimate {
      Estimate(difference.difference, difference.interval.map { Interval(lower: $0[0], upper: $0[1]) })
        .scaled(by: factor)
    }

    func isOf(_ column: ScoredSystem.Column) -> Bool {
      difference.task == column.task && difference.split == column.split && difference.metric == column.metric
    }
  }

  /// Second minus first, on the same examples.
  private func compared(_ first: ScoredSystem, _ second: ScoredSystem) throws(GraftError) -> [Row] {
    try Comparison(
      ComparedSystem(first.path), ComparedSystem(second.path), metrics: nil, bootstrap: BootstrapOptions()
    ).differences.map { Row(difference: $0, factor: Metrics.displayFactor($0.metric, signature: $0.signature)) }
  }

  /// Every other model beside the first; nil where there is none that answered the same.
  private func comparisons(with subject: Subject) -> ReportPart? {
    var table = Table([
      .init("run"), .init("set"), .init("metric"), .init("score", .right),
      .init("minus \(subject.system.name)", .right), .init("p", .right),
    ])
    var paths: [String] = []
    for other in material.systems where other.path != subject.system.path {
      // What answered nothing, or other examples, stands among the scores alone.
      guard let rows = try? compared(subject.system, other), !rows.isEmpty else { continue }
      paths.append(other.path)
      for row in rows {
        let difference = row.difference
        table.append([
          other.name, "\(difference.task ?? "") \(difference.split ?? "")", difference.metric,
          NumberText.fixed(row.factor * difference.second, digits: 1), row.estimate.signedText,
          NumberText.fixed(difference.permutationP, digits: 4),
        ])
      }
    }
    guard let path = paths.first else { return nil }
    return .table(
      "Runs compared with \(subject.system.name)", table,
      note: "On the same examples: brackets are paired 95 % intervals, p is that of approximate randomisation.",
      command: ShellCommand.graft(["compare", subject.system.path, path]))
  }
}
