import ArgumentParser
import Compute
import Experiments
import Foundation
import Inference
import Randomness
import Reporting
import Support

/// `graft benchmark decode`
struct DecodingBenchmarkCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Time how fast a model writes, greedily and by beam search, on random inputs.",
    discussion: """
      Every answer has --target-length tokens: none ends by itself. Without --checkpoint the weights are drawn, which \
      changes what is written, not how fast.

      Example:
        graft benchmark decode --batch 1 32 --beam 1 4
      """)

  @Option(help: "The model whose weights are drawn, see `graft list backbones`.")
  var backbone = "t5-mini"

  @Option(help: "Tokens of a model whose weights are drawn.")
  var vocabularySize = 8192

  @Option(help: "A checkpoint, run directory or Hugging Face folder instead.")
  var checkpoint: String?

  @OptionGroup var adapter: BaseArguments

  @Option(parsing: .upToNextOption, help: "Inputs that are answered together.")
  var batch = [1, 32]

  @Option(parsing: .upToNextOption, help: "Beams; 1 is greedy decoding.")
  var beam = [1, 4]

  @Option(help: "Tokens of an input.")
  var inputLength = 64

  @Option(help: "Tokens of an answer.")
  var targetLength = 64

  @Option(help: "How often each thing is timed.")
  var rounds = 5

  @Option(help: "Operands of matrix products: f32, bf16.")
  var precision = Precision.f32

  @Option(help: "Threads that answer parts of a batch; by default as many as cores.")
  var shards: Int?

  @Option(
    help: """
      Write the figures, inputs and answers as JSON to this file, - for standard output; another implementation can \
      be asked the same.
      """)
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .decodingBenchmark, keys: ["beams", "tokensPerSecond"]), reading: [checkpoint, adapter.base])
  }

  func run() throws {
    let model = try model()
    var reports: [DecodingBenchmark.Report] = []
    for batch in batch {
      for beams in beam {
        reports.append(
          try DecodingBenchmark(
            batch: batch, beams: beams, inputLength: inputLength, targetLength: targetLength, rounds: rounds
          ).run(model))
      }
    }
    if let json { try JSONOutput.write(reports, to: json) }
    guard json != "-" else { return }
    var table = Table([
      .init("batch", .right), .init("beams", .right), .init("tokens/s", .right),
      .init("ms per token", .right),
    ])
    for report in reports {
      table.append([
        "\(report.batch)", report.beams == 1 ? "greedy" : "\(report.beams)",
        NumberText.fixed(report.tokensPerSecond, digits: 0),
        NumberText.fixed(1e3 / report.tokensPerSecond, digits: 3),
      ])
    }
    standardOutput(
      "\(checkpoint ?? backbone) \(precision.rawValue), \(model.shardCount) shards, \(model.backend.signature)"
    )
    standardOutput(table.plainText, terminator: "")
  }

  private func model() throws(GraftError) -> ShardedModel {
    let shardCount = shards ?? ProcessInfo.processInfo.activeProcessorCount
    try adapter.require(checkpoint)
    guard let checkpoint else {
      return try ShardedModel(
        Resources.preset(backbone, vocabularySize: vocabularySize), key: RandomKey(seed: 0),
        precision: precision, shardCount: shardCount, training: false)
    }
    let (saved, configuration, _) = try ModelFolder.open(checkpoint, base: adapter.base)
    return try saved.opened(configuration, precision: precision, shardCount: shardCount)
  }
}
