import Checkpointing
import Compute
import Corpus
import Families
import Foundation
import Inference
import ModelKit
import Objectives
import Randomness
import Records
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
  public var model: ModelConfiguration
  public var corpora: [CorpusShare]
  /// Tokens of an example's inputs (encoder-decoder) or of the sequence (decoder), at most.
  public var sequenceLength = SequenceLengths.standard.inputs
  /// Where that changes over the run; nil for `sequenceLength` throughout.
  public var lengthStages: StagedNumber?
  /// Whether windows run across documents.
  public var merged = true
  /// Whether documents have other neighbours in every pass; nil for not.
  public var shufflesDocuments: Bool?
  public var cleaning: String?
  /// Nil leaves repeated documents.
  public var deduplication: Deduplication?
  /// Nil if the text is not compared with evaluation examples.
  public var decontamination: Decontamination?
  public var documentBoundary = DocumentBoundary.wholeFile
  public var textField = CorpusOptions.standard.textField
  /// Nil for what each file turns out to be.
  public var format: CorpusFormat?
  /// Nil for an error where text is not UTF-8.
  public var invalidUTF8: InvalidUTF8Policy?
  public var heldOutFraction = CorpusOptions.standard.heldOutFraction
  /// Text that the held-out loss is measured on instead of a part of the corpora, all of which is then trained on; nil
  /// for a part of the corpora.
  public var validation: [String]?
  /// Windows of the held-out slice that are evaluated.
  public var heldOutWindows = PretrainingPlan.standardHeldOutWindows
  /// A checkpoint to go on from with new data; nil to start from drawn values.
  public var initialCheckpoint: String?
  /// Where the model of an adapter is that training goes on with; nil for where the adapter says.
  public var initialBase: String?
  /// Which of the models on the way the run ends with; nil for the last.
  public var keeps: KeptModel?
  /// Where the token embedding starts; a checkpoint brings its own.
  public var embeddings = EmbeddingInitialization.drawn
  /// How often the text is read at most; nil for as often as the budget is enough for.
  public var mostPasses: Double?
  /// A budget of tokens or operations, which decides `settings.steps` when the data is known.
  public var budget: PretrainingBudget?
  /// Whether windows are read in lanes, and what the model keeps of them is carried from each to the next (truncated
  /// backpropagation through time); nil for no.
  public var carriesState: Bool?
  /// How probably a lane begins a window with nothing in its state, so that a model that always goes on with what it
  /// has read also learns to begin; nil for never.
  public var forgetting: Double?
  /// Tasks whose labelled examples are mixed with the text (multi-task pretraining).
  public var supervised: SupervisedShare?
  public var settings = TrainingSettings()

  /// - Throws: `.usage` for settings that make no sense, before anything is read.
  public func validate() throws(GraftError) {
    var settings = settings
    try budget?.reserveSteps(in: &settings)
    try settings.validate()
    let isPossible = forgetting.map { carriesState == true && $0 > 0 && $0 <= 1 } ?? true
    guard isPossible else {
      throw GraftError(
        .usage, "`forget-state:` \(forgetting ?? 0) is impossible",
        hint: "it is the share of the windows that begin with nothing in the state: give 0 to 1.")
    }
    guard mostPasses.map({ $0 > 0 && $0.isFinite }) ?? true else {
      throw GraftError(.usage, "`passes:` must be positive")
    }
  }

  /// `forgetting` where nothing else is said: of windows of 64 tokens, a text of 3,200 on average.
  public static let standardForgetting = 0.02

  /// Where nothing else is said.
  public static let standardHeldOutWindows = 256

  public init(
    objective: String, backbone: String, model: ModelConfiguration, corpora: [CorpusShare]
  ) {
    self.objective = objective
    self.backbone = backbone
    self.model = model
    self.corpora = corpora
  }
}

extension PretrainingPlan {
  /// What a person calls the model: the checkpoint that training goes on with, else the preset.
  public var start: String { initialCheckpoint ?? backbone }

  /// The sequence's length as it is written: `128`, or `128,512@70%`.
  public var length: StagedNumber {
    get { lengthStages ?? StagedNumber(sequenceLength) }
    set { (sequenceLength, lengthStages) = (newValue.largest, newValue.isConstant ? nil : newValue) }
  }
}

extension PretrainingPlan: RunPlan, RunConfiguration {
  public static let runKind = FileKind.pretrainingRun

