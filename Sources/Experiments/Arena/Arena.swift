import Checkpointing
import Compute
import Corpus
import Counting
import Families
import Foundation
import Inference
import ModelKit
import Objectives
import Randomness
import Records
import Scoring
import Support
import TaskRegistry
import Tokenization
import Training

/// Trains the models of all eras on one text, networks by one recipe, and scores them on another, going on where an
/// earlier process stopped.
public struct Arena: Sendable {
  /// How all models are trained and scored.
  public struct Recipe: Sendable {
    /// Of networks; the learning rate is a contender's own where it has one.
    public var settings: TrainingSettings
    /// In place of the settings' end.
    public var budget: PretrainingBudget?
    /// Tokens of a window.
    public var length: Int
    /// The weight of the cache that is mixed in for a column of its own; nil for none.
    public var cacheWeight: Double?
    /// What samples go on with, and how many tokens are written.
    public var prompt: String
    public var sampleTokens: Int

    public init(
      settings: TrainingSettings, budget: PretrainingBudget?, length: Int, cacheWeight: Double?, prompt: String,
      sampleTokens: Int
    ) {
      (self.settings, self.budget, self.length) = (settings, budget, length)
      (self.cacheWeight, self.prompt, self.sampleTokens) = (cacheWeight, prompt, sampleTokens)
    }
  }

  let contenders: [Contender]
  let texts: ArenaTexts
  let recipe: Recipe
  let seeds: [UInt64]
  private let output: String
  private let surroundings: Surroundings

  /// - Parameter output: the folder of the runs.
  public init(
    _ contenders: [Contender], on texts: ArenaTexts, _ recipe: Recipe, seeds: [UInt64], output: String,
    surroundings: Surroundings
  ) {
    (self.contenders, self.texts, self.recipe, self.seeds) = (contenders, texts, recipe, seeds)
    (self.output, self.surroundings) = (output, surroundings)
  }

  private static let stage = "train"

  /// The models stay, to be scored on more texts.
  var study: Study<ArenaTrial> {
    let stage = StudyStage(name: Self.stage, leftovers: ["checkpoints"])
    return Study(
      folder: StudyFolder(path: output, isFlat: true),
      arms: contenders.map { StudyArm(name: $0.name, stages: [stage]) }, seeds: seeds, surroundings: surroundings)
  }

  /// What is known of a contender that is done, by seeds.
  func trials(_ contender: Contender) throws(GraftError) -> [(seed: UInt64, record: ArenaTrial)] {
    try study.records(contender.name, Self.stage)
  }

  /// - Returns: the models that failed.
  /// - Throws: as `Study.run`; `.usage` if the folder is of another arena.
  public func run() throws(GraftError) -> [StudyFailure] {
    try surroundings.world.onRoot { () throws(GraftError) in
      try definition().claim(output, as: .arena, additions: "seeds and models", of: [])
    }
    return try study.run { (unit, folder, surroundings) throws(GraftError) in
      guard let contender = contenders.first(where: { $0.name == unit.arm }) else {
        preconditionFailure("no contender '\(unit.arm)'")
      }
      switch contender.kind {
      case .counts(let smoothing, let order):
        // Counts are the same with every seed; samples are not.
        return try count(smoothing, order: order, unit.seed, folder)
      case .network(let configuration, let rate):
        return try train(contender, configuration, rate: rate, unit.seed, folder, surroundings)
      }
    }
  }

  // MARK: Counting

