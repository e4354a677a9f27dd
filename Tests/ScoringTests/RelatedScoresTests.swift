import Randomness
import Records
import Scoring
import Support
import Testing

/// Scores that compare examples with each other: consistency, contrasts, coreference.
@Suite struct RelatedScoresTests {
  /// References are all choice 0; a true is a right answer.
  func answers(_ right: [Bool]) -> (predictions: [Prediction], references: [Reference]) {
    (
      right.map { Prediction(text: "", choice: $0 ? 0 : 1) },
      right.map { _ in Reference(text: "", choice: 0) }
    )
  }

  @Test func aSetIsRightIfAllItsMembersAre() throws {
    let (predictions, references) = answers([true, true, true, false, true, true])
    let score = try #require(
      try SetConsistency.measure(predictions, references, sets: ["a", "a", "b", "b", "c", nil]))
    #expect(score.value == 2.0 / 3)
    #expect(score.details["sets"] == 3)
    #expect(score.name == "consistency")
    let interval = try #require(score.interval)
    #expect(interval.lower >= 0 && interval.upper <= 1 && interval.lower < interval.upper)
  }

  @Test func aTieIsWorthItsShareInEveryMember() throws {
    var tied = Prediction(text: "", choice: 0)
    tied.tiedChoices = [0, 1]
    let score = try SetConsistency.measure(
      [tied, tied], [Reference(text: "", choice: 0), Reference(text: "", choice: 1)], sets: ["a", "a"])
    #expect(score?.value == 0.25)
    // A single set says nothing about others.
    #expect(score?.interval == nil)
  }

  @Test func withoutSetsThereIsNoConsistency() throws {
    let (predictions, references) = answers([true, false])
    #expect(try SetConsistency.measure(predictions, references, sets: [nil, nil]) == nil)
    #expect(try SetConsistency.measure([], [], sets: []) == nil)
    #expect(throws: GraftError.self) { try SetConsistency.measure(predictions, references, sets: ["a"]) }
  }

  /// The bootstrap draws sets: of 100 pairs half are right in both and half wrong in both, so the interval is that of
  /// 100 draws and not of 200.
  @Test func membersOfASetAreDrawnTogether() throws {
    let right = (0..<200).map { $0 < 100 }
    let (predictions, references) = answers(right)
    let sets = (0..<200).map { Optional("\($0 / 2)") }
    let consistency = try #require(try SetConsistency.measure(predictions, references, sets: sets))
    let width = consistency.interval.map { $0.upper - $0.lower } ?? 0
    // 2 · 1.96 · √(.25/100) = .196
    #expect(abs(width - 0.196) < 0.025)
  }

  @Test func contrastsAreDifferencesOrRatios() throws {
    let (predictions, references) = answers([true, true, false, true, false, false, true])
    let sides: [Int?] = [0, 0, 0, 1, 1, 1, nil]
    let sets = [String?](repeating: nil, count: 7)
    func contrast(_ form: ContrastForm) throws -> MetricScore {
      try Accuracy().contrast(
        "gap", form, predictions, references, sides: sides, sets: sets, bootstrap: BootstrapOptions())
    }
    let difference = try contrast(.difference)
    #expect(abs((difference.value ?? 0) - 1.0 / 3) < 1e-12)
    #expect(difference.signature == "difference|of:accuracy|invalid:wrong")
    #expect(abs((try contrast(.ratio).value ?? 0) - 2) < 1e-12)
    #expect(Metrics.displayFactor("gap", signature: difference.signature) == 100)
    #expect(Metrics.displayFactor("gap", signature: try contrast(.ratio).signature) == 1)
  }

  /// a has 1 of 2 right, b 1 of 1, c none of 1; the one without a value is left out.
  @Test func everyGroupCountsAlikeInAMean() throws {
    let (predictions, references) = answers([true, false, true, false, true])
    let values = ["a", "a", "b", "c", nil]
    let score = try Accuracy().groupMean(
      "set-mean", predictions, references, values: values, bootstrap: BootstrapOptions())
    #expect(score.value == 0.5)
    #expect(score.details["groups"] == 3)
    #expect(score.signature == "mean-of-groups|of:accuracy|invalid:wrong")
    #expect(Metrics.displayFactor("set-mean", signature: score.signature) == 100)
    let nothing = try Accuracy().groupMean(
      "set-mean", predictions, references, values: [nil, nil, nil, nil, nil], bootstrap: BootstrapOptions())
    #expect(nothing.value == nil && nothing.interval == nil)
    #expect(throws: GraftError.self) {
      try Accuracy().groupMean("m", predictions, references, values: ["a"], bootstrap: BootstrapOptions())
    }
  }

  /// Half of 100 right in one group, all of 100 in the other: examples are drawn within groups, so that the interval is
  /// half of that of 100 draws, 1.96 · √(.25/100), where drawing from all 200 would let groups differ in size.
  @Test func theBootstrapOfAMeanDrawsWithinGroups() throws {
    let (predictions, references) = answers((0..<200).map { $0 < 150 })
    let values = (0..<200).map { Optional($0 < 100 ? "right" : "half") }
    let score = try Accuracy().groupMean(
      "set-mean", predictions, references, values: values, bootstrap: BootstrapOptions())
    #expect(score.value == 0.75)
    let width = score.interval.map { $0.upper - $0.lower } ?? 0
    #expect(abs(width - 0.098) < 0.012)
  }

  /// Pairs scored (-3, -4), (-5, -5), (-6, -2).
  @Test func aTieIsRightToThePublishedScorerAndHalfToAccuracy() throws {
    let predictions = [[-3.0, -4], [-5, -5], [-6, -2]].map { Prediction(["good", "bad"], scores: $0) }
    let references = predictions.map { _ in Reference(text: "good", choice: 0) }
    #expect(try Accuracy().score(predictions, references) == 0.5)
    #expect(try AccuracyTiesRight().score(predictions, references) == 2.0 / 3)
    // What is right need not come first.
    #expect(try AccuracyTiesRight().score([predictions[1]], [Reference(text: "bad", choice: 1)]) == 1)
    #expect(throws: GraftError.self) {
      try AccuracyTiesRight().statistic(prediction: predictions[0], reference: Reference(text: "good"))
    }
  }

  @Test func anUndefinedContrastHasNoValue() throws {
    let (predictions, references) = answers([true, false])
    for (sides, form) in [([0, 0], ContrastForm.difference), ([nil, nil], .ratio), ([0, 1], .ratio)] {
      let score = try Accuracy().contrast(
        "gap", form, predictions, references, sides: sides as [Int?], sets: [nil, nil],
        bootstrap: BootstrapOptions())
      #expect(score.value == nil)
      #expect(score.interval == nil)
    }
  }

  /// Every pair has one member on either side and both are right or both wrong: the difference is 0 in every resample
  /// of pairs, and would not be in resamples of examples.
  @Test func pairsKeepADifferenceSharp() throws {
    let right = (0..<40).map { $0 / 2 % 2 == 0 }
    let (predictions, references) = answers(right)
    let sides = (0..<40).map { Optional($0 % 2) }
    let paired = try Accuracy().contrast(
      "gap", .difference, predictions, references, sides: sides, sets: (0..<40).map { "\($0 / 2)" },
      bootstrap: BootstrapOptions())
    #expect(paired.interval == Interval(lower: 0, upper: 0))
    let loose = try Accuracy().contrast(
      "gap", .difference, predictions, references, sides: sides, sets: [String?](repeating: nil, count: 40),
      bootstrap: BootstrapOptions())
    #expect((loose.interval?.upper ?? 0) > 0.2)
  }

  /// Right A, A, B, neither; answered A, B, neither, A: TP 1, FP 2, FN 2.
  @Test func coreferenceF1IsThatOfGAP() throws {
    let gold = [0, 0, 1, 2]
    let answered = [0, 1, 2, 0]
    let references = gold.map { Reference(text: "", choice: $0) }
    let predictions = answered.map { Prediction(text: "", choice: $0) }
    let score = try CoreferenceF1().measure(predictions, references, bootstrap: BootstrapOptions())
    #expect(score.value == 2.0 / 6)
    #expect(score.details["precision"] == 1.0 / 3)
    #expect(score.details["recall"] == 1.0 / 3)
    func value(_ answers: [Int?]) throws -> Double? {
      try CoreferenceF1().measure(
        answers.map { Prediction(text: "", choice: $0) }, references, bootstrap: BootstrapOptions()
      ).value
    }
    #expect(try value([0, 0, 1, 2]) == 1)
    #expect(try value([2, 2, 2, 2]) == 0)
    #expect(try value([nil, nil, nil, nil]) == 0)
    // Two right, one wrong claim: 4 / (4 + 1 + 1).
    #expect(try value([0, 1, 1, 2]) == 4.0 / 6)
    #expect(throws: GraftError.self) {
      try CoreferenceF1().measure(
        [Prediction(text: "", choice: 0)], [Reference(text: "", choice: 3)], bootstrap: BootstrapOptions())
    }
  }
}
