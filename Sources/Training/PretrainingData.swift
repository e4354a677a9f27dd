import Compute
import Corpus
import Foundation
import Inference
import ModelKit
import Objectives
import Randomness
import Records
import Support
import Tokenization

/// Labelled tasks in a pretraining run.
public struct SupervisedShare: Sendable, Codable, Hashable {
  public var tasks: [String]
  /// The fraction of all samples that are examples of the tasks.
  public var share: Double
  /// How often each task is seen.
  public var rates = MixtureRates()

  public init(tasks: [String], share: Double, rates: MixtureRates = MixtureRates()) {
    self.tasks = tasks
    self.share = share
    self.rates = rates
  }
}

/// The training examples of a task.
public struct LabelledTask: Sendable {
  public var name: String
  public var examples: [Example]
  /// Of the task's definition.
  public var hash: String
  /// What earlier versions of Graft called the same definition.
  public var formerHash: String?

  public init(name: String, examples: [Example], hash: String, formerHash: String? = nil) {
    self.formerHash = formerHash
    self.name = name
    self.examples = examples
    self.hash = hash
  }
}

/// What a pretraining run reads: corpora, and with labelled tasks their examples.
struct PretrainingData {
  let corpora: [PreparedCorpus]
  /// The texts that the plan names for validation, each as a whole in `training`; none if parts of the corpora are.
  private let validation: [PreparedCorpus]
  /// What was looked for in the corpora and taken out; nil if nothing was.
  let screening: ScreeningReport?
  let source: any SampleSource
  let converter: any LayoutConverter
  private let objective: any PretrainingObjective
  private let windows: any TextSource
  /// Raw tokens of a window, of the longest ones.
  private let raw: Int
  /// The fraction of the samples that are text.
  private let textShare: Double
  private let tasks: [LabelledTask]
  /// Of the texts that the corpora were compared with; nil for none.
  private let evaluationHash: String?

  /// - Throws: `.usage` for labelled tasks on a model that cannot write, an impossible share, an order of documents
  /// that are kept apart, or state that cannot be carried.
  init(
    _ plan: PretrainingPlan, _ objective: any PretrainingObjective, _ backbone: any Backbone,
    tokenizer: Tokenizer, cache: String, tasks: [LabelledTask], evaluations: [EvaluationTexts] = [],
    emit: (TrainingEvent) -> Void
  ) throws(GraftError) {
    guard plan.merged || plan.shufflesDocuments != true else {
      throw GraftError(
        .usage, "`shuffle-documents:` and `unmerged:` exclude each other",
        hint: "documents that are kept apart are dealt out in a new order anyway: leave out `shuffle-documents:`.")
    }
    self.objective = objective
    self.tasks = tasks
    let carriesState = plan.carriesState == true
    if carriesState { try plan.requireCarrying(objective, backbone) }
    let sought = plan.screening(evaluations)
    evaluationHash = evaluations.isEmpty ? nil : sought?.evaluationHash
    (corpora, screening) = try Self.prepare(plan, sought, tokenizer, cache, emit)
    validation = try Self.prepareValidation(plan, apartFrom: corpora, tokenizer, cache, emit)
    var targets: Int
    (raw, targets) = objective.rawLength(forSequenceLength: plan.sequenceLength, backbone.layout)
    let key = RandomKey(seed: plan.settings.seed)
    let repetitions = plan.corpora.map(\.repetition)
    if carriesState {
      windows = try LaneSource(
        corpora.map(\.training), repetitions: repetitions, lanes: plan.settings.batchSize, length: raw,
        objective: objective, forgetting: plan.forgetting ?? 0, key: key)
    } else {
      windows = try StagedWindows(plan.length) { [corpora] length throws(GraftError) in
        let raw = objective.rawLength(forSequenceLength: length, backbone.layout).raw
        return try WindowSource(
          corpora.map {
            TokenWindows(
              $0.training, length: raw, key: key.folded("order"), merged: plan.merged,
              shufflingDocuments: plan.shufflesDocuments ?? false)
          }, repetitions: repetitions, objective: objective, key: key)
      }
    }
    if let supervised = plan.supervised {
      guard backbone.writer != nil else {
        throw GraftError(
          .usage, "an encoder cannot learn tasks while it is pretrained: it answers by heads",
          hint: "fine-tune it on the tasks afterwards.")
      }
      guard supervised.share > 0, supervised.share < 1 else {
        throw GraftError(
          .usage, "`task-share:` \(supervised.share) must lie between 0 and 1",
          hint: "without any text it is `graft finetune` from scratch.")
      }
      try supervised.rates.validate()
      let codec = TextCodec(tokenizer)
      let examples = tasks.map { codec.tokenExamples($0.examples) }
      let mixed = try MixedExamples(
        examples, weights: supervised.rates.weights(counts: examples.map(\.count)),
        key: key.folded("supervised"))
      source = try TwoSources(windows, mixed, secondShare: supervised.share, key: key.folded("tasks"))
      textShare = 1 - supervised.share
      targets = max(targets, examples.joined().reduce(0) { max($0, $1.targets.count) })
      for (task, rate) in zip(tasks, mixed.rates) {
        let share = NumberText.fixed(100 * rate * supervised.share, digits: 3)
        emit(.note("mixture: \(task.name) \(share) % of the samples"))
      }
    } else {
      source = windows
      textShare = 1
    }
    converter = backbone.layout.converter(
      vocabulary: tokenizer.vocabulary,
      lengths: SequenceLengths(inputs: plan.sequenceLength, targets: targets))
  }