  private func count(
    _ smoothing: NGramSmoothing, order: Int, _ seed: UInt64, _ folder: String
  ) throws(GraftError) -> ArenaTrial {
    ProcessMemory.forgetPeak()
    let start = ContinuousClock.now
    var options = NGramTrainingOptions()
    (options.smoothing, options.order, options.tokenizer) = (smoothing, order, texts.tokenizer)
    if smoothing == .mixture {
      guard let tuning = texts.lines.tuning else {
        throw GraftError(
          .usage, "the weights of a mixture are found on text that is held out, and `held-out:` is 0",
          hint: "leave the bigram out, or hold out a part: 0.02.")
      }
      options.heldOut = [tuning]
    }
    let model = try NGramModel.train([texts.lines.training], options, note: surroundings.note)
    let seconds = start.secondsUntilNow
    try model.write(to: "\(folder)/model")
    let cache = try recipe.cacheWeight.map { (weight) throws(GraftError) in
      try UnigramCache(weight: weight, size: Self.rememberedWords)
    }
    func scorer(_ cache: UnigramCache? = nil) -> NGramAnswerer {
      NGramAnswerer(model, targetLength: recipe.sampleTokens, countsLineEnds: true, cache: cache)
    }
    return ArenaTrial(
      parameters: model.description.parts[0].counts.reduce(0, +), seconds: seconds,
      peakBytes: ProcessMemory.peakBytes, rates: try rates(scorer(), of: texts.lines.validation),
      remembering: try cache.map { (cache) throws(GraftError) in
        try rates(scorer(cache), of: texts.lines.validation)
      },
      sample: try scorer().answers(inputs: [recipe.prompt], sampling(seed))[0].text)
  }

  /// Of a cache of words, and of a cache of states.
  private static let (rememberedWords, rememberedStates, flatness) = (500, 2000, 0.05)

  // MARK: Networks

  /// What a contender is trained by.
  func job(
    _ contender: Contender, _ configuration: ModelConfiguration, rate: Double?, seed: UInt64
  ) throws(GraftError) -> PretrainingJob {
    var plan = PretrainingPlan(
      objective: CausalLanguageModeling.identifier, backbone: contender.model, model: configuration,
      corpora: [CorpusShare(path: texts.texts.training)])
    plan.length = StagedNumber(recipe.length)
    plan.format = .text
    plan.validation = texts.texts.tuning.map { [$0] }
    plan.heldOutFraction = 0
    plan.settings = recipe.settings
    plan.settings.learningRate = rate ?? plan.settings.learningRate
    plan.settings.seed = seed
    plan.settings.becomeStage()
    plan.budget = recipe.budget
    // A model that keeps a state of fixed size reads on with it; others see a window.
    if try Self.carriesState(configuration) {
      (plan.carriesState, plan.forgetting) = (true, PretrainingPlan.standardForgetting)
    }
    return PretrainingJob(plan: plan, tokenizer: texts.tokenizer, tasks: [])
  }

  private func train(
    _ contender: Contender, _ configuration: ModelConfiguration, rate: Double?, _ seed: UInt64, _ folder: String,
    _ surroundings: Surroundings
  ) throws(GraftError) -> ArenaTrial {
    ProcessMemory.forgetPeak()
    let result = try job(contender, configuration, rate: rate, seed: seed).run(
      in: folder, cache: "\(output)/cache", resuming: true, phase: "\(contender.name) \(seed)",
      surroundings: surroundings)
    let peak = ProcessMemory.peakBytes
    let (saved, configuration, tokenizer) = try ModelFolder.open(folder)
    var codec = TextCodec(tokenizer, recognizingSpecialTokens: true)
    codec.layout = .continuation
    codec.spacesTargets = false
    let model = try saved.opened(
      configuration, precision: .f32, shardCount: ProcessInfo.processInfo.activeProcessorCount)
    let laidOut = codec
    let length = try Self.carriesState(configuration) ? Self.longReading : recipe.length
    func rates(_ memory: ScoringMemory) throws(GraftError) -> TextRates {
      let scorer = try TextFileScorer(model: model, codec: laidOut, length: length, stride: nil, memory: memory)
      return try self.rates(scorer, of: texts.texts.validation)
    }
    let cache = try recipe.cacheWeight.map { (weight) throws(GraftError) in
      try NeuralCacheOptions(weight: weight, size: Self.rememberedStates, flatness: Self.flatness)
    }
    let predictor = try Predictor(
      model: model, codec: codec,
      lengths: SequenceLengths(
        inputs: max(1, codec.prompt(recipe.prompt).count), targets: recipe.sampleTokens))
    let decoding = DecodingOptions(sampling(seed), maximumTokens: recipe.sampleTokens)
    return ArenaTrial(
      parameters: result.parameters, steps: result.steps, tokens: result.tokensSeen,
      passes: result.sources?.first?.passes, operations: result.operations, seconds: result.elapsedSeconds,
      peakBytes: peak, learningRate: rate, heldOut: result.heldOut.last?.lossPerToken,
      rates: try rates(ScoringMemory()),
      remembering: try cache.map { (cache) throws(GraftError) in try rates(ScoringMemory(cache: cache)) },
      sample: try predictor.answers(inputs: [recipe.prompt], decoding: decoding)[0].first?.text ?? "")
  }

