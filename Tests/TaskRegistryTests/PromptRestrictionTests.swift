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
}
