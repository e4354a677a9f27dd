import Experiments
import Inference
import Support
import TaskRegistry
import Training

extension FinetuneCommand: PlanningCommand {
  /// Flags that say how is trained and answered. Where none is given, a recipe does for the family that has one.
  private static let choices: Set<String> = [
    "answers", "heads", "label-smoothing", "learning-rate", "optimizer", "optimizer-option",
  ]

  func planned(given: Set<String>) throws(GraftError) -> PlannedRecipe? {
    // What is wrong with the model or the tasks is said when they are read.
    guard recipe.config == nil, given.isDisjoint(with: Self.choices), let source = start.source,
      let family = try? ModelFolder.open(source, base: start.adapter.base).configuration.family,
      let tasks = try? tasksByName(), !tasks.isEmpty
    else { return nil }
    return try FineTuningPlanner.plan(family: family, hasAnswers: FineTuningPlan.headsCanAnswer(tasks))
  }

  private func tasksByName() throws -> [TaskDefinition] {
    let catalog = try data.catalog()
    let names = try selection.mixture.map { name throws(GraftError) in try catalog.mixture(named: name).tasks }
    return try (names ?? selection.task).map { try catalog.task(named: $0) }
  }
}
