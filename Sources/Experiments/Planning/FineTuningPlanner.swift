import Support

/// Chooses how a model is fine-tuned of which only the family and the tasks are known.
public enum FineTuningPlanner {
  /// The recipe of a family; nil where it has none, and commands do what their flags say.
  /// - Parameter hasAnswers: whether all tasks have fixed choices or numbers as answers, so that heads can give them.
  /// - Throws: as reading the recipe that comes with Graft.
  public static func plan(family: String, hasAnswers: Bool) throws(GraftError) -> PlannedRecipe? {
    guard family == PretrainingPlanner.family else { return nil }
    let how = hasAnswers ? "answers by heads" : "answers in text"
    return PlannedRecipe(
      recipe: try Resources.recipe("finetune") + "heads: \(hasAnswers)\n",
      reasons: ["fine-tuning: \(how), by the recipe for \(family) models; Docs/RECIPES.md has it"])
  }
}
