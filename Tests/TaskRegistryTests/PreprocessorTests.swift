import Support
import TestSupport
import Testing

@testable import TaskRegistry

@Suite struct PreprocessorTests {
  func apply(_ yaml: String, _ fields: [String: String]) throws -> [String: String] {
    var fields = fields
    let step = try PreprocessorStep(YAMLValue(parsing: yaml, file: "test.yaml"))
    try step.preprocessor.apply(to: &fields, label: "label")
    return fields
  }

  @Test func textPreprocessors() throws {
    #expect(try apply("trim", ["a": " x  y\n", "label": " z"]) == ["a": "x  y", "label": " z"])
    #expect(try apply("collapse-spaces", ["a": " x \t y"]) == ["a": "x y"])
    #expect(try apply("lowercase: {fields: [b]}", ["a": "X", "b": "ÄB"]) == ["a": "X", "b": "äb"])
    #expect(throws: GraftError.self) { try apply("lowercase: {fields: [c]}", ["a": "X"]) }
    #expect(throws: GraftError.self) { try apply("lowercase: {field: [a]}", ["a": "X"]) }
  }

  @Test(arguments: [
    ("a dog , is n't it ?", "a dog, isn't it?"),
    ("He said `` no '' ( twice ) .", "He said \"no\" (twice)."),
    ("the man 's hat", "the man's hat"),
    ("already fine, isn't it?", "already fine, isn't it?"),
    ("two  spaces", "two  spaces"),
    ("", ""),
    (". starts", ". starts"),
  ])
  func joinPunctuation(_ text: String, _ joined: String) throws {
    #expect(try apply("join-punctuation", ["a": text]) == ["a": joined])
  }

