import Autograd
import Corpus
import Foundation
import ModelKit
import Randomness
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import Inference

/// Texts scored one masked token at a time, beside a twin that reads one batch for each token.
@Suite(.tags(.slow)) struct MaskedScoringTests {
  private let codec: TextCodec
  private let mask: TokenID

  init() throws {
    codec = TextCodec(try Laboratory.shared.get().tokenizer)
    mask = try #require(codec.vocabulary.mask)
  }

  private func model(_ layout: String) throws -> ShardedModel {
    // Outputs that begin at zero would say the same of every text.
    let configuration = ModelConfiguration(
      family: "modern", vocabularySize: codec.vocabulary.size, dropout: 0,
      sizes: [
        "width": 32, "heads": 2, "headDimension": 16, "feedForward": 64, "layers": 2, "activation": "relu-squared",
        "gated": false, "tied": true, "epsilon": 1e-6, "maximumLength": 96, "layout": .text(layout),
        "zeroOutputs": false,
      ])
    return try ShardedModel(
      configuration, key: RandomKey(seed: 4), precision: .f32, shardCount: 2, training: false)
  }

  /// The log-probability of the token at `position`: an encoder reads start and text and answers at the mask, a prefix
  /// decoder reads the same and answers at the token before.
  private func twin(_ model: ShardedModel, _ ids: [TokenID], _ position: Int) throws -> Double {
    var read = [codec.vocabulary.start] + ids
    read[position + 1] = mask
    var batch = Batch(layout: model.backbone.layout)
    batch.targets = read.map { _ in Batch.ignored }
    if model.backbone.layout == .encoder {
      batch.encoder.append(read)
      batch.targets[position + 1] = ids[position]
    } else {
      batch.decoder.append(read)
      batch.decoder.prefixes.append(read.count)
      batch.targets[position] = ids[position]
    }
    let predictor = try #require(model.backbone.predictor)
    return
      -(try model.map([batch]) { _, batch, tape in
        predictor.forward(batch, on: tape).crossEntropy(batch, gradientScale: 0, on: tape).total
      })[0]
  }

  @Test(arguments: ["encoder", "prefix-decoder"]) func everyTokenIsPredictedFromAllOthers(_ layout: String) throws {
    let model = try model(layout)
    let scorer = try TextScorer(model: model, codec: codec, scoring: .masked)
    for text in ["The cat sees the dog.", "A", "The small dog sees a cat and a dog."] {
      let ids = codec.tokenizer.encode(text)
      let score = try scorer.score(input: nil, targets: [text])[0]
      #expect(score.tokens.map(\.id) == ids)
      for (position, token) in score.tokens.enumerated() {
        #expect(abs(token.logProbability - (try twin(model, ids, position))) < 1e-4, "\(text) \(position)")
      }
    }
  }

  /// A prefix decoder has two ways, and its own is from the left.
  @Test func aPrefixDecoderIsScoredBothWays() throws {
    let model = try model("prefix-decoder")
    let text = "The cat sees the dog."
    func total(_ scoring: TokenScoring?) throws -> Double {
      try TextScorer(model: model, codec: codec, scoring: scoring).score(input: nil, targets: [text])[0].total
    }
    #expect(try total(nil) == total(.causal))
    #expect(abs(try total(.masked) - total(.causal)) > 1e-3)
  }

  private func cloze(_ layout: String = "layout: continuation\n") throws -> (task: TaskDefinition, folder: TestFolder) {
    let folder = try TestFolder()
    try folder.write(
      "t.yaml",
      """
      task: t
      version: 1
      source:
        folder: .
        format: tsv
        fields: {text: text, a: a, b: b, label: label}
        labels: {"0": "{a}", "1": "{b}"}
      splits: {test: rows.tsv}
      inputs: "{text}"
      targets: "{label}"
      choices: ["{a}", "{b}"]
      metrics: [accuracy]
      \(layout)
      """)
    try folder.write(
      "rows.tsv",
      "text\ta\tb\tlabel\nThe cat sees \tthe dog.\ta.\t0\nThe dog\tsleeps.\tsleeps.\t1\n")
    return (try TaskCatalog(directories: [folder.path]).task(named: "t"), folder)
  }

  /// A candidate's score is that of its own tokens in the whole text.
  @Test(arguments: ["encoder", "prefix-decoder"]) func candidatesAreRankedByTheirTokens(_ layout: String) throws {
    let model = try model(layout)
    let (task, folder) = try cloze()
    let evaluator = Evaluator(
      model: model, codec: codec, lengths: SequenceLengths(inputs: 8, targets: 8),
      options: AnswerOptions(scoring: layout == "encoder" ? nil : .masked))
    let evaluation = try evaluator.evaluate(task, split: "test", data: DataRoot(folder.path))
    let first = evaluation.predictions[0]
    for (index, option) in ["the dog.", "a."].enumerated() {
      let ids = codec.tokenizer.encode("The cat sees " + option)
      let context = codec.tokenizer.encode("The cat sees").count
      var expected = 0.0
      for position in context..<ids.count { expected += try twin(model, ids, position) }
      #expect(abs((first.choiceScores?[index] ?? 0) - expected) < 1e-3, "\(option)")
    }
    #expect(first.text == (first.choice == 0 ? "the dog." : "a."))
    #expect(evaluation.cutExamples == 0)
    let same = try #require(evaluation.predictions[1].choiceScores)
    #expect(abs(same[0] - same[1]) < 1e-4)
  }

  @Test func whatIsLongLosesItsBeginningAndIsCounted() throws {
    let model = try model("encoder")
    let (task, folder) = try cloze()
    let long = String(repeating: "The dog sees a cat. ", count: 60)
    try folder.write("rows.tsv", "text\ta\tb\tlabel\n\(long)\tthe dog.\ta.\t0\nThe\tcat.\tdog.\t1\n")
    let evaluator = Evaluator(model: model, codec: codec, lengths: SequenceLengths(inputs: 8, targets: 8))
    let evaluation = try evaluator.evaluate(task, split: "test", data: DataRoot(folder.path))
    let positions = model.backbone.traits.longestSequence ?? SequenceLengths.longest
    let isLong = codec.tokenizer.encode(long).count >= positions
    #expect(evaluation.cutExamples == (isLong ? 1 : 0))
    #expect(evaluator.room(for: task).tokens == positions && !evaluator.room(for: task).canGrow)
  }

  @Test func whatHasOneWayOnlyIsRefused() throws {
    let laboratory = try Laboratory.shared.get()
    func own(_ family: String) throws -> ShardedModel {
      try ShardedModel(
        laboratory.configuration(family), key: RandomKey(seed: 9), precision: .f32, shardCount: 1, training: false)
    }
    for (model, scoring) in [
      (try own("gpt"), TokenScoring.masked), (try own("t5"), .masked), (try own("bert"), .causal),
    ] {
      let error = #expect(throws: GraftError.self) {
        try TextScorer(model: model, codec: codec, scoring: scoring)
      }
      #expect(error?.code == .usage)
    }
    // A task of fixed choices, and a prompt that is answered.
    let evaluator = Evaluator(
      model: try model("prefix-decoder"), codec: codec, lengths: SequenceLengths(inputs: 32, targets: 8),
      options: AnswerOptions(layout: .prompt, scoring: .masked))
    for (name, says) in [("sst2", "no bearing"), ("gap", "texts that go on")] {
      let task = try RealData.catalog().task(named: name)
      let error = #expect(throws: GraftError.self) { try evaluator.predictions([], task: task) }
      #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
  }
}