  /// Tokens that models without a window read at once; half of them are scored, after the other half.
  private static let longReading = 4096

  private static func carriesState(_ configuration: ModelConfiguration) throws(GraftError) -> Bool {
    try Families.make(configuration).backbone.writer?.makeCarriedState(sequences: 1) != nil
  }

  private func sampling(_ seed: UInt64) -> DecodingOptions.Strategy {
    .sampling(SamplingOptions(key: RandomKey(seed: seed).folded("sampling")))
  }

  // MARK: Scoring

  /// The rates of the validation text as a scorer reads it, per word and byte of the text as it is: of networks that
  /// read `<eos>` that is one more word a line, as it is for models of counts, and the line feed's byte.
  private func rates(_ scorer: some TextLineScoring, of path: String) throws(GraftError) -> TextRates {
    let original = try FileContents.read(texts.lines.validation)
    var found = try scorer.lines(FileContents.read(path))
    let lines = original.split(separator: 0x0A)
    precondition(found.count == lines.count, "\(found.count) lines were scored of \(lines.count)")
    for (index, line) in lines.enumerated() {
      let counts = TextCounts(line: original[line.startIndex..<line.endIndex + 1])
      (found[index].words, found[index].characters, found[index].bytes) =
        (counts.words + 1, counts.characters, counts.bytes)
    }
    return TextRates(lines: found)
  }

  // MARK: What runs of a folder have in common

  private func definition() throws(GraftError) -> StudyDefinition {
    var definition = StudyDefinition()
    var settings = recipe.settings
    settings.seed = 0
    definition.recipe["text"] = texts.contentHash
    definition.recipe["tokenizer"] = texts.tokenizer.contentHash
    definition.recipe["settings"] = String(decoding: try JSONFile.encode(settings), as: UTF8.self)
    definition.recipe["budget"] = recipe.budget.map { "\($0)" } ?? "that of the settings"
    definition.recipe["sequence length"] = "\(recipe.length)"
    definition.recipe["cache"] = recipe.cacheWeight.map { "\($0)" } ?? "none"
    definition.recipe["sample"] = "\(recipe.sampleTokens) tokens after '\(recipe.prompt)'"
    for contender in contenders {
      switch contender.kind {
      case .counts: definition.parts["model \(contender.name)"] = "counts"
      case .network(let configuration, let rate):
        definition.parts["model \(contender.name)"] =
          "\(rate.map { "rate \($0) " } ?? "")\(String(decoding: try JSONFile.encode(configuration), as: UTF8.self))"
      }
    }
    return definition
  }
}

/// What one model came to; `trial.json` in its folder.
struct ArenaTrial: Codable, Sendable, Hashable {
  /// Values of a network; n-grams of a model of counts.
  var parameters: Int
  var steps: Int?
  /// Positions that were read.
  var tokens: Int?
  /// How often the text was read.
  var passes: Double?
  /// Floating-point operations of matrix products; nil for counting.
  var operations: Double?
  /// Of training.
  var seconds: Double
  /// The most memory that the process held while it was trained.
  var peakBytes: Int
  /// Of several that were tried; nil for the recipe's.
  var learningRate: Double?
  /// Nats per token on the part of the training text that is tuned on; nil without one, and for counts.
  var heldOut: Double?
  /// Of the validation text.
  var rates: TextRates
  /// With a cache of the text before; nil for none.
  var remembering: TextRates?
  /// Drawn by the seed.
  var sample: String
}

extension ArenaTrial: StudyRecord {
  static let kind = FileKind.trial

  func describe(in event: inout StudyEvent) {
    (event.steps, event.tokens, event.flops, event.seconds) = (steps, tokens, operations, seconds)
    event.heldOut = heldOut
    event.scores = rates.perplexityPerWord.map { ["validation.perplexity-per-word": $0.value] }
  }
}