  @Test(arguments: [
    ("3.8", "3.8"), ("3.75", "3.8"), ("2.5", "2.4"), ("5.000", "5.0"), ("0", "0.0"), ("1.5", "1.6"),
    ("-0.3", "-0.4"), ("0.25", "0.2"),
  ])
  func roundToFifth(_ text: String, _ rounded: String) throws {
    #expect(
      try apply("round-to-fifth: {from: s, into: r}", ["s": text]) == ["s": text, "r": rounded])
  }

  @Test func roundingNeedsANumber() {
    #expect(throws: GraftError.self) { try apply("round-to-fifth: {from: s}", ["s": "high"]) }
    #expect(throws: GraftError.self) { try apply("round-to-fifth", ["s": "1"]) }
  }

  @Test(arguments: [("The cat", "the cat"), ("Tom", "tom"), ("Äh", "äh"), ("x", "x"), ("", "")])
  func lowercaseFirst(_ text: String, _ changed: String) throws {
    #expect(try apply("lowercase-first", ["a": text]) == ["a": changed])
  }

  @Test(arguments: [("The cat", "the cat"), ("Tom", "Tom"), ("I am", "I am"), ("Theo", "Theo"), ("", "")])
  func lowercaseStart(_ text: String, _ changed: String) throws {
    #expect(try apply("lowercase-start", ["a": text]) == ["a": changed])
  }

  /// A pattern that takes twice as long for each further letter is given up, and a linear one on the same text is not.
  @Test(.tags(.slow)) func aPatternThatRunsAwayIsGivenUp() throws {
    let text = String(repeating: "a", count: 60) + "b"
    let start = ContinuousClock.now
    let error = #expect(throws: GraftError.self) {
      try apply("replace: {pattern: \"(a+)+$\", with: x}", ["a": text])
    }
    #expect(error?.code == .badData && error?.message.contains("takes more than 2 s for one text") == true)
    #expect(error?.hint?.contains("write a+") == true)
    #expect(ContinuousClock.now - start < .seconds(120))
    #expect(try apply("replace: {pattern: \"a+\", with: x}", ["a": text]) == ["a": "xb"])
  }

  @Test func replacing() throws {
    #expect(
      try apply("replace: {pattern: \"<[a-z]+>\", with: \"\"}", ["a": "x <b>y<u>", "label": "<b>"])
        == ["a": "x y", "label": "<b>"])
    #expect(
      try apply("replace: {fields: [a], pattern: \"([.?])x\", with: \"$1 \"}", ["a": "y?x", "b": ".x"])
        == ["a": "y? ", "b": ".x"])
    let error = #expect(throws: GraftError.self) { try apply("replace: {pattern: \"(\"}", ["a": ""]) }
    #expect(error?.message.contains("no regular expression") == true)
    #expect(error?.location?.line == 1)
    #expect(throws: GraftError.self) { try apply("replace", ["a": ""]) }
  }

  @Test func mappingValues() throws {
    let yaml = "map-values: {from: q, into: word, values: {cause: because, effect: so}}"
    #expect(try apply(yaml, ["q": "cause"]) == ["q": "cause", "word": "because"])
    let error = #expect(throws: GraftError.self) { try apply(yaml, ["q": "efect"]) }
    #expect(error?.hint?.contains("did you mean 'effect'?") == true)
  }

  @Test func markingWords() throws {
    let byWord = "mark-word: {text: t, word: w, into: m}"
    #expect(try apply(byWord, ["t": "Its end, it ended", "w": "it"])["m"] == "Its end, *it* ended")
    #expect(throws: GraftError.self) { try apply(byWord, ["t": "items", "w": "it"]) }
    #expect(throws: GraftError.self) { try apply(byWord, ["t": "items", "w": ""]) }
    let byIndex = "mark-word: {text: t, index: i}"
    #expect(try apply(byIndex, ["t": "Then she  left.", "i": "1"])["t"] == "Then *she*  left.")
    for index in ["3", "-1", "one"] {
      #expect(throws: GraftError.self) { try apply(byIndex, ["t": "Then she left.", "i": index]) }
    }
  }

  @Test func cuttingSpans() throws {
    let yaml = "cut-spans: {text: t, starts: s, ends: e, into: names}"
    #expect(
      try apply(yaml, ["t": "Ann met Bob. Ann left.", "s": "0\n8 13", "e": "2\n10 15"])["names"] == "Ann, Bob"
    )
    #expect(try apply(yaml, ["t": "é\u{301}x", "s": "2", "e": "2"])["names"] == "x")
    for (starts, ends) in [("0", "99"), ("2", "1"), ("0 1", "2"), ("x", "2"), ("-1", "0")] {
      #expect(throws: GraftError.self) { try apply(yaml, ["t": "Ann", "s": starts, "e": ends]) }
    }
  }

  @Test(arguments: [
    (
      "The cat ate the fish because it was hungry.", "The fish was hungry.",
      "The cat ate the fish because *it* was hungry.", "The fish"
    ),
    (
      "I pulled the pin out of a carrot. When I did, \"it\" had a hole.", "The carrot had a hole.",
      "I pulled the pin out of a carrot. When I did, \"*it*\" had a hole.", "The carrot"
    ),
    (
      "Everyone loved the cookies. We should make more of them.", "We should make more of the cookies.",
      "Everyone loved the cookies. We should make more of *them*.", "the cookies"
    ),
    ("He saw that they left.", "He saw that the guests left.", "He saw that *they* left.", "the guests"),
  ]) func findingReferents(
    _ premise: String, _ hypothesis: String, _ marked: String, _ referent: String
  ) throws {
    let fields = try apply(
      "find-referent: {premise: p, hypothesis: h, marked: m, referent: r}", ["p": premise, "h": hypothesis])
    #expect(fields["m"] == marked)
    #expect(fields["r"] == referent)
  }

  @Test func aPremiseWithoutPronoun() {
    #expect(throws: GraftError.self) {
      try apply(
        "find-referent: {premise: p, hypothesis: h, marked: m, referent: r}", ["p": "Ann left.", "h": ""])
    }
  }
}