  /// Paths may change: what was read is compared by content.
  func computesTheSame(as other: PretrainingPlan) -> Bool {
    guard settings.computesTheSame(as: other.settings), corpora.count == other.corpora.count else {
      return false
    }
    var adjusted = other
    adjusted.settings = settings
    for index in corpora.indices { adjusted.corpora[index].path = corpora[index].path }
    (adjusted.initialCheckpoint, adjusted.initialBase) = (initialCheckpoint, initialBase)
    if adjusted.validation?.count == validation?.count { adjusted.validation = validation }
    if let decontamination { adjusted.decontamination?.evaluations = decontamination.evaluations }
    // It follows from the objective; runs that were begun before it was written down go on.
    adjusted.model.reading = model.reading
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
  /// What was read of each source; nil in older files.
  public var sources: [CorpusUse]?
  /// What was looked for before and taken out, without examples; nil if nothing was.
  public var screening: ScreeningReport?
  /// Updates.
  public var steps: Int?
  /// Of a run that selected its model, the update after which that was; nil for the last.
  public var selectedStep: Int?
  /// Floating-point operations of matrix products in all training steps.
  public var operations: Double?
  /// What was left out or gone back on because it was not finite; nil if nothing was.
  public var nonFinite: NonFiniteUpdates?
}

/// The pretraining engine.
public enum Pretraining {
  /// Fewer tokens leave the objectives nothing to hide.
  private static let shortestWindow = 4

