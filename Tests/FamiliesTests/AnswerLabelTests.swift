import ModelKit
import Testing

/// Which label of a head is which choice of a task.
@Suite struct AnswerLabelTests {
  @Test(arguments: [
    (["entailment", "neutral", "contradiction"], ["CONTRADICTION", "Entailment", "NEUTRAL"], [1, 2, 0]),
    (["entailment", "not_entailment"], ["NOT-ENTAILMENT", "entailment"], [1, 0]),
    (["entailment", "not_entailment"], ["Not Entailment", "Entailment"], [1, 0]),
    (["entailment", "not_entailment"], ["entailment", "non-entailment"], [0, 1]),
    (["entailment", "neutral", "contradiction"], ["contradict", "neutral", "entails"], [2, 1, 0]),
    (["negative", "positive"], ["pos", "neg"], [1, 0]),
    // Where letters tell labels apart, they do.
    (["a", "A"], ["A", "a"], [1, 0]),
  ]) func wordsAreFound(_ choices: [String], _ labels: [String], _ order: [Int]) {
    #expect(AnswerFormat.order(of: choices, among: labels) == order)
  }

  @Test(arguments: [
    (["entailment", "neutral", "contradiction"], ["LABEL_0", "LABEL_1", "LABEL_2"]),
    (["entailment", "not_entailment"], ["entailment", "neutral", "contradiction"]),
    (["negative", "positive"], ["positive", "Positive"]), (["negative", "positive"], ["0", "1"]),
    (["negative", "positive"], ["negative", "neutral"]), (["negative", "positive"], ["pos", "positive"]),
    // Of equal look, of other bytes.
    (["caf\u{E9}", "no"], ["cafe\u{301}", "no"]),
  ]) func othersAreNot(_ choices: [String], _ labels: [String]) {
    #expect(AnswerFormat.order(of: choices, among: labels) == nil)
  }
}
