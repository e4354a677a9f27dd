import ArgumentParser
import Experiments
import Support

/// `graft scaling-law`
struct ScalingLawCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling-law",
    abstract: "Fit how the held-out loss falls with size and text to finished runs, and predict others.",
    discussion: """
      Takes run directories of `graft pretrain` that have one recipe and differ in the model's size, the text they read, \
      and how often; at least six. The held-out loss in bits per byte is fitted by what no size and no text would take \
      away, a power of the parameters and a power of the text (Hoffmann et al. 2022), where text that is read again counts \
      less and less (Muennighoff et al. 2023). --predict shows what the law says of runs that it had no part in beside \
      what they came to. `graft plan` uses the law that comes with Graft, or that of --law. Docs/SCALING.md tells more.

      Example:
        graft scaling-law runs/small-* --predict runs/large --output law.json
        graft plan --corpus books/ --budget 8h --law law.json
      """)

  @Argument(help: "Run directories of `graft pretrain` to fit the law to, and files of laws, whose runs count, too.")
  var runs: [String]

  @Option(parsing: .upToNextOption, help: "The same of runs whose loss is predicted.")
  var predict: [String] = []

  @Option(help: "Write the law to this JSON file, - for standard output.")
  var output: String?

  func files() -> CommandFiles {
    CommandFiles(.json(output, .scalingLaw, keys: ["law", "resampled"]))
  }

  func run() throws {
    let report = try ScalingLawReport(runs: runs, predicted: predict)
    if let output { try JSONOutput.write(report.fitted, to: output) }
    guard output != "-" else { return }
    standardOutput(report.table.plainText)
    if let predictions = report.predictions {
      standardOutput("predicted:")
      standardOutput(predictions.plainText)
    }
    for line in report.lines { standardOutput(line) }
  }
}
