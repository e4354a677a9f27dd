import ArgumentParser
import Support
import TaskRegistry

/// Flags of commands that can show a model less than the whole prompt.
struct PartialInputArguments: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: """
      Show these fields of the prompt only, the others empty: the partial-input baseline (hypothesis, for NLI). \
      Results say so.
      """)
  var onlyField: [String] = []

  @Flag(help: "Show the words of each field in random order, always the same. Results say so.")
  var shuffleWords = false

  /// - Throws: `.usage` for both at once.
  func partialInput() throws(GraftError) -> PromptRestriction? {
    if onlyField.isEmpty { return shuffleWords ? .shuffledWords : nil }
    guard !shuffleWords else {
      throw GraftError(
        .usage, "--only-field and --shuffle-words are two different baselines", hint: "take one.")
    }
    return .only(onlyField)
  }
}
