import Foundation
import Records
import Support
import TaskRegistry
import Testing

/// Prompts from which something is missing.
@Suite struct PromptRestrictionTests {
  static let definition = """
    source:
      folder: .
      format: tsv
      fields: {premise: premise, hypothesis: hypothesis, label: label}
    splits: {train: rows.tsv}
    inputs: "nli hypothesis: {hypothesis} premise: {premise}"
    targets: "{label}"
    choices: [no, yes]
    metrics: [accuracy]

    """
  static let rows =
    "premise\thypothesis\tlabel\na dog runs through deep white snow\tthe dog sleeps now\tno\nb\tc\tyes\n"

  @Test func oneFieldAlone() throws {
    let task = try SmallTask(Self.definition, ["rows.tsv": Self.rows])
    let only = try task.task.restricted(to: .only(["hypothesis"]))
    let examples = try only.examples(split: "train", data: DataRoot("unused"))
    #expect(
      examples.map(\.inputs) == [
        "nli hypothesis: the dog sleeps now premise: ", "nli hypothesis: c premise: ",
      ])
    // What baselines and probes read is whole.
    #expect(examples[1].fields["premise"] == "b")
    #expect(examples.map(\.targets) == ["no", "yes"])
    #expect(only.definitionHash != task.task.definitionHash)
  }

  @Test func wordsInRandomOrderAreTheSameEveryTime() throws {
    let task = try SmallTask(Self.definition, ["rows.tsv": Self.rows])
    let shuffled = try task.task.restricted(to: .shuffledWords)
    let first = try shuffled.examples(split: "train", data: DataRoot("unused"))
    #expect(try shuffled.examples(split: "train", data: DataRoot("unused")) == first)
    let whole = try task.examples()
    #expect(first[0].inputs != whole[0].inputs)
    #expect(first[0].inputs.split(separator: " ").sorted() == whole[0].inputs.split(separator: " ").sorted())
    #expect(first[0].inputs.hasPrefix("nli hypothesis: "))
    #expect(first[1] == whole[1])
  }

  @Test(arguments: [
    (["hypotesis"], "did you mean 'hypothesis'?"), (["premise", "hypothesis"], "leaves something out"),
  ])
  func whatLeavesNothingOutIsRefused(_ fields: [String], _ hint: String) throws {
    let task = try SmallTask(Self.definition, ["rows.tsv": Self.rows]).task
    let error = #expect(throws: GraftError.self) { try task.restricted(to: .only(fields)) }
    #expect(error?.hint?.contains(hint) == true)
  }

  /// The texts alone, of which something may be missing, too.
  @Test func textsWithoutThePrompt() throws {
    let task = try SmallTask(Self.definition, ["rows.tsv": Self.rows])
    #expect(try task.examples().map { task.task.texts(of: $0) }[1] == ["b", "c"])
    let only = try task.task.restricted(to: .only(["hypothesis"]))
    #expect(
      try only.examples(split: "train", data: DataRoot("unused")).map { only.texts(of: $0) } == [
        ["", "the dog sleeps now"], ["", "c"],
      ])
    let three = try SmallTask(
      Self.definition.replacingOccurrences(of: "{premise}\"", with: "{premise} kind: {kind}\"")
        .replacingOccurrences(of: "label: label}", with: "label: label, kind: kind}"),
      ["rows.tsv": "premise\thypothesis\tlabel\tkind\nb\tc\tyes\tk\n"])
    #expect(try three.examples().map { three.task.texts(of: $0) } == [["b", "k c"]])
    let one = try SmallTask(
      Self.definition.replacingOccurrences(of: "nli hypothesis: {hypothesis} premise: ", with: "mood "),
      ["rows.tsv": Self.rows])
    #expect(try one.examples().map { one.task.texts(of: $0) }[1] == ["b"])
  }
}