  /// Of everything that is read; a resumed run must find the same.
  func hashes(_ plan: PretrainingPlan) -> [String: String] {
    let texts = zip(plan.corpora.map { "corpus \($0.path)" }, corpora.map(\.contentHash))
    let sought = evaluationHash.map { [("evaluations", $0)] } ?? []
    let validated = zip((plan.validation ?? []).map { "validation \($0)" }, validation.map(\.contentHash))
    return Dictionary(Array(texts) + sought + Array(validated), uniquingKeysWith: { first, _ in first })
      .merging(tasks.map { ("task \($0.name)", $0.hash) }) { $1 }
  }

  /// What earlier versions of Graft called some of that.
  var formerHashes: [String: String] {
    Dictionary(tasks.compactMap { task in task.formerHash.map { ("task \(task.name)", $0) } }) { first, _ in first }
  }

  /// Times each corpus was read.
  /// - Parameter samples: of each stage of the sequence's length that was begun.
  func epochs(after samples: [Int]) -> [Double] {
    windows.epochs(after: samples.map { Double($0) * textShare })
  }

  /// Samples that read all corpora so many times, each token of them counted once: what is repeated counts for more of
  /// the time, not for more of the text.
  func samples(inPasses passes: Double, _ plan: PretrainingPlan) -> Double {
    let some = 1_000_000
    let read = zip(epochs(after: [some]), corpora).reduce(0) { $0 + $1.0 * Double($1.1.training.tokenCount) }
    let all = corpora.reduce(0) { $0 + Double($1.training.tokenCount) }
    // Samples of the first length, of which the others are as many as they are long.
    return passes * all / max(read, .leastNormalMagnitude) * Double(some) * Double(plan.length.value(at: 0))
      / plan.length.mean
  }

  /// What was read of each corpus.
  /// - Parameter samples: see `epochs`.
  func uses(_ plan: PretrainingPlan, after samples: [Int]) -> [CorpusUse] {
    let passes = epochs(after: samples)
    let read = zip(passes, corpora).map { $0 * Double($1.training.tokenCount) }
    let all = max(read.reduce(0, +), .leastNormalMagnitude)
    return corpora.indices.map { index in
      let (share, corpus) = (plan.corpora[index], corpora[index])
      return CorpusUse(
        path: share.path, repetition: share.repetition, documents: corpus.training.documentCount,
        bytes: corpus.training.byteCount, tokens: corpus.training.tokenCount,
        heldOutTokens: corpus.heldOut.tokenCount, share: textShare * read[index] / all, passes: passes[index])
    }
  }

