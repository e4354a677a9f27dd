import Reporting
import Scoring
import StressTesting
import Support
import TaskRegistry

/// What is left of a model's scores on sets made to find out what they rest on: stress suites, changed examples and
/// checklists.
struct StressSection {
  private let material: ReportMaterial
  private let context: ReportContext

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  var section: ReportSection {
    var parts: [ReportPart] = []
    for system in material.systems { parts += suites(system) }
    for study in material.stress { parts += transforms(study) }
    if material.systems.isEmpty || !parts.contains(where: { !$0.figures.isEmpty }) {
      parts.append(
        .gap(
          "No stress suites: `graft finetune --suite NAME` or `graft evaluate --suite NAME --json "
            + "FILE` scores them (`graft list suites`)."))
    }
    if material.stress.isEmpty {
      parts.append(
        .gap(
          "No changed examples and checklists: `graft stress evaluate --transform all --json FILE` "
            + "makes and scores them."
        ))
    }
    return ReportSection(
      anchor: "stress", sectionTitle: "Stress falls",
      sectionLead:
        "What is left where the cues of the training data no longer help. A fall is the score on the "
        + "stress set minus that on the task.",
      parts: parts)
  }

  /// The sets of a system that are no tasks of its training.
  private func suiteNames(_ system: ScoredSystem) -> [String] {
    ScoredSystem.distinct(system.file.results.map(\.task)).filter { name in
      if let run = system.run { return !run.plan.tasks.contains(name) }
      return context.catalog?.suiteNames.contains(name) ?? false
    }
  }

  /// A model's score on a suite beside that on the task it is put as.
  struct Fall {
    var model: String
    /// Of the suite.
    var column: ScoredSystem.Column
    /// Of the task; nil if that was not scored.
    var task: ScoredSystem.Column?
    var own: Estimate?
    var score: Estimate

    /// Nil where there is nothing to fall from.
    var change: Estimate? { own.map { score.minus($0) } }
  }

  /// Of all suites of a system.
  func falls(_ system: ScoredSystem) -> [Fall] {
    let names = suiteNames(system)
    let taskNames =
      system.run?.plan.tasks
      ?? ScoredSystem.distinct(system.file.results.map(\.task)).filter { !names.contains($0) }
    return names.flatMap { name in
      system.modelSystems.flatMap { model in
        system.columns().filter { $0.task == name }.compactMap { column in
          system.entries(column, system: model).estimate().map { score in
            let task = taskColumn(of: column, among: taskNames, system)
            let own = task.flatMap { system.entries($0, system: model).estimate() }
            return Fall(model: model, column: column, task: task, own: own, score: score)
          }
        }
      }
    }
  }

  private func suites(_ system: ScoredSystem) -> [ReportPart] {
    var falls = Table(
      [.init("suite"), .init("model"), .init("metric"), .init("task")]
        + ["on the task", "on the suite", "fall"].map { .init($0, .right) })
    for fall in self.falls(system) {
      falls.append([
        fall.column.task, fall.model, fall.column.metric, fall.task.map { "\($0.task) \($0.split)" } ?? "–",
        fall.own?.scoreText ?? "–", fall.score.scoreText, fall.change?.signedText ?? "–",
      ])
    }
    var groups: [ReportPart] = []
    for name in suiteNames(system) {
      for model in system.modelSystems {
        for titled in GroupTables(system.file, task: name, system: model).tables {
          let title = system.modelSystems.count > 1 ? "\(titled.title), \(model)" : titled.title
          groups.append(.table(title, titled.table, command: system.command))
        }
      }
    }
    guard !falls.rows.isEmpty else { return [] }
    var parts: [ReportPart] = [
      .subtitle("Suites: \(system.path)"),
      .table(
        "Falls of \(system.name)", falls,
        note:
          "95 % intervals; that of the fall is made of the other two, as the examples are different "
          + "ones (Newcombe's method 10).",
        command: system.command),
    ]
    if groups.count > 2 {
      parts.append(.fold("Suites by heuristic, category and label (\(groups.count) tables)", groups))
    } else {
      parts += groups
    }
    return parts
  }

  /// What a suite's score is compared with: the test split, else the first, of the task it is put as.
  private func taskColumn(
    of suite: ScoredSystem.Column, among names: [String], _ system: ScoredSystem
  ) -> ScoredSystem.Column? {
    let definition = try? context.catalog?.suite(named: suite.task)
    let task = context.catalog.flatMap { catalog in definition.flatMap { try? system.task(of: $0, catalog) } }
    let through = task?.name ?? names.first
    let columns = system.columns().filter { $0.task == through && $0.metric == suite.metric }
    return columns.first { $0.split == "test" } ?? columns.first
  }

  private func transforms(_ study: ReportMaterial.Study<StressResults>) -> [ReportPart] {
    let results = study.report
    let command =
      results.arguments.map(ShellCommand.text)
      ?? ShellCommand.graft(
        [
          "stress", "evaluate", "--checkpoint", results.checkpoint, "--task", results.task, "--split",
          results.split,
        ]
          + (results.transforms.isEmpty ? [] : ["--transform"] + results.transforms.map(\.transform))
          + (results.checklists.isEmpty ? [] : ["--checklist"] + results.checklists.map(\.checklist))
          + (results.limit.map { ["--limit", "\($0)"] } ?? []) + ["--seed", "\(results.seed)"]
          + context.dataFlags + ["--json", study.path])
    var parts: [ReportPart] = [
      .subtitle("Changed examples: \(results.task) \(results.split), \(results.checkpoint)")
    ]
    if !results.transforms.isEmpty {
      parts.append(
        .table(
          "\(results.task) \(results.split) by transform", results.table,
          note:
            "Accuracy on the originals of a set and on what was made of them, in per cent; the "
            + "difference with its paired 95 % interval and p; pairs of which both are right; answers "
            + "that should have stayed and did not (flips), and those whose probability moved by "
            + "\(NumberText.fixed(Probabilities.tolerance, digits: 1)) as well (failures).",
          command: command))
      parts.append(
        .chart(
          "The same as a picture",
          DotPlot(
            title: "Change of accuracy", xLabel: "points, with 95 % intervals",
            rows: results.transforms.map { score in
              DotPlot.Row(
                score.transform, [100 * score.change.value],
                interval: score.change.interval.flatMap {
                  $0.lower <= $0.upper ? 100 * $0.lower...100 * $0.upper : nil
                })
            }, reference: 0, width: ReportContext.chartWidth
          ).svg, command: command))
    }
    for result in results.checklists {
      parts.append(
        .table(
          "Checklist \(result.checklist): failure rates", result.table,
          note: "In per cent of the cases, with 95 % intervals.", command: command))
    }
    return parts
  }
}
