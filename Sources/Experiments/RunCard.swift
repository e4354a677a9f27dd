import Foundation
import Inference
import Reporting
import Scoring
import Support
import TaskRegistry
import Training

/// The README.md of a fine-tuning run, a model card: what the model is, its scores with intervals beside baselines,
/// what is left of them on stress suites, its data and its recipe, and whom to cite. It begins with the metadata that
/// the Hub of Hugging Face reads (https://huggingface.co/docs/hub/model-cards), a `model-index` of scores among them.
struct RunCard {
  /// What the card is called in a run directory.
  static let fileName = "README.md"

  private let run: FineTunedRun
  private let results: ResultsFile
  /// Trained on.
  private let tasks: [TaskDefinition]
  private let system: ScoredSystem

  /// - Parameter tasks: that the run was trained on.
  /// - Throws: as reading the run; `.missingInput` if it has no results yet.
  init(run path: String, tasks: [TaskDefinition]) throws(GraftError) {
    run = try FineTunedRun(path)
    guard let results = run.results else {
      throw GraftError(.missingInput, "'\(path)' has no results.json yet", hint: "resume the run that makes it.")
    }
    (self.results, self.tasks, system) = (results, tasks, ScoredSystem(run, results))
  }

  /// Writes the card into the run's directory.
  /// - Throws: `.inputOutput` if it cannot be written.
  func write() throws(GraftError) { try AtomicFile.write(text, to: "\(run.path)/\(Self.fileName)") }

  /// The whole file.
  var text: String {
    ([frontMatter, "# \(name)\n", introduction] + sections.map { "## \($0.title)\n\n\($0.text)" })
      .joined(separator: "\n") + "\n"
  }

  private var name: String {
    let start = run.plan.initialCheckpoint.map { Paths.name(of: Paths.normalized($0)) } ?? run.plan.model.family
    return "\(start) fine-tuned on \(run.plan.tasks.joined(separator: ", "))"
  }

  // MARK: Metadata

  /// Between lines of three dashes.
  private var frontMatter: String {
    func list(_ key: String, _ values: [String]) -> String {
      values.isEmpty ? "" : "\(key):\n" + values.map { "- \($0.yamlScalar)\n" }.joined()
    }
    let languages = ["english": "en", "german": "de", "french": "fr", "romanian": "ro", "vietnamese": "vi"]
    let tags = ScoredSystem.distinct(tasks.flatMap(\.tags))
    var text = "---\nlibrary_name: graft\n"
    text += list("language", tags.compactMap { languages[$0] })
    if let first = tasks.first.map(Self.kind), tasks.allSatisfy({ Self.kind($0) == first }) {
      text += "pipeline_tag: \(first)\n"
    }
    text += list("tags", ["graft", run.plan.model.family] + tags.filter { languages[$0] == nil })
    text += list("datasets", run.plan.tasks)
    text += list("metrics", ScoredSystem.distinct(columns.map(\.metric)))
    return text + modelIndex + "---\n"
  }

  /// Scores of whole sets by models that see all of their input.
  private var columns: [ScoredSystem.Column] {
    system.columns().filter { column in system.modelSystems.contains { !entries(column, $0).isEmpty } }
  }

  private func entries(_ column: ScoredSystem.Column, _ model: String) -> [ResultEntry] {
    system.entries(column, system: model).filter { $0.partialInput == nil }
  }

  private var modelIndex: String {
    guard let model = system.modelSystems.first, !columns.isEmpty else { return "" }
    var text = "model-index:\n- name: \(name.yamlLiteral)\n  results:\n"
    var seen: Set<[String]> = []
    for set in columns where seen.insert([set.task, set.split]).inserted {
      let kind = tasks.first { $0.name == set.task }.map(Self.kind) ?? tasks.first.map(Self.kind) ?? "other"
      text += """
          - task:
              type: \(kind)
            dataset:
              name: \(set.task.yamlLiteral)
              type: \(set.task.yamlScalar)
              split: \(set.split.yamlScalar)
            metrics:

        """
      for column in columns where column.task == set.task && column.split == set.split {
        text += metric(column, entries(column, model))
      }
    }
    return text
  }

  /// The score as its metric defines it, of several seeds their mean, and what tells how sure it is.
  private func metric(_ column: ScoredSystem.Column, _ entries: [ResultEntry]) -> String {
    guard let first = entries.first, let summary = SeedSummary(entries.map(\.score)) else { return "" }
    var facts = ["examples: \(first.examples)"]
    if entries.count > 1 {
      facts.append("seeds: \(entries.count)")
      if let deviation = summary.standardDeviation { facts.append("deviation_over_seeds: \(deviation)") }
    } else if let interval = first.interval {
      facts.append("interval_95: [\(interval.lowerBound), \(interval.upperBound)]")
    }
    if let signature = first.signature { facts.append("signature: \(signature.yamlLiteral)") }
    return """
          - type: \(column.metric.yamlScalar)
            name: \(column.metric.yamlLiteral)
            value: \(summary.mean)
            args: {\(facts.joined(separator: ", "))}

      """
  }

  /// What the Hub calls such a task.
  private static func kind(_ task: TaskDefinition) -> String {
    let known = [
      "translation": "translation", "summarization": "summarization", "similarity": "sentence-similarity",
      "ranking": "multiple-choice",
    ]
    if let kind = task.tags.lazy.compactMap({ known[$0] }).first { return kind }
    return task.choices == nil ? "text-generation" : "text-classification"
  }

  // MARK: What people read

