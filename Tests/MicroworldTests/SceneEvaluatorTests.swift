import Testing

@testable import Microworld

/// The oracle itself, on pairs worked out by hand.
@Suite struct SceneEvaluatorTests {
  @Test(arguments: [
    ("Rex is a poodle.", "Indeed, Rex is a dog.", Inference.entailment),
    ("Rex is a dog.", "Well, Rex is a poodle.", .neutral),
    ("Rex is a poodle.", "Rex is a cat.", .contradiction),
    ("Rex is not a dog.", "Rex is a poodle.", .contradiction),
    ("Rex is not a poodle.", "Rex is a dog.", .neutral),
    ("The cup is huge.", "The cup is big.", .entailment),
    ("The cup is not big.", "The cup is small.", .neutral),
    ("The cup is not big.", "The cup is not huge.", .entailment),
    ("Anna is in the attic.", "Anna is in the house.", .entailment),
    ("Anna is in the attic. Ben is in the park.", "Ben is in the house.", .contradiction),
    ("Anna loves Ben.", "Ben loves Anna.", .neutral),
    ("Anna loves Ben.", "Anna does not hate Ben.", .entailment),
    ("Anna gave Ben a hammer.", "Ben got a tool from Anna.", .entailment),
    ("Anna sold a hammer to Ben.", "Ben purchased a hammer from Anna.", .entailment),
    ("Anna sold a hammer to Ben.", "Ben sold a hammer to Anna.", .contradiction),
    ("Anna passed a tool to Ben.", "Anna sold a hammer to Ben.", .neutral),
    ("Anna is bigger than Ben.", "Ben is smaller than Anna.", .entailment),
    ("Anna is older than Ben.", "Ben is older than Anna.", .contradiction),
    ("Anna is not older than Ben.", "Anna is younger than Ben.", .neutral),
    ("Anna is weeping.", "Anna is crying.", .entailment),
    ("The ring is crimson.", "The ring is red.", .entailment),
  ])
  func decides(_ premise: String, _ hypothesis: String, _ expected: Inference) throws {
    #expect(try SceneEvaluator().inference(premise: premise, hypothesis: hypothesis) == expected)
  }
}
