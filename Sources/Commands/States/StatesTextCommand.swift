import ArgumentParser
import Probing
import Randomness
import Support

/// `graft states text`
struct StatesTextCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Write generated texts to train on, for `graft states depth` and `graft states copy`.",
    discussion: """
      Texts stand one after the other with a blank line between them, for --document-boundary blank-lines of \
      pretraining. The same seed gives the same texts.

      Example:
        graft states text brackets --deepest 6 --texts 20000 --output brackets.txt
        graft states text copy --longest 64 --texts 50000 --output copy.txt
      """)

  /// What is written.
  enum Language: String, ExpressibleByArgument, CaseIterable {
    case brackets, code, copy
  }

  @Argument(help: "What the texts are: brackets, code, copy.")
  var language: Language

  @Option(help: "How many.")
  var texts = 20_000

  @Option(help: "Greatest depth of brackets.")
  var deepest = 6

  @Option(help: "Bytes of a text of brackets, before what is open is closed.")
  var length = 120

  @Option(help: "Greatest distance over which a letter is copied.")
  var longest = 64

  @Option(help: "Texts are a function of it.")
  var seed: UInt64 = 1

  @Option(help: "The file to write; nothing may stand there.")
  var output: String

  func files() -> CommandFiles { CommandFiles(.new(output)) }

  func run() throws {
    guard texts >= 1, deepest >= 1, length >= 1, longest >= 1 else {
      throw GraftError(
        .usage, "no texts are of these numbers",
        hint: "--texts, --deepest, --length and --longest are at least 1.")
    }
    // Others than those that probes are trained and tried on, whatever the seeds.
    let key = RandomKey(seed: seed).folded("corpus")
    try AtomicFile.write(to: output) { (writer) throws(GraftError) in
      for index in 0..<texts {
        let text =
          switch language {
          case .copy: CopyLanguage(longest: longest).text(index, key: key)
          case .brackets: NestingLanguage(.brackets, deepest: deepest, length: length).text(index, key: key)
          case .code: NestingLanguage(.code, deepest: deepest, length: length).text(index, key: key)
          }
        try writer.append((index == 0 ? "" : "\n") + text + "\n")
      }
    }
  }
}
