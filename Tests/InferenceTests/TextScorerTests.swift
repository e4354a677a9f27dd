import Autograd
import Corpus
import Foundation
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference

@Suite(.tags(.slow)) struct TextScorerTests {
  private func model(_ family: String) throws -> (ShardedModel, TextCodec) {
    let tokenizer = try SmallModels.tokenizer.get()
    let model = try ShardedModel(
      SmallModels.configuration(family), key: RandomKey(seed: 9), precision: .f32, shardCount: 2,
      training: false)
    return (model, TextCodec(tokenizer))
  }

  /// After an input, the sum is what ranking sees.
  @Test(arguments: SmallModels.writers) func totalsAreThoseOfRanking(_ family: String) throws {
    let (model, codec) = try model(family)
    let targets = ["The cat sees the dog.", "A dog.", "ä"]
    let scores = try TextScorer(model: model, codec: codec).score(input: "say", targets: targets)
    let predictor = try Predictor(
      model: model, codec: codec, lengths: SequenceLengths(inputs: 16, targets: 40))
    let expected = try predictor.logProbabilities(inputs: ["say"], candidates: targets)[0]
    for ((target, score), total) in zip(zip(targets, scores), expected) {
      #expect(abs(score.total - total) < 1e-4 * abs(total))
      #expect(abs(score.tokens.reduce(0) { $0 + $1.logProbability } - score.total) < 1e-9)
      #expect(score.tokens.map(\.id) == codec.tokens(target))
      #expect(abs(score.perByte * Double(target.utf8.count) - score.total) < 1e-9)
    }
  }

  /// A text by itself: the probabilities of each token after those before it.
  @Test func aDecoderScoresATextByItself() throws {
    let (model, codec) = try model("gpt")
    let text = "The cat sees the dog."
    let score = try TextScorer(model: model, codec: codec).score(input: nil, targets: [text])[0]
    let ids = codec.tokenizer.encode(text)
    #expect(score.tokens.map(\.id) == ids)
    // The same text grown token by token: the first probabilities do not change.
    let start = try TextScorer(model: model, codec: codec).score(input: nil, targets: ["The cat"])[0]
    for (a, b) in zip(start.tokens, score.tokens) {
      #expect(a.id == b.id && abs(a.logProbability - b.logProbability) < 1e-4)
    }
  }

  /// Pseudo-log-likelihood: each token's probability is that of the text with the mask in its place.
  @Test func anEncoderPredictsEachTokenFromTheOthers() throws {
    let (model, codec) = try model("bert")
    let score = try TextScorer(model: model, codec: codec)
      .score(input: nil, targets: ["The cat sees the dog."])[0]
    let ids = codec.tokenizer.encode("The cat sees the dog.")
    let converter = EncoderConverter(
      vocabulary: codec.vocabulary, lengths: SequenceLengths(inputs: 32, targets: 32))
    for (position, token) in ids.enumerated() {
      var example = TokenExample(inputs: ids, targets: ids.map { _ in Batch.ignored })
      example.inputs[position] = codec.vocabulary.sentinels[0]
      example.targets[position] = token
      let backbone = try #require(model.backbone.predictor)
      let loss = try model.map([converter.batch([example])]) { _, batch, tape in
        backbone.forward(batch, on: tape).crossEntropy(batch, gradientScale: 0, on: tape).total
      }
      #expect(abs(score.tokens[position].logProbability + loss[0]) < 1e-4)
    }
  }

  @Test func whatCannotBeScoredIsSaid() throws {
    let (decoder, codec) = try model("gpt")
    let (encoder, _) = try model("bert")
    let long = String(repeating: "The cat. ", count: 100)
    for (model, input, target, code) in [
      (decoder, nil, "", ExitCode.badData), (decoder, nil, long, .usage), (decoder, long, "a", .usage),
      (encoder, "say", "a", .usage), (encoder, nil, long, .usage),
    ] {
      let error = #expect(throws: GraftError.self) {
        try TextScorer(model: model, codec: codec).score(input: input, targets: [target])
      }
      #expect(error?.code == code)
    }
  }

  /// What `score` gives text by text, in whatever order they were batched; a text and itself tie.
  @Test(arguments: ["t5", "gpt", "bert"]) func preferencesAreThoseOfTheScores(_ family: String) throws {
    let (model, codec) = try model(family)
    let texts = ["The cat sees the dog.", "A dog.", "The small dog sees a cat and a dog.", "Dog the sees."]
    let pairs = texts.flatMap { good in texts.map { (good: good, bad: $0) } }
    let examples = pairs.enumerated().map { index, pair in
      Example(identifier: "\(index)", inputs: pair.bad, targets: pair.good)
    }
    let scorer = try TextScorer(model: model, codec: codec)
    let totals = try texts.map { try scorer.score(input: nil, targets: [$0])[0].total }
    for (index, prediction) in try scorer.preferences(examples).enumerated() {
      let (good, bad) = (totals[index / 4], totals[index % 4])
      if index / 4 != index % 4 {
        #expect(prediction.choice == (good > bad ? 0 : 1) && prediction.tiedChoices == nil)
      } else {
        #expect(prediction.choice == 0 && prediction.tiedChoices == [0, 1])
      }
      let scores = try #require(prediction.choiceScores)
      #expect(abs(scores[0] - good) < 1e-3 && abs(scores[1] - bad) < 1e-3)
    }
  }
}