  /// What nothing is trained on.
  private var heldOutStreams: [TokenStream] {
    validation.isEmpty ? corpora.map(\.heldOut) : validation.map(\.training)
  }

  /// The loss on text that is kept from training.
  /// - Parameter batchSize: windows per forward pass.
  func heldOutLoss(
    _ plan: PretrainingPlan, _ tokenizer: Tokenizer, batchSize: Int
  ) throws(GraftError) -> HeldOutLoss {
    if plan.carriesState == true { return try heldOutLanes(plan, tokenizer) }
    // The same windows and corruptions for every seed, so that runs can be compared; of what changes, its end.
    let objective = objective.at(progress: 1)
    let key = RandomKey(seed: 0).folded("held-out")
    let streams = heldOutStreams
    let total = streams.reduce(0) { $0 + $1.tokenCount }
    var examples: [TokenExample] = []
    var lostBytes = 0.0
    for stream in streams where stream.tokenCount >= 2 {
      let windows = TokenWindows(stream, length: raw, key: key, merged: plan.merged)
      let share = Double(plan.heldOutWindows * stream.tokenCount) / Double(max(1, total))
      for index in 0..<min(windows.windowsPerEpoch, max(1, Int(share.rounded()))) {
        let example = objective.example(
          from: windows.window(at: index),
          other: { windows.window(at: (index + windows.windowsPerEpoch / 2) % windows.windowsPerEpoch) },
          key: key.folded(examples.count))
        guard let example else { continue }
        examples.append(example)
        let range = windows.range(at: index)
        lostBytes += HeldOutLoss.lostBytes(
          example.targets, of: windows.stream.tokens(range),
          sourceBytes: windows.stream.byteCount(of: range), tokenizer: tokenizer)
      }
    }
    return HeldOutLoss(
      examples, converter: converter, tokenizer: tokenizer,
      isLogProbability: type(of: objective).lossIsLogProbability, lostBytes: lostBytes, batchSize: batchSize)
  }

  /// The same of held-out text in lanes. As many as are read at once, but each long enough that its beginning, of which
  /// nothing is known yet, counts for little.
  private func heldOutLanes(_ plan: PretrainingPlan, _ tokenizer: Tokenizer) throws(GraftError) -> HeldOutLoss {
    let streams = heldOutStreams
    let total = streams.reduce(0) { $0 + $1.tokenCount }
    var windows: [[TokenExample]] = []
    var lostBytes = 0.0
    if total >= 2 {
      let lanes = max(1, min(16, min(plan.heldOutWindows, total / raw) / 16))
      let source = try LaneSource(
        streams, repetitions: streams.map { _ in 1 }, lanes: lanes, length: raw, objective: objective,
        key: RandomKey(seed: 0).folded("held-out"))
      for step in 0..<min(source.windowsPerLane, max(1, plan.heldOutWindows / lanes)) {
        let indices = step * lanes..<(step + 1) * lanes
        windows.append(indices.map { source.example(at: $0, progress: 1) })
        for (index, example) in zip(indices, windows[step]) {
          let text = source.text(at: index)
          lostBytes += HeldOutLoss.lostBytes(
            example.targets, of: text.tokens, sourceBytes: text.sourceBytes, tokenizer: tokenizer)
        }
      }
    }
    return HeldOutLoss(
      lanes: windows, converter: converter, tokenizer: tokenizer,
      isLogProbability: type(of: objective).lossIsLogProbability, lostBytes: lostBytes)
  }

  /// Tokenises the files of the corpora into the cache, each process its share of them. Files that are screened are
  /// left: what is taken out of one depends on the others.
  static func fillCache(
    _ plan: PretrainingPlan, tokenizer: Tokenizer, cache: String, evaluations: [EvaluationTexts], _ world: any World,
    emit: (TrainingEvent) -> Void
  ) throws(GraftError) {
    guard world.size > 1, plan.screening(evaluations) == nil else { return }
    try world.collected { () throws(GraftError) in
      let options = try plan.readingOptions()
      for share in plan.corpora {
        try PreparedCorpus.fillCache(
          files: [share.path], tokenizer: tokenizer, options: options, cacheDirectory: cache, part: world.rank,
          of: world.size
        ) { note($0, emit) }
      }
    }
  }

