import Foundation
import Support
import TestSupport
import Testing

@testable import Training

/// Budgets in tokens and operations, and the count of operations.
@Suite struct PretrainingBudgetTests {
  private func run(
    _ plan: PretrainingPlan, in folder: TestFolder, _ name: String = "run"
  ) throws -> PretrainingResult {
    let laboratory = try Laboratory.shared.get()
    return try Pretraining.run(
      plan, tokenizer: laboratory.tokenizer, directory: "\(folder.path)/\(name)",
      cache: "\(folder.path)/cache", resuming: false, arguments: [], stop: StopRequest(), emit: { _ in })
  }

  @Test(.tags(.slow), arguments: SmallModels.writers) func aBudgetIsSpent(_ family: String) throws {
    let folder = try TestFolder()
    var plan = try Laboratory.shared.get().plan(family)
    plan.settings.steps = nil
    plan.budget = .tokens(6000)
    let tokens = try run(plan, in: folder, "tokens")
    #expect(abs(Double(tokens.tokensSeen) - 6000) < 300, "\(tokens.tokensSeen)")
    let operations = try #require(tokens.operations)
    plan.budget = .operations(operations)
    let other = try run(plan, in: folder, "operations")
    #expect(other.steps == tokens.steps)
    #expect(other.operations == operations)
  }

  @Test func oneBudgetOnly() throws {
    let folder = try TestFolder()
    var plan = try Laboratory.shared.get().plan()
    plan.budget = .tokens(6000)
    let error = #expect(throws: GraftError.self) { try run(plan, in: folder) }
    #expect(error?.message == "a run needs one budget")
    plan.settings.steps = nil
    plan.budget = .tokens(-1)
    #expect(throws: GraftError.self) { try run(plan, in: folder) }
  }

  /// Checkpoints of versions that did not count operations.
  @Test func olderDetailsAreRead() throws {
    let details = try JSONDecoder().decode(LoopDetails.self, from: Data(#"{"heldOut":[]}"#.utf8))
    #expect(details.operations == nil)
    #expect(LoopDetails().operations == 0)
  }
}
