import Reporting
import Scoring

/// Scores with their intervals, and baselines beside them.
struct ScoreSection {
  private let material: ReportMaterial

  init(_ material: ReportMaterial) { self.material = material }

  var section: ReportSection {
    var parts: [ReportPart] = []
    for run in material.fineTuning where run.results == nil {
      parts.append(.gap("'\(run.path)' has no results yet; its command with `resume:` goes on."))
    }
    for system in material.systems { parts += scores(system) }
    return ReportSection(
      anchor: "scores", sectionTitle: "Scores",
      sectionLead:
        "Scores up to 1 are shown times 100. One model has its 95 % bootstrap interval over examples, "
        + "several seeds their mean and standard deviation.",
      parts: parts,
      ifEmpty:
        "No scores: `graft finetune` and `graft evaluate --json FILE` make some; name the run or the file.")
  }

  private func scores(_ system: ScoredSystem) -> [ReportPart] {
    let file = system.file
    let remarks = file.remarks.map { $0 + "." }.joined(separator: " ")
    var parts: [ReportPart] = [
      .subtitle(system.path),
      .table(
        "Scores of \(system.name)", file.table(), note: remarks.isEmpty ? nil : remarks,
        command: system.command),
    ]
    if let conditions = file.conditions {
      parts.append(.table("Conditions", ConditionOutcome.table(conditions), command: system.command))
    }
    if let overlaps = file.overlaps {
      parts.append(
        .table(OverlapEntry.caption(overlaps), OverlapEntry.table(overlaps), command: system.command))
    }
    let plots = system.columns(everyMetric: false).compactMap { plot(system, $0) }
    if plots.count > 3 {
      parts.append(.fold("\(plots.count) plots of scores beside baselines", plots))
    } else {
      parts += plots
    }
    if let seeds = file.seedTable() {
      parts.append(.fold("Over seeds", [.table("Spread over seeds", seeds, command: system.command)]))
    }
    return parts
  }

  /// A row per system, the model's own first; nothing where there is nothing to compare.
  private func plot(_ system: ScoredSystem, _ column: ScoredSystem.Column) -> ReportPart? {
    let names = ScoredSystem.distinct(system.file.results.map(\.system))
    let rows = names.compactMap { name -> DotPlot.Row? in
      let entries = system.entries(column, system: name)
      guard let estimate = entries.estimate() else { return nil }
      let factor = Metrics.displayFactor(column.metric, signature: entries.first?.signature)
      let interval = entries.count > 1 ? nil : estimate.interval
      return DotPlot.Row(
        name, entries.map { factor * $0.score },
        interval: interval.flatMap { $0.lower <= $0.upper ? $0.lower...$0.upper : nil })
    }
    guard rows.count > 1 else { return nil }
    let majority = system.entries(column, system: "majority").estimate()?.value
    return .chart(
      "\(column.task) \(column.split): \(column.metric) beside baselines",
      DotPlot(
        title: "\(column.task), \(column.split)",
        xLabel: column.metric,
        rows: rows, reference: majority, width: ReportContext.chartWidth
      ).svg,
      note: "Bars are intervals, or the range of several seeds."
        + (majority == nil ? "" : " The dashed line is the most frequent class."),
      command: system.command)
  }
}
