import ArgumentParser
import Experiments
import Inference
import ModelKit
import Support
import Tokenization

/// Flags of commands that fine-tune: the model they begin with.
struct StartingPointArguments: ParsableArguments {
  @Option(help: "A checkpoint, run directory or Hugging Face folder; leave out to train from scratch.")
  var checkpoint: String?

  @Option(help: "From scratch: a preset (`graft list backbones`).")
  var backbone = "t5-mini"

  @Option(help: "From scratch: a tokenizer.json.")
  var tokenizer: String?

  /// - Throws: `.usage` for neither a checkpoint nor a tokenizer, and what opening them throws.
  func open() throws(GraftError) -> (configuration: ModelConfiguration, tokenizer: Tokenizer) {
    if let checkpoint {
      let (_, configuration, tokenizer) = try ModelFolder.open(checkpoint)
      return (configuration, tokenizer)
    }
    guard let tokenizer else {
      throw GraftError(
        .usage, "training from scratch needs a tokenizer",
        hint: "give --tokenizer FILE, or --checkpoint DIR to start from a pretrained model.")
    }
    let loaded = try Tokenizer(contentsOf: tokenizer)
    return (try Resources.preset(backbone, vocabularySize: loaded.vocabulary.size), loaded)
  }
}
