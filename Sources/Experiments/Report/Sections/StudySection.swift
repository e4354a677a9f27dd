import Reporting

/// Comparisons of many models: the prefix laboratory, the transfer matrix and grids of pretraining.
struct StudySection {
  private let material: ReportMaterial

  init(_ material: ReportMaterial) { self.material = material }

  /// Nil if there are none: most reports are of a single model.
  var section: ReportSection? {
    var parts: [ReportPart] = []
    for study in material.ablations { parts += ablation(study) }
    for study in material.prefixes { parts += prefixes(study) }
    for study in material.transfers { parts += transfer(study) }
    guard !parts.isEmpty else { return nil }
    return ReportSection(
      anchor: "studies", sectionTitle: "Comparisons of many models",
      sectionLead: "Models that differ in one thing, trained with the same seeds.", parts: parts)
  }

  /// The folder of a study's `results.json`.
  private func folder(_ path: String) -> String {
    path.hasSuffix("/results.json") ? String(path.dropLast("/results.json".count)) : path
  }

  private func remarks(_ text: String) -> [ReportPart] {
    text.split(separator: "\n").map { .paragraph(String($0)) }
  }

  private func ablation(_ study: ReportMaterial.Study<AblationReport>) -> [ReportPart] {
    let command = StudyCommand.text("ablate", results: study.path, fallback: ["GRID.yaml"])
    let report = study.report
    let seeds = report.seeds.map { "\($0)" }.joined(separator: ", ")
    var plot = report.plot
    plot.width = 560
    return [
      .subtitle("Pretraining grid: \(folder(study.path))"),
      .table(
        "Objectives and backbones", report.table(),
        note: "Budget of each cell: \(report.budget). Seeds: \(seeds).", command: command),
      .chart("Averages over tasks", plot.svg, command: command),
      .fold("How to read this", remarks(report.remarks)),
    ]
  }

  private func prefixes(_ study: ReportMaterial.Study<PrefixReport>) -> [ReportPart] {
    let report = study.report
    let command = StudyCommand.text("prefixes", results: study.path, fallback: ["--task"] + report.tasks)
    var plot = report.plot
    (plot.width, plot.height) = (ReportContext.chartWidth, 300)
    var parts: [ReportPart] = [
      .subtitle("Prefix laboratory: \(folder(study.path))"),
      .table("Scores by prefix", report.scoreTable, command: command),
      .chart("Held-out loss by prefix", plot.svg, command: command),
    ]
    if let readings = report.readingTable {
      parts.append(
        .fold(
          "Every task under every prefix",
          [.table("Answers under other prefixes", readings, command: command)]))
    }
    return parts + [.fold("How to read this", remarks(report.remarks))]
  }

  private func transfer(_ study: ReportMaterial.Study<TransferReport>) -> [ReportPart] {
    let report = study.report
    let command = StudyCommand.text("transfer", results: study.path, fallback: ["--task"] + report.tasks)
    return [.subtitle("Transfer matrix: \(folder(study.path))")]
      + report.systems.map { .table(report.title($0), report.table($0), command: command) }
      + [.fold("How to read this", remarks(report.remarks))]
  }
}
