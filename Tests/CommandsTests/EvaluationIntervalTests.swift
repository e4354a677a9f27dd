import Testing

@testable import Commands

/// How often `prefixes` measures: about twelve times, and not after every update of a short run.
@Suite struct EvaluationIntervalTests {
  @Test(arguments: [(15, 25), (60, 25), (600, 50), (1200, 100)])
  func interval(_ steps: Int, _ expected: Int) {
    #expect(PrefixesCommand.evaluationInterval(steps: steps) == expected)
  }
}