  /// - Parameters:
  ///   - directory: the run directory.
  ///   - cache: where token shards are kept.
  ///   - tasks: the labelled examples of the plan's `supervised` tasks.
  ///   - evaluations: the texts that the plan's `decontamination` names.
  ///   - world: the processes that train together; rank 0 alone writes into the run directory.
  /// - Throws: `.interrupted` or `.terminated` after saving; errors of corpora, tokenizer and disk.
  public static func run(
    _ plan: PretrainingPlan, tokenizer: Tokenizer, directory: String, cache: String, resuming: Bool,
    arguments: [String], stop: StopRequest, tasks: [LabelledTask] = [], evaluations: [EvaluationTexts] = [],
    world: any World = Alone(), emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) -> PretrainingResult {
    var plan = plan
    try plan.validate()
    try plan.budget?.reserveSteps(in: &plan.settings)
    let settings = plan.settings
    let traits = try plan.model.traits()
    let longest = traits.longestSequence ?? SequenceLengths.longest
    guard plan.length.smallest >= shortestWindow, plan.sequenceLength <= longest else {
      throw GraftError(
        .usage, "`sequence-length:` \(plan.length) is impossible",
        hint: longest < shortestWindow
          ? "pretraining needs \(shortestWindow) tokens, '\(plan.start)' takes at most \(longest):"
            + " raise its 'maximumLength'."
          : "'\(plan.start)' takes \(shortestWindow) to \(longest) tokens.")
    }
    guard plan.embeddings == .drawn || plan.initialCheckpoint == nil else {
      throw GraftError(
        .usage, "`embeddings:` \(plan.embeddings.rawValue) would overwrite the checkpoint's",
        hint: "leave out `embeddings:` or `checkpoint:`.")
    }
    // What cannot be read is said before a folder is made.
    let wordVectors =
      resuming
      ? nil
      : try plan.embeddings.file.map { (path) throws(GraftError) in
        try WordVectorEmbedding(opening: path)
      }
    let run = try world.onRoot { () throws(GraftError) in try RunDirectory(directory, resuming: resuming) }
    let objective = try Objectives.make(
      plan.objective, plan.objectiveParameters, vocabulary: tokenizer.vocabulary)
    if traits.layout.isOneSequence {
      plan.model.reading = plan.model.reading.pretrained(
        by: plan.objective, supervised: plan.supervised?.tasks ?? [], continued: plan.carriesState == true)
    }
    let (model, base) = try plan.makeModel(tokenizer, world: world)
    let loss = try objective.loss(of: model.backbone)
    try PretrainingData.fillCache(
      plan, tokenizer: tokenizer, cache: cache, evaluations: evaluations, world, emit: emit)
    let prepared = try world.rootFirst { [plan] () throws(GraftError) in
      try PretrainingData(
        plan, objective, model.backbone, tokenizer: tokenizer, cache: cache, tasks: tasks,
        evaluations: evaluations, emit: emit)
    }
    let (source, converter) = (prepared.source, prepared.converter)
    if let budget = plan.budget {
      let cost = StepCost(of: source, converter, model.backbone, batch: settings.batch, length: plan.length)
      plan.settings.steps = budget.steps(cost)
      emit(.note("\(budget.summary): \(plan.settings.steps ?? 0) updates"))
    }
    if let passes = plan.mostPasses { plan.limit(to: passes, prepared, emit) }
    let planner = MemoryPlanner(
      model: model, source: source, converter: converter, loss: loss, data: 1000 * tokenizer.vocabulary.size)
    let (fitted, note) = try planner.fitted(plan.settings)
    plan.settings = fitted
    if let note { emit(.note(note)) }
    let heldOut = try prepared.heldOutLoss(plan, tokenizer, batchSize: min(16, model.textsAtOnce))
    let hashes = prepared.hashes(plan).merging(["tokenizer": tokenizer.contentHash]) { $1 }
    let session = try RunSession(
      plan, in: run, resuming: resuming, model: model, base: base, tokenizer: tokenizer, source: source,
      converter: converter, loss: loss, hashes: hashes, formerHashes: prepared.formerHashes, arguments: arguments,
      stop: stop, emit: emit,
      card: { [plan] state in
        pretrainingCard(
          plan, state: state, parameters: model.store.count, uses: prepared.uses(plan, after: state.stageSamples),
          screening: prepared.screening)
      })
    if world.isRoot, let screening = prepared.screening {
      try JSONFile.write(screening, to: "\(directory)/\(ScreeningReport.fileName)")
    }
    if !session.isResumed, plan.embeddings == .cooccurrence {
      let begun = ContinuousClock.now
      try CooccurrenceEmbedding.initialize(
        model.backbone.tokenEmbedding, of: model, from: prepared.corpora.map(\.training),
        key: RandomKey(seed: settings.seed).folded("embeddings"))
      let seconds = NumberText.fixed(begun.secondsUntilNow, digits: 3)
      emit(.note("token embedding from co-occurrence counts in \(seconds) s"))
    }
    if !session.isResumed, let path = plan.embeddings.file {
      let wordVectors = if let wordVectors { wordVectors } else { try WordVectorEmbedding(opening: path) }
      let embedding = model.backbone.tokenEmbedding
      let found = try wordVectors.initialize(embedding, of: model, tokenizer)
      let share = NumberText.fixed(100 * Double(found) / Double(embedding.rows), digits: 1)
      emit(
        .note(
          "\(found) of \(embedding.rows) tokens (\(share) %) begin with their vectors of '\(wordVectors.path)', the others"
            + " with drawn values"))
    }
    let reference =
      type(of: objective).lossIsLogProbability && !heldOut.isEmpty
      ? heldOut.unigramReference(
        (0..<2000).map { source.example(at: $0, progress: 1) }, vocabularySize: tokenizer.vocabulary.size)
      : nil
    emit(
      .note(
        "\(model.store.count) parameters; \(prepared.corpora.map(\.training.tokenCount).reduce(0, +)) training tokens"
          + (reference.map {
            "; a model that ignores its input would reach \(NumberText.fixed($0, digits: 3)) nats per target"
          } ?? "")))
    let selection =
      plan.keeps == .best
      ? try ModelSelection(by: .heldOutLoss, patience: settings.patience, directory: directory, emit: emit) : nil
    let state: TrainingState<LoopDetails>
    do throws(GraftError) {
      state = try session.train(
        heldOut: heldOut, measuresStart: true, keepsLast: true, observers: selection.map { [$0] } ?? [],
        best: selection)
    } catch {
      if stop.exitCode != nil {
        for use in prepared.uses(plan, after: session.state.stageSamples) { emit(.note("read \(use.summary)")) }
      }
      throw error
    }
    let samples = state.stageSamples
    let result = PretrainingResult(
      heldOut: state.details.heldOut, unigramReference: reference, tokensSeen: state.tokensSeen,
      elapsedSeconds: state.elapsedSeconds, parameters: model.store.count,
      epochs: prepared.epochs(after: samples), sources: prepared.uses(plan, after: samples),
      screening: prepared.screening?.withoutExamples, steps: state.step,
      selectedStep: selection?.bestStep(lastStep: state.step), operations: state.details.operations,
      nonFinite: state.details.nonFinite)
    try world.onRoot { () throws(GraftError) in try JSONFile.write(result, to: "\(directory)/results.json") }
    return result
  }
}

extension PretrainingPlan {
  /// Ends the run where its text was read so many times, if that is before its budget is used up.
  fileprivate mutating func limit(to passes: Double, _ data: PretrainingData, _ emit: (TrainingEvent) -> Void) {
    let updates = max(1, Int((data.samples(inPasses: passes, self) / settings.batch.mean).rounded()))
    let times = NumberText.shortest(passes)
    guard let steps = settings.steps else {
      settings.mostSteps = updates
      emit(.note("at most \(updates) updates, which read the text \(times) times"))
      return
    }
    guard updates < steps else { return }
    settings.steps = updates
    emit(.note("\(updates) of these updates read the text \(times) times; there the run ends"))
  }
}

extension TrainingState<LoopDetails> {
  /// Samples of each stage that was begun.
  fileprivate var stageSamples: [Int] { details.stageSamples ?? [sampleIndex] }
}

extension PretrainingResult: KindedFile {
  public static let kind = FileKind.pretrainingResults
}
