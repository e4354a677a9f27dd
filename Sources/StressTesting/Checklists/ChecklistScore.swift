import Records
import Scoring
import Support

/// How often a model fails the cases of a test.
public struct ChecklistScore: Sendable, Hashable, Codable {
  /// The test's name.
  public var test: String
  /// The test's capability.
  public var capability: String
  /// What must be true of the answers.
  public var kind: ChecklistTest.Kind
  /// Cases that were made.
  public var cases: Int
  /// Those about which the test says something: of a consistency test, those whose condition the model's answers
  /// meet.
  public var tested: Int
  /// The share of tested cases that fail; nil if none was tested.
  public var failureRate: Estimate?
  /// Some cases that failed, the first ones.
  public var failures: [Failure]

  /// A case that failed.
  public struct Failure: Sendable, Hashable, Codable {
    /// The prompts that show it, the original first, with the answer to each.
    public var inputs: [String]
    /// What the model answered, one for each of `inputs`.
    public var answers: [String]
  }
}

extension ChecklistRun {
  static let shownFailures = 3

  /// Scores answers to the examples of all cases.
  ///
  /// - Parameter answers: by case, one for each of its examples.
  public func score(
    _ answers: [[Prediction]], bootstrap: BootstrapOptions = BootstrapOptions()
  ) throws(GraftError) -> [ChecklistScore] {
    precondition(
      answers.count == cases.count, "ChecklistRun: \(answers.count) answers to \(cases.count) cases")
    var scores: [ChecklistScore] = []
    for (index, test) in checklist.tests.enumerated() {
      let own = cases.indices.filter { cases[$0].test == index }
      var failed: [Bool] = []
      var shown: [ChecklistScore.Failure] = []
      for number in own {
        guard let rows = try failingRows(test, cases[number], answers[number]) else { continue }
        failed.append(!rows.isEmpty)
        if !rows.isEmpty, shown.count < Self.shownFailures {
          let examples = cases[number].examples
          shown.append(
            ChecklistScore.Failure(
              inputs: rows.map { examples[$0].inputs }, answers: rows.map { answers[number][$0].text }))
        }
      }
      scores.append(
        ChecklistScore(
          test: test.name, capability: test.capability, kind: test.kind, cases: own.count,
          tested: failed.count,
          failureRate: try Estimate(shareOf: failed, bootstrap: bootstrap), failures: shown))
    }
    return scores
  }

  /// The rows that show a failure, none if the case holds; nil if the test says nothing about it.
  ///
  /// Of originals with variants the first row is not judged, only what becomes of it (CheckList's all-except-first).
  private func failingRows(
    _ test: ChecklistTest, _ item: ChecklistCase, _ answers: [Prediction]
  ) throws(GraftError) -> [Int]? {
    switch test.expectation {
    case .label(let labels): return try matches(labels, 0, test, item, answers) ? [] : [0]
    case .invariance(let tolerance):
      let bad = answers.indices.dropFirst().first { index in
        Probabilities.isFailure(original: answers[0], changed: answers[index], tolerance: tolerance)
          ?? (answers[0].choice != answers[index].choice)
      }
      return bad.map { [0, $0] } ?? []
    case .mustNot(let movement, let labels, let tolerance):
      let watched = try Self.choices(labels, shape)
      func probability(_ answer: Prediction) -> Double? {
        Probabilities.of(answer).map { all in
          watched.reduce(0) { $0 + (all.indices.contains($1) ? all[$1] : 0) }
        }
      }
      guard let before = probability(answers[0]) else { return nil }
      let bad = answers.indices.dropFirst().first { index in
        guard let after = probability(answers[index]) else { return false }
        return (movement == .rise ? after - before : before - after) >= max(tolerance, .leastNonzeroMagnitude)
      }
      return bad.map { [0, $0] } ?? []
    case .consistency(let conditions, let conclusions):
      // Of one that ended early a condition is not met, or there was nothing to ask.
      guard answers.count == test.rows.count else { return nil }
      for condition in conditions where try !holds(condition, test, item, answers) { return nil }
      for conclusion in conclusions where try !holds(conclusion, test, item, answers) {
        return Array(answers.indices)
      }
      return []
    }
  }

  /// The failure rate over several tests: of a capability, or of all.
  public static func rate(
    _ scores: [ChecklistScore]
  ) -> Double? {
    let tested = scores.reduce(0) { $0 + $1.tested }
    guard tested > 0 else { return nil }
    return scores.reduce(0) { $0 + Double($1.tested) * ($1.failureRate?.value ?? 0) } / Double(tested)
  }

  /// The cases whose answer the checklist knows, as the members of a stress set that has no originals: each stands
  /// for itself. Those that may be answered in several ways, and tests of other kinds, have no place in a set with
  /// labels.
  public func labelledSet() throws(GraftError) -> StressSet {
    var set = StressSet(name: checklist.name, members: [], offered: cases.count, notApplicable: [:])
    for item in cases {
      let test = checklist.tests[item.test]
      guard case .label(let labels) = test.expectation else {
        set.notApplicable["\(test.kind.rawValue) tests have no label", default: 0] += 1
        continue
      }
      guard try Self.choices(labels, shape).count == 1 else {
        set.notApplicable["may be answered in several ways", default: 0] += 1
        continue
      }
      set.members.append(
        StressMember(
          original: item.examples[0], changed: item.examples[0], expected: [item.examples[0].targets],
          isPreserved: false, transform: test.name))
    }
    return set
  }
}
