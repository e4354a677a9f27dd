import Checkpointing
import Families
import ModelKit
import Reporting
import Scoring
import Support
import Training

/// What was trained on what: runs in the order of the chain, pretraining before what came of it.
struct TrainingSection {
  private let material: ReportMaterial

  init(_ material: ReportMaterial) { self.material = material }

  var section: ReportSection {
    var parts: [ReportPart] = []
    var shown: Set<String> = []
    func show(_ run: PretrainingRun) {
      guard shown.insert(run.path).inserted else { return }
      if let start = run.manifest.configuration.initialCheckpoint,
        let earlier = PretrainingRun(ofCheckpoint: start), earlier.path != run.path
      {
        show(earlier)
      }
      parts += pretraining(run)
    }
    for run in material.pretraining { show(run) }
    for run in material.fineTuning {
      if let start = run.plan.initialCheckpoint, let earlier = PretrainingRun(ofCheckpoint: start) {
        show(earlier)
      }
      parts += fineTuning(run)
    }
    return ReportSection(
      anchor: "training", sectionTitle: "What was trained on what",
      sectionLead:
        "The models of this report from their first text on, with everything that decides what they computed.",
      parts: parts,
      ifEmpty: "No run was given: `graft report RUN` shows what a run directory says about its training.")
  }

  private func pretraining(_ run: PretrainingRun) -> [ReportPart] {
    let plan = run.manifest.configuration
    var facts = [
      ReportFact("model", Self.model(plan.model, name: plan.start)),
      ReportFact(
        "begins with", plan.initialCheckpoint ?? "drawn values, \(plan.embeddings.rawValue) embeddings"),
      ReportFact("objective", Self.named(plan.objective, plan.objectiveParameters)),
      ReportFact("corpus", corpus(plan, passes: run.result?.epochs ?? [])),
      ReportFact(
        "sequence",
        "\(plan.length) tokens, \(plan.merged ? "across documents" : "within documents")"
          + (plan.carriesState == true ? ", state carried from window to window" : "")),
    ]
    if let supervised = plan.supervised {
      let share = NumberText.shortest(100 * supervised.share)
      facts.append(
        ReportFact("labelled tasks", "\(supervised.tasks.joined(separator: ", ")), \(share) % of the samples")
      )
    }
    facts += spent(
      run.manifest, plan.settings, [run.log], seconds: run.result?.elapsedSeconds ?? run.log.seconds)
    var heldOut: [String] = []
    if let loss = run.result?.heldOut.last?.lossPerToken ?? run.log.heldOut.last?.y {
      heldOut.append("\(NumberText.fixed(loss, digits: 3)) nats per target")
    }
    if let bits = run.result?.heldOut.last?.bitsPerByte ?? run.log.bitsPerByte {
      heldOut.append("\(NumberText.fixed(bits, digits: 3)) bits per byte")
    }
    if let reference = run.result?.unigramReference {
      heldOut.append("a model blind to its input has \(NumberText.fixed(reference, digits: 3)) nats")
    }
    if !heldOut.isEmpty { facts.append(ReportFact("held-out loss", heldOut.joined(separator: "; "))) }
    var parts: [ReportPart] = [
      .subtitle("Pretraining: \(run.path)"), .facts("The run", facts, command: run.command),
    ]
    if run.result == nil {
      parts.append(.gap("This run is not finished; its command with `resume:` goes on."))
    }
    if run.log.heldOut.count > 1 || run.log.training.count > 1 {
      var series = [
        LineChart.Series("held-out", run.log.heldOut), LineChart.Series("training", run.log.training),
      ]
      if let reference = run.result?.unigramReference {
        let last = Double(run.log.steps)
        series.append(
          LineChart.Series("input-blind", [.init(x: 0, y: reference), .init(x: last, y: reference)]))
      }
      parts.append(
        .chart("Loss of pretraining", Self.curve("Loss by updates", series), command: run.command))
    }
    return parts + [fold(run.manifest)]
  }

  private func fineTuning(_ run: FineTunedRun) -> [ReportPart] {
    let plan = run.plan
    var facts = [
      ReportFact("model", Self.model(plan.model, name: plan.model.family)),
      ReportFact("begins with", plan.initialCheckpoint ?? "drawn values (from scratch)"),
      ReportFact(plan.tasks.count == 1 ? "task" : "tasks", plan.tasks.joined(separator: ", ")),
    ]
    func add(_ name: String, _ text: String?) { if let text { facts.append(ReportFact(name, text)) } }
    add("left out", plan.absentTasks.map { "\($0.joined(separator: ", ")): no data" })
    add("examples", plan.limit.map { "at most \($0) of each task" })
    add("examples", plan.shots.map { "\($0) of each class" })
    add(
      "examples",
      plan.subsets.map { $0.map { "\($0.task) \($0.name) (\($0.count))" }.joined(separator: ", ") })
    add("examples", plan.randomSubset.map { "\($0) of each task at random" })
    add("sees", plan.partialInput?.description)
    add("label smoothing", plan.labelSmoothing.map(NumberText.shortest))
    add("passes", plan.epochs.map(NumberText.shortest))
    facts += spent(
      run.first.manifest, plan.settings, run.seeds.map(\.log),
      seconds: run.seeds.compactMap { $0.manifest.timings["training"] ?? $0.log.seconds }.reduce(0, +))
    if run.seeds.count > 1 {
      add("seeds", run.seeds.map { "\($0.manifest.seed)" }.joined(separator: ", "))
    }
    var parts: [ReportPart] = [
      .subtitle("Fine-tuning: \(run.path)"), .facts("The run", facts, command: run.command),
    ]
    let series =
      run.seeds.map {
        LineChart.Series(run.seeds.count > 1 ? "seed \($0.manifest.seed)" : "training", $0.log.training)
      }
      + (run.seeds.count == 1 && !run.first.log.heldOut.isEmpty
        ? [LineChart.Series("held-out", run.first.log.heldOut)] : [])
    if series.contains(where: { $0.points.count > 1 }) {
      parts.append(
        .chart("Loss of fine-tuning", Self.curve("Loss by updates", series), command: run.command))
    }
    if let table = run.results?.mixtureTable() {
      parts.append(.table("How often each task was seen", table, command: run.command))
    }
    return parts + [fold(run.first.manifest)]
  }