  private var introduction: String {
    let plan = run.plan
    let model = TrainingSection.model(plan.model, name: plan.model.family)
    let start = plan.initialCheckpoint.map { "It began as `\($0)`." } ?? "It began with drawn values: no pretraining."
    let adapter = plan.model.lora.map { " It is an adapter (\($0.facts)) beside that model." } ?? ""
    return """
      A model of the family \(model). \(start)\(adapter) Trained and scored by Graft \(GraftVersion.number).

      """
  }

  private var sections: [(title: String, text: String)] {
    [("Scores", scores), ("Stress tests", stress), ("Data", data), ("Recipe", recipe), ("Citation", citation)]
  }

  private var scores: String {
    let remarks = results.remarks.map { "\n\($0).\n" }.joined()
    return results.table().markdown + """

      Scores up to 1 are shown times 100. Brackets are 95 % bootstrap intervals over examples, ± is the standard deviation over
      seeds. `majority` always gives the most frequent training label, `n-grams` is a linear model of words and pairs of words.
      \(remarks)
      """
  }

  /// Sets that are no tasks of the training, beside the task that they are put as.
  private var stress: String {
    let names = Set(run.plan.tasks)
    guard let model = system.modelSystems.first else { return "Not measured.\n" }
    var table = Table(
      [.init("suite"), .init("metric"), .init("task")]
        + ["on the task", "on the suite", "fall"].map { .init($0, .right) })
    for column in columns where !names.contains(column.task) {
      let found = entries(column, model)
      let through = found.first?.through ?? run.plan.tasks.first ?? ""
      let own = columns.filter { $0.task == through && $0.metric == column.metric }
      let task = own.first { $0.split == "test" } ?? own.first
      let before = task.flatMap { entries($0, model).estimate() }
      guard let after = found.estimate() else { continue }
      table.append([
        column.task, column.metric, task.map { "\($0.task) \($0.split)" } ?? "–", before?.scoreText ?? "–",
        after.scoreText, before.map { after.minus($0).signedText } ?? "–",
      ])
    }
    let falls =
      table.rows.isEmpty
      ? ""
      : table.markdown + """

        A fall is the score on the suite minus that on the task, which are different examples; of several seeds all are means.

        """
    let parts = [falls, changed, failures].filter { !$0.isEmpty }
    guard parts.isEmpty else { return parts.joined(separator: "\n") }
    return """
      Not measured: `graft finetune --suite NAME` and `graft stress evaluate --card` say how far the scores fall where the cues
      of the training data no longer help. Do so before you rely on the model.

      """
  }

  /// Transforms of examples, of which both forms are answered.
  private var changed: String {
    var table = Table(
      [.init("transform"), .init("of")]
        + ["examples", "unchanged", "changed", "difference"].map { .init($0, .right) })
    for (_, seed, results) in run.stress {
      for score in results.transforms {
        table.append([score.transform, Self.source(results, seed)] + score.cardCells)
      }
    }
    guard !table.rows.isEmpty else { return "" }
    return table.markdown + """

      Accuracy times 100 on examples that a transform changes without changing what is right, before and after.

      """
  }

  /// Checklists, by how often their tests fail.
  private var failures: String {
    var table = Table([.init("checklist"), .init("of"), .init("cases", .right), .init("failure rate", .right)])
    for (_, seed, results) in run.stress {
      for list in results.checklists {
        table.append([list.checklist, Self.source(results, seed)] + list.cardCells)
      }
    }
    return table.rows.isEmpty ? "" : table.markdown
  }

  private static func source(_ results: StressResults, _ seed: String?) -> String {
    results.source + (seed.map { ", \($0)" } ?? "")
  }

  private var data: String {
    let plan = run.plan
    let part =
      plan.shots.map { "\($0) examples of each class, drawn by the seed, of " }
      ?? plan.limit.map { "At most \($0) examples each of " } ?? plan.randomSubset.map {
        "\($0) random examples each of "
      }
      ?? (plan.subsets == nil ? "" : "Subsets of ")
    let lines = plan.tasks.map { name -> String in
      let provenance = tasks.first { $0.name == name }?.provenance ?? [:]
      let facts = [
        provenance["citation"], provenance["origin"].map { "from \($0)" },
        provenance["licence"].map { "licence: \($0)" },
        run.first.manifest.dataHashes["task \(name)"].map { "definition `\($0)`" },
      ]
      return "- `\(name)`" + facts.compactMap(\.self).map { "; \($0)" }.joined()
    }
    return "\(part)\(part.isEmpty ? "The" : "the") training split of\n\n\(lines.joined(separator: "\n"))\n"
  }

  private var recipe: String {
    let (plan, manifest) = (run.plan, run.first.manifest)
    let settings = plan.settings
    let facts = [
      settings.steps.map { "\($0) updates" }, "\(settings.batch) examples each", settings.optimizer,
      "learning rate \(NumberText.shortest(settings.learningRate))", "dropout \(NumberText.shortest(settings.dropout))",
      settings.precision.rawValue,
      "seed\(run.seeds.count > 1 ? "s" : "") "
        + run.seeds.map { "\($0.manifest.seed)" }.joined(separator: ", "),
    ]
    return """
          \(run.command)

      \(facts.compactMap(\.self).joined(separator: "; ")); matrix products by \(manifest.backendSignature). `run.json` has every
      setting and the hashes of all inputs, `predictions/` every answer.

      """
  }

  private var citation: String {
    """
    \(ProjectCitation.sentence)

    ```bibtex
    \(ProjectCitation.bibtex)
    ```
    """
  }
}
