import ArgumentParser
import Compute
import Randomness
import Reporting
import Support
import Training

/// `graft score`
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Log-probability of texts under a model, per token and per byte.",
    discussion: """
      An encoder-decoder or decoder scores a target after --input, end-of-sequence included; a decoder without \
      --input scores the text by itself; an encoder predicts every token from all others (pseudo-log-likelihood). \
      Names of special tokens in a text, such as <extra_id_0>, are these tokens. \
      Several targets are ranked: which label word, which sentence of a pair.
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.")
  var checkpoint: String

  @Option(help: "What the model reads before the target.")
  var input: String?

  @Option(parsing: .upToNextOption, help: "Texts to score.")
  var target: [String]

  @Option(
    help:
      "Write the scores as JSON to this file, - for standard output: an object for one target, else a list.")
  var json: String?

  func run() throws {
    guard !target.isEmpty else { throw GraftError(.usage, "--target needs a text") }
    let (saved, configuration, tokenizer) = try ModelFolder.open(checkpoint)
    let model = try saved.opened(configuration, precision: .f32, shardCount: 1)
    let scores = try TextScorer(model: model, codec: TextCodec(tokenizer, recognizingSpecialTokens: true))
      .score(input: input, targets: target)
    if let json {
      if scores.count == 1 {
        try JSONOutput.write(scores[0], to: json)
      } else {
        try JSONOutput.write(scores, to: json)
      }
    }
    guard json != "-" else { return }
    if scores.count == 1 { show(scores[0]) } else { rank(scores) }
  }

  private func show(_ score: ScoredText) {
    var table = Table([.init("token"), .init("id", .right), .init("nats", .right)])
    for token in score.tokens {
      table.append([token.token, "\(token.id)", NumberText.fixed(token.logProbability, digits: 3)])
    }
    table.append(["total", "", NumberText.fixed(score.total, digits: 3)])
    table.append(["per byte", "", NumberText.fixed(score.perByte, digits: 3)])
    standardOutput(table.plainText, terminator: "")
  }

  private func rank(_ scores: [ScoredText]) {
    var table = Table([
      .init("target"), .init("tokens", .right), .init("nats", .right), .init("per token", .right),
      .init("per byte", .right),
    ])
    for (text, score) in zip(target, scores).sorted(by: { $0.1.total > $1.1.total }) {
      table.append([
        text, "\(score.tokens.count)", NumberText.fixed(score.total, digits: 3),
        NumberText.fixed(score.total / Double(score.tokens.count), digits: 3),
        NumberText.fixed(score.perByte, digits: 3),
      ])
    }
    standardOutput(table.plainText, terminator: "")
  }
}