  static func curve(_ title: String, _ series: [LineChart.Series]) -> String {
    LineChart(
      title: title, xLabel: "updates", yLabel: "nats per target",
      series: series.filter { $0.points.count > 1 },
      width: ReportContext.chartWidth, height: 280
    ).svg
  }

  /// What the training took and how it was done.
  private func spent(
    _ manifest: RunManifest<some Codable & Sendable>, _ settings: TrainingSettings, _ logs: [RunLog],
    seconds: Double?
  ) -> [ReportFact] {
    var facts: [ReportFact] = []
    let done = logs.map(\.steps).max() ?? 0
    let steps = settings.steps.map { done > 0 && done < $0 ? "\(done) of \($0)" : "\($0)" } ?? "\(done)"
    let seen = logs.compactMap(\.tokensSeen)
    let length = [
      "\(steps) updates of \(settings.batch) examples",
      seen.isEmpty
        ? nil
        : "\(NumberText.abbreviated(Double(seen.reduce(0, +)) / Double(seen.count))) positions, inputs "
          + "and targets",
    ].compactMap(\.self)
    facts.append(ReportFact("length", length.joined(separator: "; ")))
    if let seconds, seconds > 0 {
      facts.append(
        ReportFact(
          "time", NumberText.duration(seconds) + (logs.count > 1 ? " for all seeds" : "")))
    }
    let options = [
      "learning rate \(NumberText.shortest(settings.learningRate))", settings.schedule,
      Self.warmup(settings.warmup),
      settings.cooldown.map { "cooldown over \(Share($0)) of the run" },
      settings.maximumNorm.map { "clipped at \(NumberText.shortest($0))" } ?? "not clipped",
      "dropout \(NumberText.shortest(settings.dropout))",
    ].compactMap(\.self)
    facts.append(ReportFact("optimizer", "\(settings.optimizer), \(options.joined(separator: ", "))"))
    facts.append(
      ReportFact(
        "computed with",
        "\(manifest.precision), \(manifest.shards) shards, \(manifest.backendSignature), seed \(manifest.seed)"
      ))
    return facts
  }

  private func fold(_ manifest: RunManifest<some Codable & Sendable>) -> ReportPart {
    var table = Table([.init("what"), .init("SHA-256")])
    for (name, hash) in manifest.dataHashes.sorted(by: { $0.key < $1.key }) { table.append([name, hash]) }
    return .fold(
      "Hashes of what was read (\(manifest.dataHashes.count))",
      [.table("Inputs of the run", table, command: ShellCommand.text(manifest.arguments))])
  }

  private static func warmup(_ warmup: Warmup) -> String {
    switch warmup {
    case .updates(let count, nil): "\(count) warm-up updates"
    case .updates(let count, let limit?): "\(count) warm-up updates, at most \(Share(limit)) of the run"
    case .share: "warm-up \(warmup) of the run"
    }
  }

  private static func named(_ name: String, _ parameters: [String: Double]) -> String {
    let texts = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(NumberText.shortest($0.value))" }
    return texts.isEmpty ? name : "\(name) (\(texts.joined(separator: ", ")))"
  }

  private func corpus(_ plan: PretrainingPlan, passes: [Double]) -> String {
    plan.corpora.enumerated().map { index, share in
      let times = index < passes.count ? passes[index] : nil
      return share.path
        + (times.map { ", read \(NumberText.fixed($0, digits: 1)) times" }
          ?? (share.repetition == 1 ? "" : " × \(NumberText.shortest(share.repetition))"))
    }.joined(separator: "\n")
  }

  /// The sizes of a model, and how many parameters it has.
  static func model(_ configuration: ModelConfiguration, name: String) -> String {
    let count = (try? Families.make(configuration))?.declarations.count
    let parameters = count.map { "\(NumberText.abbreviated(Double($0))) parameters" }
    let sizes =
      [parameters].compactMap(\.self) + ((try? configuration.traits().facts) ?? [])
      + ["\(configuration.vocabularySize) tokens"]
    return "\(name): \(sizes.joined(separator: ", "))"
  }
}
