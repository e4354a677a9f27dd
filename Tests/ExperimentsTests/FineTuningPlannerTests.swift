import Experiments
import Testing

/// What `graft finetune` does where nothing says how to train.
@Suite struct FineTuningPlannerTests {
  @Test func modernModelsHaveARecipe() throws {
    let heads = try #require(try FineTuningPlanner.plan(family: "modern", hasAnswers: true))
    #expect(heads.recipe.contains("optimizer: adamw\n") && heads.recipe.hasSuffix("heads: true\n"))
    #expect(heads.reasons.count == 1 && heads.reasons[0].contains("by heads"))
    let text = try #require(try FineTuningPlanner.plan(family: "modern", hasAnswers: false))
    #expect(text.recipe.hasSuffix("heads: false\n") && text.reasons[0].contains("in text"))
  }

  /// Others do what they always did.
  @Test(arguments: ["t5", "gpt", "bert"]) func othersHaveNone(_ family: String) throws {
    #expect(try FineTuningPlanner.plan(family: family, hasAnswers: true) == nil)
  }
}
