import Support
import TaskRegistry
import TestSupport
import Testing

@testable import Commands
@testable import Experiments

/// Numbers as people write them, in flags and in grids.
@Suite(.tags(.process)) struct QuantityTests {
  @Test(arguments: [
    ("40K", 40_000), ("40k", 40_000), ("1.5G", 1.5e9), ("2e14", 2e14), ("36M", 36e6), ("7", 7), ("3t", 3e12),
  ]) func quantities(_ text: String, _ value: Double) {
    #expect(Quantity(argument: text)?.value == value)
  }

  @Test(arguments: ["", "K", "-4k", "0", "40 K", "4kk", "nan", "1e999"]) func noQuantities(_ text: String) {
    #expect(Quantity(argument: text) == nil)
  }

  /// The budget of a grid takes what flags take.
  @Test func theBudgetOfAGrid() throws {
    let world = try World.shared.get()
    func budget(_ text: String) throws -> AblationBudget {
      let path = try world.folder.write(
        "budget.yaml",
        """
        version: 1
        tokenizer: tokenizer.json
        corpora: [world/corpus.txt]
        budget: {\(text)}
        seeds: [0]
        baseline: {objective: span-corruption, backbone: tiny}
        objectives: [span-corruption]
        backbones: [tiny.json]
        finetuning: {tasks: [micro-sentiment], steps: 3}

        """)
      return try AblationConfiguration(contentsOf: path, data: DataRoot(world.directory)).budget
    }
    #expect(try budget("tokens: 40K") == .tokens(40_000))
    #expect(try budget("tokens: 40000") == .tokens(40_000))
    #expect(try budget("flops: 2e14") == .operations(2e14))
  }

  @Test func parametersOfObjectives() throws {
    #expect(
      try assignments(["static-masks=true", "whole-words=False", "noise-density=0.2"])
        == ["static-masks": 1, "whole-words": 0, "noise-density": 0.2])
    for text in ["static-masks=yes", "static-masks", "static-masks=", "=3x"] {
      let error = #expect(throws: GraftError.self) { try assignments([text]) }
      #expect(error?.code == .usage && error?.hint?.contains("static-masks=true") == true)
    }
  }
}
