import Checkpointing
import Compute
import Corpus
import Examples
import Foundation
import ModelKit
import Objectives
import Randomness
import Support
import Tokenization

/// One text source of a pretraining run and how often it is read while the others are read once.
public struct CorpusShare: Sendable, Codable, Hashable {
  /// What the person typed: a file, a folder or a pattern.
  public var path: String
  public var repetition: Double

  public init(path: String, repetition: Double = 1) {
    self.path = path
    self.repetition = repetition
  }
}

/// Everything that decides what a pretraining run computes; `configuration` in its `run.json`.
public struct PretrainingPlan: Sendable, Codable, Hashable {
  public var objective: String
  public var objectiveParameters: [String: Double] = [:]
  public var backbone: String
  public var model: TransformerConfiguration
  public var corpora: [CorpusShare]
  /// Tokens of an example's inputs (encoder-decoder) or of the sequence (decoder).
  public var sequenceLength = 128
  /// Whether windows run across documents.
  public var merged = true
  public var cleaning: String?
  public var documentBoundary = DocumentBoundary.wholeFile
  public var textField = "text"
  public var heldOutFraction = 0.01
  /// Windows of the held-out slice that are evaluated.
  public var heldOutWindows = 256
  /// A checkpoint to go on from with new data; nil to start from drawn values.
  public var initialCheckpoint: String?
  /// Where the token embedding starts; a checkpoint brings its own.
  public var embeddings = EmbeddingInitialization.drawn
  /// A budget of tokens or operations, which decides `settings.steps` when the data is known.
  public var budget: PretrainingBudget?
  public var settings = TrainingSettings()

  public init(
    objective: String, backbone: String, model: TransformerConfiguration, corpora: [CorpusShare]
  ) {
    self.objective = objective
    self.backbone = backbone
    self.model = model
    self.corpora = corpora
  }
}

extension PretrainingPlan: RunPlan {
  /// Paths may change: what was read is compared by content.
  func computesTheSame(as other: PretrainingPlan) -> Bool {
    guard settings.computesTheSame(as: other.settings), corpora.count == other.corpora.count else {
      return false
    }
    var adjusted = other
    adjusted.settings = settings
    for index in corpora.indices { adjusted.corpora[index].path = corpora[index].path }
    adjusted.initialCheckpoint = initialCheckpoint
    return adjusted == self
  }
}

/// What a pretraining run came to.
public struct PretrainingResult: Sendable, Codable, Hashable {
  public var heldOut: [HeldOutReport]
  /// Nats per target of the best input-blind model on the same held-out examples; nil where the loss is not the
  /// log-probability of a text.
  public var unigramReference: Double?
  public var tokensSeen: Int
  public var elapsedSeconds: Double
  public var parameters: Int
  /// Times each corpus was read.
  public var epochs: [Double]
  /// Updates.
  public var steps: Int?
  /// Floating-point operations of matrix products in all training steps.
  public var operations: Double?
}

