import ArgumentParser
import Experiments
import Probing
import Support

/// `graft states depth`
struct StatesDepthCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "depth",
    abstract: "Read off states how deep in brackets a token stands, and how far beyond what probes have seen.",
    discussion: """
      Texts are generated as `graft states text` writes them for training, but others: a probe (ridge regression) \
      learns the depth at every token, and is tried on new texts and on deeper ones, at every place of the model and \
      of the same with drawn weights.

      Example:
        graft states text brackets --texts 20000 --output brackets.txt
        graft pretrain --corpus brackets.txt --document-boundary blank-lines … --output runs/brackets
        graft states depth --checkpoint runs/brackets --output depth
      """)

  @OptionGroup var states: StateArguments

  @Option(help: "What stands between brackets: brackets (letters), code (statements).")
  var style = NestingLanguage.Style.brackets

  @Option(help: "Greatest depth of the texts that probes are trained on.")
  var deepest = 6

  @Option(help: "Greatest depth of the deeper texts.")
  var deeper = 12

  @Option(help: "Texts to train on, as many new ones, and as many deeper ones.")
  var texts = 200

  @Option(help: "Bytes of a text, before what is open is closed.")
  var length = 120

  func files() -> CommandFiles { states.files(.depthProbe) }

  func run() throws {
    var probing = DepthProbing(states.source)
    (probing.style, probing.deepest, probing.deeper) = (style, deepest, deeper)
    (probing.texts, probing.length) = (texts, length)
    let report = try probing.report()
    try states.show(report, report.tables, report.plots)
  }
}

extension NestingLanguage.Style: ExpressibleByArgument {}
