import ArgumentParser
import Experiments
import Support

/// `graft states copy`
struct StatesCopyCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy",
    abstract: "How far a model passes a letter on: accuracy of copying by distance.",
    discussion: """
      A text is a letter, digits, a sign and the letter again: K4071=K. A model that was trained on such texts is \
      asked for the last letter after ever more digits, up to four times as many as it was trained with.

      Example:
        graft states text copy --longest 64 --texts 50000 --output copy.txt
        graft pretrain --corpus copy.txt --document-boundary blank-lines … --output runs/copy
        graft states copy --checkpoint runs/copy --longest 64 --output copy
      """)

  @OptionGroup var states: StateArguments

  @Option(help: "The greatest distance of training.")
  var longest = 64

  @Option(help: "Prompts of every distance.")
  var prompts = 100

  func files() -> CommandFiles { states.files(.copyProbe) }

  func run() throws {
    var probing = CopyProbing(states.source)
    (probing.longest, probing.prompts) = (longest, prompts)
    let report = try probing.report { standardError("note: \($0)") }
    try states.show(report, report.tables, report.plots)
  }
}