/// The pretraining engine.
public enum Pretraining {
  /// - Parameters:
  ///   - directory: the run directory.
  ///   - cache: where token shards are kept.
  /// - Throws: `.interrupted` or `.terminated` after saving; errors of corpora, tokenizer and disk.
  public static func run(
    _ plan: PretrainingPlan, tokenizer: Tokenizer, directory: String, cache: String, resuming: Bool,
    arguments: [String], stop: StopRequest, emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) -> PretrainingResult {
    var plan = plan
    try plan.budget?.reserveSteps(in: &plan.settings)
    let settings = plan.settings
    try settings.validate()
    let longest = plan.model.maximumLength ?? SequenceLengths.longest
    guard (4...longest).contains(plan.sequenceLength) else {
      throw GraftError(
        .usage, "--sequence-length \(plan.sequenceLength) is impossible",
        hint: "the backbone '\(plan.backbone)' takes 4 to \(longest) tokens.")
    }
    guard plan.embeddings == .drawn || plan.initialCheckpoint == nil else {
      throw GraftError(
        .usage, "--embeddings \(plan.embeddings.rawValue) would overwrite the checkpoint's",
        hint: "leave out --embeddings or --checkpoint.")
    }
    let run = try RunDirectory(directory, resuming: resuming)
    let objective = try Objectives.make(
      plan.objective, plan.objectiveParameters, vocabulary: tokenizer.vocabulary)
    let model = try plan.makeModel(tokenizer)
    try requireLayout(of: model.backbone, for: objective, plan)
    let corpora = try prepare(plan, tokenizer, cache, emit)
    let (raw, targets) = objective.rawLength(
      forSequenceLength: plan.sequenceLength, model.backbone.layout)
    let converter = model.backbone.layout.converter(
      vocabulary: tokenizer.vocabulary,
      lengths: SequenceLengths(inputs: plan.sequenceLength, targets: targets))
    let key = RandomKey(seed: settings.seed)
    let source = WindowSource(
      windows: try WeightedWindows(
        corpora.map {
          TokenWindows($0.training, length: raw, key: key.folded("order"), merged: plan.merged)
        }, repetitions: plan.corpora.map(\.repetition), key: key.folded("mixture")),
      objective: objective, key: key.folded("corruption"))
    if let budget = plan.budget {
      let cost = StepCost(of: source, converter, model.backbone, batchSize: settings.batchSize)
      plan.settings.steps = budget.steps(cost)
      emit(.note("\(budget.summary): \(plan.settings.steps ?? 0) updates"))
    }
    let heldOut = heldOutLoss(plan, corpora, objective, raw: raw, converter, tokenizer)
    let hashes = Dictionary(
      zip(plan.corpora.map { "corpus \($0.path)" }, corpora.map(\.contentHash)),
      uniquingKeysWith: { first, _ in first }
    ).merging(["tokenizer": tokenizer.contentHash]) { $1 }
    let session = try RunSession(
      plan, in: run, resuming: resuming, model: model, tokenizer: tokenizer, source: source,
      converter: converter, loss: { objective.loss($0, $1, scale: $2, recomputing: $3, on: $4) }, hashes: hashes,
      arguments: arguments, stop: stop, emit: emit
    ) { [plan] in pretrainingCard(plan, state: $0, parameters: model.store.count) }
    if !session.isResumed, plan.embeddings == .cooccurrence {
      let begun = ContinuousClock.now
      try CooccurrenceEmbedding.initialize(
        model.backbone.tokenEmbedding, of: model, from: corpora.map(\.training), key: key.folded("embeddings")
      )
      emit(.note("token embedding from co-occurrence counts in \(rounded(begun.secondsUntilNow)) s"))
    }
    let reference =
      type(of: objective).lossIsLogProbability
      ? heldOut.unigramReference(
        (0..<2000).map { source.example(at: $0) }, vocabularySize: tokenizer.vocabulary.size)
      : nil
    emit(
      .note(
        "\(model.store.count) parameters; \(corpora.map(\.training.tokenCount).reduce(0, +)) training tokens"
          + (reference.map {
            "; a model that ignores its input would reach \(rounded($0)) nats per target"
          } ?? "")))
    let state = try session.train(heldOut: heldOut, measuresStart: true, keepsLast: true)
    let result = PretrainingResult(
      heldOut: state.details.heldOut, unigramReference: reference, tokensSeen: state.tokensSeen,
      elapsedSeconds: state.elapsedSeconds, parameters: model.store.count,
      epochs: source.windows.epochs(after: state.sampleIndex), steps: state.step,
      operations: state.details.operations)
    try JSONFile.write(result, to: "\(directory)/results.json")
    return result
  }

  private static func requireLayout(
    of backbone: any Backbone, for objective: any PretrainingObjective, _ plan: PretrainingPlan
  ) throws(GraftError) {
    let layouts = type(of: objective).layouts
    guard !layouts.contains(backbone.layout) else { return try objective.check(backbone) }
    throw GraftError(
      .usage, "the objective '\(plan.objective)' cannot train the backbone '\(plan.backbone)'",
      hint:
        "\(plan.objective) needs the layout \(layouts.map(\.rawValue).sorted().joined(separator: " or ")),"
        + " this backbone has \(backbone.layout.rawValue).")
  }

