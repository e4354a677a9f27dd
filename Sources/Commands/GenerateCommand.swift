import ArgumentParser
import Compute
import Corpus
import Randomness
import Support
import Training

/// `graft generate`
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Let a model answer a text, by greedy decoding.")

  @Option(help: "A checkpoint, run directory or Hugging Face folder.")
  var checkpoint: String

  @Option(help: "Longest answer in tokens.")
  var targetLength = 64

  @Argument(help: "Texts, prefix included: 'sst2 sentence: what a film'.")
  var text: [String]

  func run() throws {
    let (saved, configuration, tokenizer) = try ModelFolder.open(checkpoint)
    // A decoder's positions are shared by text and answer.
    let room = (configuration.maximumLength ?? .max) - max(0, targetLength)
    let lengths = SequenceLengths(inputs: max(1, min(512, room)), targets: targetLength)
    try lengths.validate(for: configuration)
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 0), precision: .f32, shardCount: 1, training: false)
    try saved.load(into: model.store)
    let predictor = try Predictor(model: model, codec: TextCodec(tokenizer), lengths: lengths)
    for prediction in predictor.generate(inputs: text, recognizingSpecialTokens: true) {
      print(prediction.text)
    }
  }
}
