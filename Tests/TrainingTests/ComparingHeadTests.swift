import Corpus
import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Support
import TaskRegistry
import TestSupport
import Testing
import Tokenization
import Training

/// A task of two texts that a head which compares them learns at once: whether they have the same word.
@Suite(.tags(.slow)) struct ComparingHeadTests {
  private static let words = [
    "bird", "boat", "cake", "door", "fish", "lamp", "moon", "road", "ship", "tree", "wall", "wind",
  ]

  private static func rows(_ count: Int, seed: UInt64) -> String {
    var random = RandomKey(seed: seed).generator()
    var text = "premise\thypothesis\tlabel\n"
    for row in 0..<count {
      let first = random.below(words.count)
      let second = row % 2 == 0 ? first : (first + 1 + random.below(words.count - 1)) % words.count
      text += "a \(words[first])\tthe \(words[second])\t\(row % 2 == 0 ? "same" : "different")\n"
    }
    return text
  }

  private static let definition = """
    task: same-word
    version: 1
    source:
      folder: .
      format: tsv
      fields: {premise: premise, hypothesis: hypothesis, label: label}
    splits:
      train: train.tsv
      test: test.tsv
    inputs: "same hypothesis: {hypothesis} premise: {premise}"
    targets: "{label}"
    choices: [same, different]
    output: choices
    metrics: [accuracy]
    primaryMetric: accuracy

    """

  @Test func textsOfAPairAreCompared() throws {
    let folder = try TestFolder()
    let training = Self.rows(400, seed: 1)
    try folder.write("same-word.yaml", Self.definition)
    try folder.write("train.tsv", training)
    try folder.write("test.tsv", Self.rows(80, seed: 2))
    let task = try TaskCatalog(directories: [folder.path]).task(named: "same-word")
    let tokenizer = try Tokenizer.train(
      documents: [training], options: TokenizerTrainingOptions(vocabularySize: 300, sentinelCount: 8))
    let model = ModelConfiguration(
      family: "modern", vocabularySize: tokenizer.vocabulary.size, dropout: 0,
      sizes: [
        "width": 16, "heads": 2, "headDimension": 8, "feedForward": 32, "layers": 1, "activation": "relu-squared",
        "gated": false, "tied": true, "epsilon": 1e-6,
      ])
    var plan = FineTuningPlan(tasks: ["same-word"], initialCheckpoint: nil, model: model)
    plan.heads = true
    plan.lengths = SequenceLengths(inputs: 24, targets: 8)
    plan.settings.steps = 200
    plan.settings.batchSize = 16
    plan.settings.optimizer = "adamw"
    plan.settings.learningRate = 1e-2
    plan.settings.warmupSteps = 10
    plan.settings.shards = 2
    plan.settings.evaluationInterval = nil
    plan.settings.checkpointInterval = nil
    let output = "\(folder.path)/run"
    let trained = try FineTuning.run(
      plan, tasks: [task], data: DataRoot(folder.path), tokenizer: tokenizer, directory: output, resuming: false,
      arguments: ["test"], stop: StopRequest()
    ) { _ in }.model
    let format = try #require(trained.backbone.configuration.answers?.first)
    #expect(format.comparesTexts == true)
    let weight = try #require(trained.store.entry(named: "answers.same-word.dense.weight"))
    #expect(weight.count == 16 * 64)
    let evaluation = try Evaluator(model: trained, codec: TextCodec(tokenizer), lengths: plan.lengths)
      .evaluate(task, split: "test", data: DataRoot(folder.path))
    #expect(try #require(evaluation.report.primary?.value) > 0.95)
    // What is saved says so, and answers alike.
    let again = try Evaluator(opening: output, precision: .f32).evaluate(
      task, split: "test", data: DataRoot(folder.path))
    #expect(again.predictions == evaluation.predictions)
  }
}
