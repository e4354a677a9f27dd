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

  @Option(help: "A checkpoint or run directory.")
  var checkpoint: String

  @Option(help: "Longest answer in tokens.")
  var targetLength = 64

  @Argument(help: "Texts, prefix included: 'sst2 sentence: what a film'.")
  var text: [String]

  func run() throws {
    let (saved, configuration, tokenizer) = try ModelFolder.open(checkpoint)
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 0), precision: .f32, shardCount: 1, training: false)
    try saved.load(into: model.store)
    let predictor = Predictor(
      model: model, codec: TextCodec(tokenizer), lengths: SequenceLengths(inputs: 512, targets: targetLength))
    for prediction in predictor.generate(inputs: text) { print(prediction.text) }
  }
}
