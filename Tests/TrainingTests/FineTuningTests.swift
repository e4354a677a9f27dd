import Compute
import Corpus
import Foundation
import Inference
import Randomness
import Records
import Support
import TaskRegistry
import TestSupport
import Testing
import Tokenization
import Training

/// A task that a tiny model must get right to the last row: say which of three words stands in a sentence.
@Suite(.tags(.slow)) struct FineTuningTests {
  private static let words = ["alpha", "beta", "gamma"]
  private static let fillers = ["the", "a", "of", "in", "we", "it"]

  private static func rows(_ count: Int, seed: UInt64) -> String {
    var random = RandomKey(seed: seed).generator()
    var text = "sentence\tlabel\n"
    for row in 0..<count {
      var sentence = (0..<2 + random.below(3)).map { _ in fillers[random.below(fillers.count)] }
      sentence.insert(words[row % 3], at: random.below(sentence.count + 1))
      text += "\(sentence.joined(separator: " "))\t\(words[row % 3])\n"
    }
    return text
  }

  private static let definition = """
    task: copy-word
    version: 1
    source:
      folder: .
      format: tsv
      fields: {sentence: sentence, label: label}
    splits:
      train: train.tsv
      validation: validation.tsv
      test: test.tsv
    inputs: "copy sentence: {sentence}"
    targets: "{label}"
    choices: [alpha, beta, gamma]
    output: choices
    metrics: [accuracy]
    primaryMetric: accuracy

    """

  private struct World {
    let folder = Result { try TestFolder() }
    let task: TaskDefinition
    let data: DataRoot
    let tokenizer: Tokenizer

    init() throws {
      let folder = try folder.get()
      let training = FineTuningTests.rows(120, seed: 1)
      try folder.write("copy-word.yaml", FineTuningTests.definition)
      try folder.write("train.tsv", training)
      try folder.write("validation.tsv", FineTuningTests.rows(12, seed: 2))
      try folder.write("test.tsv", FineTuningTests.rows(60, seed: 3))
      task = try TaskCatalog(directories: [folder.path]).task(named: "copy-word")
      data = DataRoot(folder.path)
      tokenizer = try Tokenizer.train(
        documents: [training], options: TokenizerTrainingOptions(vocabularySize: 340, sentinelCount: 8))
    }

    func plan(_ family: String) throws -> FineTuningPlan {
      let name = family.split(separator: " ")
      var model = try Laboratory.shared.get().configuration(String(name[0]))
      model.vocabularySize = tokenizer.vocabulary.size
      // With GPT-2's own, the few updates here do not quite do.
      if model.family == "gpt" { model.sizes["epsilon"] = 1e-6 }
      var plan = FineTuningPlan(tasks: ["copy-word"], initialCheckpoint: nil, model: model)
      if name.last == "heads" { plan.heads = true }
      plan.lengths = SequenceLengths(inputs: 24, targets: 8)
      plan.settings.seed = 1
      plan.settings.steps = 150
      plan.settings.batchSize = 16
      plan.settings.optimizer = "adamw"
      plan.settings.learningRate = 1e-2
      plan.settings.schedule = "linear"
      plan.settings.warmupSteps = 10
      plan.settings.shards = 2
      plan.settings.reportInterval = 1
      plan.settings.evaluationInterval = nil
      plan.settings.checkpointInterval = nil
      return plan
    }

    @discardableResult
    func run(_ plan: FineTuningPlan, _ name: String, resuming: Bool = false, stoppingAt: Int? = nil) throws
      -> ShardedModel
    {
      let stop = StopRequest()
      return try FineTuning.run(
        plan, tasks: [task], data: data, tokenizer: tokenizer, directory: "\(try folder.get().path)/\(name)",
        resuming: resuming, arguments: ["test"], stop: stop
      ) { event in
        if case .step(let report) = event, report.step == stoppingAt { stop.request(signal: SIGTERM) }
      }.model
    }
  }

  @Test(arguments: ["t5", "gpt", "gpt heads", "bert", "electra"])
  func aTrivialTaskIsLearnedToTheLastRow(_ family: String) throws {
    let world = try World()
    let plan = try world.plan(family)
    let model = try world.run(plan, "run")
    let codec = TextCodec(world.tokenizer)
    let evaluator = Evaluator(model: model, codec: codec, lengths: plan.lengths)
    let ranked = try evaluator.evaluate(world.task, split: "test", data: world.data)
    let generated = try evaluator.answering(.generate)
      .evaluate(world.task, split: "test", data: world.data)
    #expect(ranked.report.metrics.first?.value == 1)
    #expect(generated.report.metrics.first?.value == 1)
    #expect(ranked.predictions.map(\.text) == generated.predictions.map(\.text))
    #expect(ranked.predictions.map(\.text) == ranked.examples.map(\.targets))
    #expect(ranked.predictions.allSatisfy { $0.choiceScores?.count == 3 })

    // The model that was saved answers as the one in memory, whatever the number of shards.
    let (saved, configuration, tokenizer) = try ModelFolder.open("\(try world.folder.get().path)/run")
    #expect(tokenizer.contentHash == world.tokenizer.contentHash)
    let again = try ShardedModel(
      configuration, key: RandomKey(seed: 0), precision: .f32, shardCount: 3, training: false)
    try saved.load(into: again.store)
    again.refreshOperands()
    let other = try Evaluator(model: again, codec: codec, lengths: plan.lengths)
      .evaluate(world.task, split: "test", data: world.data)
    #expect(other.predictions == ranked.predictions)
  }

  /// Smoothed labels change what is learned, not how a model is judged.
  @Test func heldOutLossesAreNotSmoothed() throws {
    let world = try World()
    var plan = try world.plan("t5")
    plan.settings.steps = 1
    plan.settings.learningRate = 1e-30
    func losses(smoothing: Double?) throws -> (training: Double?, heldOut: Double?) {
      plan.labelSmoothing = smoothing
      var (training, heldOut): (Double?, Double?)
      _ = try FineTuning.run(
        plan, tasks: [world.task], data: world.data, tokenizer: world.tokenizer,
        directory: "\(try world.folder.get().path)/\(smoothing ?? 0)", resuming: false, arguments: ["test"],
        stop: StopRequest()
      ) { event in
        if case .step(let report) = event { training = report.loss }
        if case .evaluated(let report) = event { heldOut = report.lossPerToken }
      }
      return (training, heldOut)
    }
    let (plain, smoothed) = (try losses(smoothing: nil), try losses(smoothing: 0.5))
    #expect(plain.heldOut != nil && smoothed.heldOut == plain.heldOut)
    #expect(plain.training != nil && smoothed.training != plain.training)
  }

  @Test(arguments: SmallModels.writers) func answersDoNotDependOnTheirNeighbours(_ family: String) throws {
    let world = try World()
    var plan = try world.plan(family)
    plan.settings.steps = 20
    let model = try world.run(plan, "run")
    let predictor = try Predictor(model: model, codec: TextCodec(world.tokenizer), lengths: plan.lengths)
    let inputs = ["copy sentence: alpha", "copy sentence: the of in beta it", "copy", ""]
    let together = try predictor.logProbabilities(inputs: inputs, candidates: Self.words)
    let texts = try predictor.generate(inputs: inputs).map(\.text)
    for (index, input) in inputs.enumerated() {
      let alone = try predictor.logProbabilities(inputs: [input], candidates: Self.words)[0]
      for (a, b) in zip(alone, together[index]) { #expect(abs(a - b) < 1e-4 * max(1, abs(a))) }
      #expect(try predictor.generate(inputs: [input])[0].text == texts[index])
    }
    #expect(try predictor.generate(inputs: []).isEmpty)
    #expect(try predictor.rank(inputs: [], choices: Self.words).isEmpty)
  }

  @Test func aStoppedRunGoesOnAsIfItHadNot() throws {
    let world = try World()
    var plan = try world.plan("t5")
    plan.settings.steps = nil
    plan.epochs = 2
    plan.settings.dropout = 0.1
    try world.run(plan, "whole")
    plan.dynamics = .updates(4)
    try world.run(plan, "measured")
    let error = #expect(throws: GraftError.self) { try world.run(plan, "parts", stoppingAt: 9) }
    #expect(error?.code == .terminated)
    let folder = try world.folder.get()
    // A run that an earlier graft began knows the task by another hash; one of another task does not go on.
    let manifest = try String(decoding: folder.bytes("parts/run.json"), as: UTF8.self)
    let hash = world.task.dataSet.hash
    #expect(manifest.contains(hash.text))
    try folder.write("parts/run.json", manifest.replacingOccurrences(of: hash.text, with: "0000"))
    let refused = #expect(throws: GraftError.self) { try world.run(plan, "parts", resuming: true) }
    #expect(refused?.message.contains("not what this run began with") == true)
    try folder.write("parts/run.json", manifest.replacingOccurrences(of: hash.text, with: hash.former))
    try world.run(plan, "parts", resuming: true)
    #expect(try String(decoding: folder.bytes("parts/run.json"), as: UTF8.self).contains(hash.text))
    let weights = try folder.bytes("whole/model/model.safetensors")
    // Measuring the training examples on the way changes nothing.
    #expect(try folder.bytes("measured/model/model.safetensors") == weights)
    #expect(try folder.bytes("parts/model/model.safetensors") == weights)
    let dynamics = try TrainingDynamics(path: "\(folder.path)/measured/dynamics.jsonl")
    #expect(dynamics.measurements.prefix(3).map(\.step) == [4, 8, 12])
    #expect(try folder.bytes("parts/dynamics.jsonl") == folder.bytes("measured/dynamics.jsonl"))
  }

  private struct Selection: Decodable {
    struct Score: Decodable { var step: Int, score: Double }
    var examples: [String: Int]
    var scores: [Score]
    var best: Int
  }

  /// The model that is kept is that of the first best pass, as if training had ended there; its examples are not
  /// trained on; and a run that was stopped comes to the same.
  @Test func theBestPassIsKept() throws {
    let world = try World()
    let folder = try world.folder.get()
    var plan = try world.plan("t5")
    plan.selectionShare = 0.2
    plan.settings.steps = 90
    plan.settings.schedule = "constant"
    plan.settings.dropout = 0.1
    func selection(_ name: String) throws -> Selection {
      try JSONDecoder().decode(Selection.self, from: folder.bytes("\(name)/selection.json"))
    }
    try world.run(plan, "whole")
    let found = try selection("whole")
    // Of 120 examples 24 are kept, a pass of the other 96 has six updates.
    #expect(found.examples == ["copy-word": 24])
    #expect(found.scores.map(\.step) == Array(stride(from: 6, through: 90, by: 6)))
    let highest = try #require(found.scores.map(\.score).max())
    #expect(found.best == found.scores.first { $0.score == highest }?.step)
    #expect(found.best < 90, "a task that is learned before the end")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/whole/best"))
    #expect(throws: GraftError.self) { try world.run(plan, "parts", stoppingAt: found.best + 2) }
    try world.run(plan, "parts", resuming: true)
    let weights = try folder.bytes("whole/model/model.safetensors")
    #expect(try folder.bytes("parts/model/model.safetensors") == weights)
    #expect(try folder.bytes("parts/selection.json") == folder.bytes("whole/selection.json"))
    // With patience it ends after so many passes that are no better, and is over for good.
    plan.settings.patience = 2
    try world.run(plan, "patient")
    #expect(try selection("patient").scores.map(\.step) == Array(stride(from: 6, through: found.best + 12, by: 6)))
    #expect(try folder.bytes("patient/model/model.safetensors") == weights)
    #expect(throws: GraftError.self) { try world.run(plan, "patient-parts", stoppingAt: found.best + 2) }
    try world.run(plan, "patient-parts", resuming: true)
    try world.run(plan, "patient-parts", resuming: true)
    #expect(try folder.bytes("patient-parts/selection.json") == folder.bytes("patient/selection.json"))
    #expect(try folder.bytes("patient-parts/model/model.safetensors") == weights)
    plan.settings.patience = nil
    plan.settings.steps = found.best
    try world.run(plan, "short")
    #expect(try folder.bytes("short/model/model.safetensors") == weights)
    for share in [0, 1, 0.9999] {
      plan.selectionShare = share
      #expect(throws: GraftError.self) { try world.run(plan, "none") }
    }
  }

  /// On the way the score of answers to validation examples is told, beside their loss.
  @Test(arguments: ["t5", "bert"]) func scoresAreToldOnTheWay(_ family: String) throws {
    let world = try World()
    var plan = try world.plan(family)
    plan.settings.evaluationInterval = 75
    var told: [HeldOutReport] = []
    let model = try FineTuning.run(
      plan, tasks: [world.task], data: world.data, tokenizer: world.tokenizer,
      directory: "\(try world.folder.get().path)/run", resuming: false, arguments: ["test"], stop: StopRequest()
    ) { event in
      if case .evaluated(let report) = event { told.append(report) }
    }.model
    #expect(told.map(\.step) == [75, 150])
    let evaluation = try Evaluator(model: model, codec: TextCodec(world.tokenizer), lengths: plan.lengths)
      .evaluate(world.task, split: "validation", data: world.data)
    let accuracy = try #require(evaluation.report.primary?.value)
    let scores = try #require(told.last?.scores)
    #expect(scores.map(\.task) == ["copy-word"] && scores.map(\.metric) == ["accuracy"])
    #expect(scores.map(\.score) == [100 * accuracy] && scores.map(\.examples) == [12])
  }

  @Test func aDecoderWithTooFewPositionsIsRefused() throws {
    let world = try World()
    var plan = try world.plan("gpt")
    plan.lengths = SequenceLengths(inputs: 60, targets: 8)
    let error = #expect(throws: GraftError.self) { try world.run(plan, "run") }
    #expect(error?.code == .usage)
    #expect(error?.message.contains("64") == true)
  }

  @Test(arguments: [0, -1, Double.nan, Double.infinity, 1e300])
  func impossibleEpochsAreRefused(_ epochs: Double) throws {
    let world = try World()
    var plan = try world.plan("t5")
    plan.settings.steps = nil
    plan.epochs = epochs
    let error = #expect(throws: GraftError.self) { try world.run(plan, "run") }
    #expect(error?.code == .usage)
  }
}
