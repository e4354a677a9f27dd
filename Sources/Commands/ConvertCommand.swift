import ArgumentParser
import Compute
import Inference
import Support

/// `graft convert`
struct ConvertCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Turn a checkpoint into a Hugging Face folder, or the other way round.",
    discussion: """
      The direction is what --from is not, unless --layout says it. A Hugging Face folder is what transformers' save_pretrained writes: \
      config.json, model.safetensors and tokenizer.json. No command needs the conversion to read one. An adapter (LoRA) \
      becomes one of PEFT's or one of Graft's, or with --merge one model with its base.

      Example:
        graft convert --from runs/books --to books-for-transformers
        graft convert --from bert-base-uncased --to bert-checkpoint
        graft convert --from runs/books --to books --layout graft --precision bf16
        graft convert --from runs/rte-lora --to rte-adapter
        graft convert --from runs/rte-lora --merge --to rte-model
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.")
  var from: String

  @Option(help: "The folder to write; it must not exist yet.")
  var to: String

  @Option(
    help: "Whose form is written, Graft's or that of transformers; by default the one that --from does not have.")
  var layout: ModelConversion.Layout?

  @Option(help: "Of the weights in the file; bf16 is half as large, each value rounded to about three digits.")
  var precision = Precision.f32

  @Option(help: "A file that becomes the README.md; by default the model card of the run at --from.")
  var card: String?

  @Flag(
    help: "Make one model of an adapter and its base; else an adapter stays one, in the layout of PEFT or of Graft.")
  var merge = false

  @OptionGroup var adapter: BaseArguments

  @Flag(help: "Write the generator of an ELECTRA instead of its discriminator.")
  var generator = false

  func files() -> CommandFiles {
    CommandFiles(.new(to), reading: [from, card, adapter.base])
  }

  func run() throws {
    var options = ModelConversion.Options()
    (options.layout, options.precision, options.generator) = (layout, precision, generator)
    (options.merge, options.base) = (merge, adapter.base)
    options.card = try card.map { path throws(GraftError) in
      String(decoding: try FileContents.read(path), as: UTF8.self)
    }
    let report = try ModelConversion.convert(from, to: to, options)
    let loader = report.architecture.map { ", for transformers' \($0)" } ?? ""
    standardOutput(
      "\(to): \(report.layoutName), \(report.configuration.family), \(report.parameters) parameters\(loader)"
    )
    if let base = report.baseOfGraft {
      standardError(
        "its base '\(base)' is a checkpoint of Graft's: `graft convert --from \(base) --to DIR` writes it for transformers, and"
          + " base_model_name_or_path in adapter_config.json is to name that folder")
    }
    if report.leavesOutGenerator {
      standardError("the generator is left out; --generator writes it to a folder of its own")
    }
  }
}

extension ModelConversion.Layout: ExpressibleByArgument {}