  private static func note(_ progress: CorpusProgress, _ emit: (TrainingEvent) -> Void) {
    if case .tokenizing(let file, _, _, 0) = progress { emit(.note("tokenising \(file)")) }
    if case .rebuilding(let file, let reason) = progress {
      emit(.note("making the tokens of \(file) again: \(reason)"))
    }
  }

  private static func prepare(
    _ plan: PretrainingPlan, _ sought: ScreeningOptions?, _ tokenizer: Tokenizer, _ cache: String,
    _ emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> (corpora: [PreparedCorpus], screening: ScreeningReport?) {
    let options = try plan.readingOptions()
    var screening: CorpusScreening?
    if let sought {
      let found = try CorpusScreening.screen(
        plan.corpora.map { [$0.path] }, reading: options, options: sought, cacheDirectory: cache
      ) { emit(.note("screening \($0)")) }
      for note in found.report.notes { emit(.note(note)) }
      screening = found
    }
    var corpora: [PreparedCorpus] = []
    for (index, share) in plan.corpora.enumerated() {
      let corpus = try prepare(share.path, options, tokenizer, cache, screening?.selections[index], emit)
      if let cleaning = corpus.cleaningReport {
        let counts = cleaning.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        emit(
          .note(
            "cleaning \(share.path): kept \(cleaning.linesKept) of \(cleaning.linesRead) lines; "
              + counts.joined(separator: ", ")))
      }
      corpora.append(corpus)
    }
    return (corpora, screening?.report)
  }

  /// The texts of the plan that only the loss is measured on.
  /// - Throws: `.usage` for one that is trained on, too.
  private static func prepareValidation(
    _ plan: PretrainingPlan, apartFrom corpora: [PreparedCorpus], _ tokenizer: Tokenizer, _ cache: String,
    _ emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> [PreparedCorpus] {
    let options = try plan.readingOptions()
    let trained = Set(corpora.flatMap { $0.files.map(\.contentHash) })
    return try (plan.validation ?? []).map { path throws(GraftError) in
      let corpus = try prepare(path, options, tokenizer, cache, nil, emit)
      if let file = corpus.files.first(where: { trained.contains($0.contentHash) }) {
        throw GraftError(
          .usage, "the validation text '\(file.path)' is also trained on",
          hint: "name other text, or leave out `validation:`, so that a part of the corpora is kept from training.")
      }
      return corpus
    }
  }

  private static func prepare(
    _ path: String, _ options: CorpusOptions, _ tokenizer: Tokenizer, _ cache: String,
    _ selections: [DocumentSelection]?, _ emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> PreparedCorpus {
    try PreparedCorpus.prepare(
      files: [path], tokenizer: tokenizer, options: options, cacheDirectory: cache, selections: selections
    ) { note($0, emit) }
  }
}

extension PretrainingPlan {
  /// How its texts are read.
  fileprivate func readingOptions() throws(GraftError) -> CorpusOptions {
    var options = CorpusOptions()
    options.cleaning = try CleaningOptions.named(cleaning)
    options.documentBoundary = documentBoundary
    options.textField = textField
    options.format = format ?? .automatic
    options.invalidUTF8 = invalidUTF8 ?? .error
    options.heldOutFraction = validation == nil ? heldOutFraction : 0
    return options
  }
}

/// Two sources in fixed proportion.
private struct TwoSources: SampleSource {
  private let sources: [any SampleSource]
  private let mixture: PeriodicMixture

  init(
    _ first: any SampleSource, _ second: any SampleSource, secondShare: Double, key: RandomKey
  ) throws(GraftError) {
    sources = [first, second]
    mixture = try PeriodicMixture(weights: [1 - secondShare, secondShare], key: key)
  }

  func stage(at progress: Double) -> Int { sources[0].stage(at: progress) }

  func example(at index: Int, progress: Double) -> TokenExample {
    let (source, sample) = mixture.source(at: index)
    return sources[source].example(at: sample, progress: progress)
  }
}
