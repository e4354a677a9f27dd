import Experiments
import Support
import TestSupport
import Testing

/// When a run goes on with a model that comes with Graft.
@Suite struct PredecessorTests {
  private func planner(bytesPerToken: Double) -> PretrainingPlanner {
    PretrainingPlanner(
      rate: 400, bytes: 2e7,
      predecessor: Predecessor(
        name: "seedling", parameters: 5e6, operations: 1e15, bytesPerToken: bytesPerToken))
  }

  /// 3e13 operations of a model of 5 million parameters are a million tokens.
  @Test func aShortRunGoesOn() throws {
    let plan = try planner(bytesPerToken: 4).plan(operations: 3e13)
    #expect(plan.recipe.contains("checkpoint: seedling\n") && !plan.recipe.contains("backbone:"))
    #expect(plan.recipe.contains("batch: 32\n") && !plan.recipe.contains("embeddings:"))
    #expect(plan.reasons.count == 5)
    #expect(plan.reasons[1].contains("seedling") && plan.reasons[1].contains("5.0 million parameters"))
    #expect(plan.reasons[4].contains("about 244 of 32 × 128"), "\(plan.reasons)")
    #expect(try planner(bytesPerToken: 4).plan(tokens: 1e6).recipe == plan.recipe)
    #expect(try planner(bytesPerToken: 4).plan(updates: 100).reasons[4].contains("about 100 of 32 × 128"))
  }

  /// Two megabytes at four bytes a token are half a million tokens, of which the budget would read six times as many.
  @Test func aShortTextIsReadTwice() throws {
    let short = PretrainingPlanner(
      rate: 400, bytes: 2e6,
      predecessor: Predecessor(name: "seedling", parameters: 5e6, operations: 1e15, bytesPerToken: 4))
    let plan = try short.plan(operations: 9e13)
    #expect(try !short.plan(updates: 1e4).recipe.contains("passes:"))
    #expect(plan.recipe.contains("passes: 2\n") && plan.recipe.contains("select: best\n"))
    #expect(plan.reasons[3].contains("read 2 times, which takes about") && plan.reasons[4].contains("about 244 of 32"))
  }

  /// A run of more operations than the model has had does better by a model of its own size, one of another language by
  /// a tokenizer of its own.
  @Test func othersBegin() throws {
    for plan in [
      try planner(bytesPerToken: 4).plan(operations: 2e15), try planner(bytesPerToken: 2.5).plan(operations: 3e13),
    ] {
      #expect(plan.recipe.contains("backbone: modern-") && !plan.recipe.contains("checkpoint:"))
    }
  }

  /// English is four bytes a token of the released model's, Vietnamese half of that.
  @Test func languagesAreTold() throws {
    let folder = try TestFolder()
    let english = "The committee said on Tuesday that the new bridge over the river would be open by May. "
    let other = "Ủy ban cho biết hôm thứ Ba rằng cây cầu mới bắc qua sông sẽ được thông xe vào cuối năm nay. "
    try folder.write("english.txt", String(repeating: english, count: 50))
    try folder.write("other.txt", String(repeating: other, count: 50))
    func read(_ name: String) throws -> Predecessor {
      try #require(try Predecessor("rootstock-mini", reading: ["\(folder.path)/\(name).txt"]))
    }
    let (found, foreign) = try (read("english"), read("other"))
    #expect(found.bytesPerToken > 4 && foreign.bytesPerToken < 2.5, "\(found) \(foreign)")
    #expect(try Predecessor("nobody", reading: []) == nil)
    #expect(found.operations == 1.4e15)
    // Six blocks of width 256 and 8192 tokens.
    #expect(found.parameters == Double(6 * 12 * 256 * 256 + 8192 * 256))
  }
}
