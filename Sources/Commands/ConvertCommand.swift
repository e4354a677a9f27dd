import ArgumentParser
import Inference

/// `graft convert`
struct ConvertCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Turn a checkpoint into a Hugging Face folder, or the other way round.",
    discussion: """
      The direction is what --from is not. A Hugging Face folder is what transformers' save_pretrained writes: \
      config.json, model.safetensors and tokenizer.json. No command needs the conversion to read one.

      Example:
        graft convert --from runs/books --to books-for-transformers
        graft convert --from bert-base-uncased --to bert-checkpoint
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.")
  var from: String

  @Option(help: "The folder to write; it must not exist yet.")
  var to: String

  @Flag(help: "Write the generator of an ELECTRA instead of its discriminator.")
  var generator = false

  func files() -> CommandFiles {
    CommandFiles(.new(to), reading: [from])
  }

  func run() throws {
    let report = try ModelConversion.convert(from, to: to, generator: generator)
    let loader = report.architecture.map { ", for transformers' \($0)" } ?? ""
    standardOutput(
      "\(to): \(report.target.rawValue), \(report.configuration.family), \(report.parameters) parameters\(loader)"
    )
    if report.leavesOutGenerator {
      standardError("the generator is left out; --generator writes it to a folder of its own")
    }
  }
}