  static func prepare(
    _ plan: PretrainingPlan, _ tokenizer: Tokenizer, _ cache: String, _ emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> [PreparedCorpus] {
    var options = CorpusOptions()
    options.cleaning = try CleaningChoice.named(plan.cleaning)
    options.documentBoundary = plan.documentBoundary
    options.textField = plan.textField
    options.heldOutFraction = plan.heldOutFraction
    var corpora: [PreparedCorpus] = []
    for share in plan.corpora {
      let corpus = try PreparedCorpus.prepare(
        files: [share.path], tokenizer: tokenizer, options: options, cacheDirectory: cache
      ) { progress in
        if case .tokenizing(let file, _, _, 0) = progress { emit(.note("tokenising \(file)")) }
        if case .rebuilding(let file, let reason) = progress {
          emit(.note("making the tokens of \(file) again: \(reason)"))
        }
      }
      if let cleaning = corpus.cleaningReport {
        let counts = cleaning.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        emit(
          .note(
            "cleaning \(share.path): kept \(cleaning.linesKept) of \(cleaning.linesRead) lines; "
              + counts.joined(separator: ", ")))
      }
      corpora.append(corpus)
    }
    return corpora
  }

  private static func heldOutLoss(
    _ plan: PretrainingPlan, _ corpora: [PreparedCorpus], _ objective: any PretrainingObjective, raw: Int,
    _ converter: any LayoutConverter, _ tokenizer: Tokenizer
  ) -> HeldOutLoss {
    // The same windows and corruptions for every seed, so that runs can be compared.
    let key = RandomKey(seed: 0).folded("held-out")
    let total = corpora.reduce(0) { $0 + $1.heldOut.tokenCount }
    var examples: [TokenExample] = []
    for corpus in corpora where corpus.heldOut.tokenCount >= 2 {
      let windows = TokenWindows(corpus.heldOut, length: raw, key: key, merged: plan.merged)
      let share = Double(plan.heldOutWindows * corpus.heldOut.tokenCount) / Double(max(1, total))
      for index in 0..<min(windows.windowsPerEpoch, max(1, Int(share.rounded()))) {
        let example = objective.example(
          from: windows.window(at: index),
          other: { windows.window(at: (index + windows.windowsPerEpoch / 2) % windows.windowsPerEpoch) },
          key: key.folded(examples.count))
        if let example { examples.append(example) }
      }
    }
    return HeldOutLoss(
      examples, converter: converter, tokenizer: tokenizer,
      isLogProbability: type(of: objective).lossIsLogProbability)
  }
}

/// Windows of the corpora, corrupted by the objective.
struct WindowSource: SampleSource {
  let windows: WeightedWindows
  let objective: any PretrainingObjective
  let key: RandomKey

  func example(at index: Int) -> TokenExample {
    // A window too short to make an example (one token of an unmerged document) contributes no target.
    objective.example(
      from: windows.window(at: index), other: { windows.window(at: otherIndex(than: index)) },
      key: key.folded(index)) ?? TokenExample(inputs: [], targets: [])
  }
}

extension WindowSource {
  /// A sample from the same pass through the corpora.
  private func otherIndex(than index: Int) -> Int {
    let count = max(1, windows.streams.reduce(0) { $0 + $1.windowsPerEpoch })
    var random = key.folded("other text").folded(index).generator()
    return index / count * count + random.below(count)
  }
}

/// The cleaning a person names on the command line.
public enum CleaningChoice {
  public static let names = ["c4", "c4-deduplicated", "none"]

  static func named(_ name: String?) throws(GraftError) -> CleaningOptions? {
    switch name {
    case nil, "none": nil
    case "c4": .c4
    case "c4-deduplicated": .c4Deduplicated
    case let other?: throw .unknownName("cleaning", other, known: names)
    }
  }
}

func rounded(_ value: Double) -> String { String(format: "%.3f", value) }

/// The version that goes into every `run.json`.
public let graftVersion = "0.1.0"
