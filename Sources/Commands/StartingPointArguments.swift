import ArgumentParser
import Experiments
import Inference
import ModelKit
import Support
import Tokenization

/// Flags of commands that fine-tune: the model they begin with.
struct StartingPointArguments: ParsableArguments {
  /// Of those that come with Graft.
  static let standard = "rootstock-mini"
  static let standardBackbone = "t5-mini"

  @Option(
    help: """
      A checkpoint, run directory or Hugging Face folder, or a model that comes with Graft (`graft list checkpoints`); \
      without --tokenizer it is \(Self.standard) by default, with it a model is trained from scratch.
      """, completion: .checkpoints)
  var checkpoint: String?

  @OptionGroup var adapter: BaseArguments

  @Flag(help: "Take the checkpoint's model and tokenizer, but draw its values: the baseline for pretraining.")
  var untrained = false

  @Option(
    help: "From scratch: a preset (`graft list backbones`; default: \(Self.standardBackbone)).",
    completion: .backbones)
  var backbone: String?

  @Option(help: "From scratch: a tokenizer.json.")
  var tokenizer: String?

  /// The checkpoint that is opened; nil for a preset.
  var source: String? { checkpoint ?? (tokenizer == nil ? Self.standard : nil) }

  /// The checkpoint whose values are taken.
  var origin: String? { untrained ? nil : source }

  /// - Throws: `.usage` for a backbone without a tokenizer, and what opening the model throws.
  func open() throws(GraftError) -> (configuration: ModelConfiguration, tokenizer: Tokenizer) {
    try adapter.require(checkpoint)
    if checkpoint == nil, let tokenizer {
      let loaded = try Tokenizer(contentsOf: tokenizer)
      return (try Resources.preset(backbone ?? Self.standardBackbone, vocabularySize: loaded.vocabulary.size), loaded)
    }
    guard checkpoint != nil || backbone == nil else {
      throw GraftError(
        .usage, "training from scratch needs a tokenizer",
        hint: "give --tokenizer FILE, or --checkpoint DIR to start from a pretrained model.")
    }
    let (_, configuration, tokenizer) = try ModelFolder.open(checkpoint ?? Self.standard, base: adapter.base)
    return (configuration, tokenizer)
  }

  /// What flags come to that were not given; see `RecipeCommand.settledValues`.
  var settledValues: [String: [String]] {
    source.map { ["checkpoint": [$0]] } ?? ["backbone": [Self.standardBackbone]]
  }
}
