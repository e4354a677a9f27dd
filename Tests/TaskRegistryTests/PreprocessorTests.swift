import Support
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
}
