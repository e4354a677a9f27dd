import Compute
import Foundation
import Microworld
import ModelKit
import Records
import Support
import Synchronization
import TestSupport
import Tokenization
import Training

/// A corpus, a tokenizer and models small enough that a whole run takes a fraction of a second.
struct Laboratory {
  let folder: TestFolder
  let corpus: String
  let tokenizer: Tokenizer

  static let shared = Result { try Laboratory() }

  private init() throws {
    folder = try TestFolder()
    let text = try Microworld(MicroworldOptions(corpusBytes: 30_000)).corpus()
    try folder.write("corpus.txt", text)
    corpus = "\(folder.path)/corpus.txt"
    tokenizer = try Tokenizer.train(
      documents: [text], options: TokenizerTrainingOptions(vocabularySize: 420, sentinelCount: 24))
  }

  func configuration(_ family: String) -> ModelConfiguration {
    if family == "lstm" {
      return ModelConfiguration(
        family: family, vocabularySize: tokenizer.vocabulary.size, dropout: 0,
        sizes: ["width": 32, "decoderLayers": 2, "tied": true])
    }
    let isDecoder = family == "gpt"
    let isEncoder = family == "bert" || family == "electra"
    var configuration = ModelConfiguration(
      family: family, vocabularySize: tokenizer.vocabulary.size, dropout: 0,
      sizes: [
        "width": 32, "heads": 2, "headDimension": 16, "feedForward": 64,
        "encoderLayers": isDecoder ? 0 : 1, "decoderLayers": isEncoder ? 0 : 1,
        "activation": isDecoder ? "gelu" : "relu", "gated": false, "tied": true, "epsilon": 1e-6,
      ])
    if family != "t5" { configuration.sizes["maximumLength"] = 64 }
    return configuration
  }

  /// Twelve steps with dropout, evaluations and checkpoints on the way.
  func plan(_ family: String = "t5") -> PretrainingPlan {
    var plan = PretrainingPlan(
      objective: family == "gpt" || family == "lstm" ? "causal-lm" : "span-corruption", backbone: family,
      model: configuration(family), corpora: [CorpusShare(path: corpus)])
    plan.sequenceLength = 32
    plan.documentBoundary = .blankLines
    plan.heldOutWindows = 8
    plan.settings.seed = 3
    plan.settings.steps = 12
    plan.settings.batchSize = 7
    plan.settings.optimizer = "adamw"
    plan.settings.learningRate = 1e-2
    plan.settings.warmupSteps = 3
    plan.settings.dropout = 0.1
    plan.settings.precision = .f32
    plan.settings.shards = 2
    plan.settings.reportInterval = 1
    plan.settings.evaluationInterval = 5
    plan.settings.checkpointInterval = 4
    plan.settings.keep = 20
    return plan
  }

  /// - Parameter stoppingAt: asks for a stop as soon as this step is reported.
  @discardableResult
  func pretrain(
    _ plan: PretrainingPlan, _ directory: String, resuming: Bool = false, stoppingAt: Int? = nil
  ) throws -> (result: PretrainingResult, steps: [StepReport]) {
    let stop = StopRequest()
    let steps = Mutex<[StepReport]>([])
    let result = try Pretraining.run(
      plan, tokenizer: tokenizer, directory: directory, cache: "\(folder.path)/cache", resuming: resuming,
      arguments: ["test"], stop: stop
    ) { event in
      guard case .step(let report) = event else { return }
      steps.withLock { $0.append(report) }
      if report.step == stoppingAt { stop.request(signal: SIGINT) }
    }
    return (result, steps.withLock { $0 })
  }
}
