import Records
import Support
import TaskRegistry

/// The texts of a set of examples, as a model reads them, if the data is where the report is made.
struct ExampleTexts {
  private var examples: [String: Example] = [:]
  /// Those that the prompt is made of, in its order.
  private(set) var fields: [String] = []
  /// Of the task.
  private(set) var choices: [String]?
  /// Why there are no texts.
  private(set) var note: String?

  init(
    _ set: ExampleSet, _ system: ScoredSystem, _ model: ScoredModel?, _ context: ReportContext
  ) throws(GraftError) {
    guard let catalog = context.catalog else {
      note = "The texts of \(set.task) are not shown, as the task definitions are not here (`tasks:`)."
      return
    }
    do throws(GraftError) {
      try read(set, system, model?.partialInput, catalog, context)
    } catch {
      // A report is about what was measured, and can do without the texts.
      guard [.missingInput, .usage, .badData].contains(error.code) else { throw error }
      examples = [:]
      note = "The texts of \(set.task) are not shown: \(error.message) (`data:`, `tasks:`)."
    }
  }

  /// By the identifier.
  subscript(identifier: String) -> Example? { examples[identifier] }

  private mutating func read(
    _ set: ExampleSet, _ system: ScoredSystem, _ partial: PromptRestriction?, _ catalog: TaskCatalog,
    _ context: ReportContext
  ) throws(GraftError) {
    let found: [Example]
    let hash: DefinitionHash
    if catalog.suiteNames.contains(set.task) {
      let suite = try catalog.suite(named: set.task)
      let task = try system.task(of: suite, catalog)
      (fields, choices, hash) = (task.inputs.fields, task.choices, suite.dataSet.hash)
      found = try suite.examples(through: try task.shown(partial), split: set.split, data: context.data)
    } else {
      let task = try catalog.task(named: set.task)
      (fields, choices, hash) = (task.inputs.fields, task.choices, task.dataSet.hash)
      found = try task.shown(partial).examples(split: set.split, data: context.data)
    }
    let scored = system.file.results.first { $0.task == set.task && $0.taskHash != nil }?.taskHash
    guard scored.map(hash.isSame) ?? true || partial != nil else {
      note = "The texts of \(set.task) are not shown, as it is not defined as it was when it was answered."
      return
    }
    examples = Dictionary(found.map { ($0.identifier, $0) }) { first, _ in first }
  }
}
