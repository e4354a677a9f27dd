import Experiments
import Support
import Testing

/// What is chosen for a text and a budget.
@Suite struct BudgetPlannerTests {
  private let presets = Resources.presetNames.filter { $0.hasPrefix("modern-") && !$0.hasSuffix("-bigrams") }

  private func choice(_ operations: Double, bytes: Double = 4e8) throws -> BudgetPlanner.Choice {
    try BudgetPlanner(presets: presets).choose(BudgetPlanner.Request(operations: operations, bytes: bytes))
  }

  /// N = √(C / 63): of 4.8e15 operations 8.7 million parameters, which 8 blocks of width 256 and 8192 tokens come
  /// closest to; they read C / 6N tokens.
  @Test func anHourOnAFastMachine() throws {
    let hour = try choice(4.8e15)
    #expect(hour.preset == "modern-mini" && hour.vocabularySize == 8192)
    #expect(abs(hour.parameters - (8 * 12 * 256 * 256 + 8192 * 256)) < 1)
    #expect(abs(hour.tokens - 4.8e15 / 6 / hour.parameters) < 1)
    #expect(abs(hour.passes - hour.tokens * 3.9 / 4e8) < 1e-9)
    #expect(abs(hour.updates * Double(hour.batch * hour.sequenceLength) - hour.tokens) < 1)
  }

  @Test func moreOperationsNeverMakeASmallerModel() throws {
    var before = 0.0
    for exponent in stride(from: 11.0, through: 18, by: 0.5) {
      let made = try choice(pow(10, exponent))
      #expect(made.parameters >= before)
      #expect((16...256).contains(made.batch))
      before = made.parameters
    }
    #expect(try choice(1e12).preset == "modern-micro" && choice(1e18).preset == "modern-base")
  }

  @Test func aSmallTextHasASmallVocabulary() throws {
    #expect(try choice(1e16, bytes: 1e6).vocabularySize == 2048)
    #expect(try choice(1e16, bytes: 1e7).vocabularySize == 8192)
    #expect(try choice(1e13).vocabularySize == 4096)
  }

  /// What is read once has a table of pairs of tokens, what is read often dropout.
  @Test func repetitionDecidesOnTheTableAndDropout() throws {
    let once = try choice(1e14, bytes: 1e9)
    #expect(once.passes < 1 && once.backbone == "\(once.preset)-bigrams" && once.dropout == nil)
    let thrice = try choice(1e14, bytes: once.tokens * 3.9 / 3)
    #expect(thrice.backbone == thrice.preset && thrice.dropout == nil)
    let often = try choice(1e14, bytes: once.tokens * 3.9 / 12)
    #expect(often.backbone == often.preset && often.dropout == 0.1)
    let plan = try PretrainingPlanner(rate: 500, bytes: 2e7).plan(operations: 1e15)
    #expect(plan.recipe.contains("dropout: 0.1\n") && !plan.recipe.contains("bigrams"))
    #expect(plan.recipe.contains("passes: 4\nselect: best\n"))
    #expect(plan.reasons[3].contains("20.0 MB, read 4 times"), "\(plan.reasons)")
    #expect(try !PretrainingPlanner(rate: 500, bytes: 2e8).plan(operations: 1e15).recipe.contains("passes:"))
    for name in presets { #expect(Resources.presetNames.contains("\(name)-bigrams")) }
  }

  @Test func aPlanIsARecipe() throws {
    let plan = try PretrainingPlanner(rate: 500, bytes: 2e8).plan(seconds: 3600)
    #expect(plan.reasons.count == 6 && plan.reasons.allSatisfy { !$0.isEmpty })
    #expect(plan.reasons[5].wholeMatch(of: /loss: about [0-9.]+ bits per byte \[[0-9.]+, [0-9.]+\].*/) != nil)
    let keys = try YAMLValue(parsing: plan.recipe, file: "recipe.yaml").entries().map(\.key)
    #expect(Set(keys).isSuperset(of: ["objective", "optimizer", "backbone", "vocabulary-size", "batch"]))
    #expect(Set(keys).count == keys.count)
  }
}

private func pow(_ base: Double, _ exponent: Double) -> Double {
  var result = 1.0
  let whole = Int(exponent)
  for _ in 0..<whole { result *= base }
  return exponent > Double(whole) ? result * base.squareRoot() : result
}
