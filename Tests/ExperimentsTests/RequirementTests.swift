import Experiments
import Reporting
import Support
import Testing

/// Conditions on scores, as `--require` and gates have them.
@Suite struct RequirementTests {
  private func entry(
    _ metric: String, _ score: Double, split: String = "test", seed: UInt64? = nil, group: [String: String] = [:]
  ) -> ResultEntry {
    ResultEntry(
      task: "hans", split: split, system: "model", metric: metric, score: score, examples: 10, seed: seed, group: group)
  }

  @Test(arguments: [
    ("hans.accuracy>=0.5", true), ("hans.accuracy >= 0.51", false), ("hans.test.accuracy<=0.5", true),
    ("hans.accuracy[label=no]>=0.2", true), ("hans.accuracy[label=no]>=0.3", false),
  ]) func theMeanOfTheSeedsCounts(_ text: String, _ isMet: Bool) throws {
    let entries = [
      entry("accuracy", 0.4, seed: 0), entry("accuracy", 0.6, seed: 1), entry("accuracy", 0.2, group: ["label": "no"]),
      entry("f1", 0.9),
    ]
    let outcomes = try Requirement(text).outcomes(entries, system: "model")
    #expect(outcomes.map(\.isMet) == [isMet] && outcomes[0].split == "test")
  }

  @Test func everySplitIsConcerned() throws {
    let entries = [entry("accuracy", 0.4, split: "a"), entry("accuracy", 0.6, split: "b")]
    let outcomes = try Requirement("hans.accuracy>=0.5").outcomes(entries, system: "model")
    #expect(outcomes.map(\.isMet) == [false, true])
  }

  /// Nothing that is not finite is on the right side of a bound.
  @Test(arguments: [Double.infinity, -.infinity, .nan], [">=", "<="])
  func noInfinityMeetsABound(_ score: Double, _ sign: String) throws {
    let outcomes = try Requirement("hans.accuracy\(sign)0").outcomes([entry("accuracy", score)], system: "model")
    #expect(outcomes.map(\.isMet) == [false])
  }

  @Test(arguments: [
    "accuracy", "hans.accuracy", "hans.accuracy>=", "hans.accuracy>=x", "hans..accuracy>=1", "hans.accuracy[>=1",
    "hans.accuracy[]>=1", "hans.accuracy[label]>=1", "hans.accuracy>=inf", "a.b.c.d>=1",
  ]) func otherTextsAreNone(_ text: String) {
    let error = #expect(throws: GraftError.self) { try Requirement(text) }
    #expect(error?.code == .usage && error?.hint?.contains("sst2.accuracy>=0.80") == true)
  }

  @Test(arguments: [
    ("sst2.accuracy>=0", "evaluate 'sst2' as well"), ("hans.acuracy>=0", "scores of 'hans': accuracy"),
    ("hans.accuracy[label=x]>=0", "label: no"),
  ]) func whatWasNotComputedIsNamed(_ text: String, _ hint: String) throws {
    let entries = [entry("accuracy", 0.4), entry("accuracy", 0.2, group: ["label": "no"])]
    let error = #expect(throws: GraftError.self) { try Requirement(text).outcomes(entries, system: "model") }
    #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
  }
}
