import Checkpointing
import Compute
import Corpus
import Families
import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Support
import TaskRegistry
import Tokenization

extension TrainingSettings {
  /// One recipe of fine-tuning for every task.
  public static let fineTuning: TrainingSettings = {
    var settings = TrainingSettings()
    settings.batchSize = 32
    settings.learningRate = 5e-3
    settings.schedule = "linear"
    settings.warmupSteps = 100
    settings.dropout = 0.1
    settings.evaluationInterval = nil
    settings.checkpointInterval = nil
    return settings
  }()
}

/// Everything that decides what a fine-tuning run computes; `configuration` in its `run.json`.
public struct FineTuningPlan: Sendable, Codable, Hashable {
  public var tasks: [String]
  /// Folders and files of definitions beside Graft's own, absolute, for those who use the model afterwards.
  public var taskFolders: [String]?
  /// The data folder, absolute, if one was named.
  public var dataFolder: String?
  /// Nil to train from drawn values.
  public var initialCheckpoint: String?
  /// Where the model of an adapter is that training goes on with; nil for where the adapter says.
  public var initialBase: String?
  public var model: ModelConfiguration
  public var lengths = SequenceLengths.standard
  /// Passes over the training examples; turned into `settings.steps` when the data is known. Nil for as many as
  /// `Passes.automatic` says, unless the settings say when training ends.
  public var epochs: Double?
  /// Updates that `epochs` come to at the least, so that a handful of examples is learned; nil for none.
  public var leastUpdates: Int?
  /// How often each of `tasks` is seen; nil to see every example of all tasks once in a pass, or by `namedMixture`.
  public var mixture: MixtureRates?
  /// Whether a model that could write answers tasks by heads, as encoders always do; nil for no.
  public var heads: Bool?
  /// How an encoder is shown the tasks; nil for as it reads texts.
  public var layout: TextLayout?
  /// ε of smoothed labels (Szegedy et al. 2016), for models that write; nil for none.
  public var labelSmoothing: Double?
  /// Whether names of special tokens in prompts are these tokens; nil for no.
  public var specialTokensInPrompts: Bool?
  /// The mixture that `tasks` are of: what was left out of it is not in it any more.
  public var namedMixture: TaskMixture?
  /// What was taken out of the mixture because its data is not here.
  public var absentTasks: [String]?
  /// Training examples per task at most, for learning curves.
  public var limit: Int?
  /// Training examples of each class of a task, or of a task that has none, drawn by the seed.
  public var shots: Int?
  /// What of its input the model is shown, if not all.
  public var partialInput: PromptRestriction?
  /// The subsets of the training examples that are trained on; nil for all examples.
  public var subsets: [ChosenSubset]?
  /// As many examples of each task, at random; nil for all.
  public var randomSubset: Int?
  /// The share of each task's training examples that is kept from training to select the best model by; nil to keep
  /// the last one.
  public var selectionShare: Double?
  /// When the training examples are measured, if at all.
  public var dynamics: DynamicsInterval?
  public var settings = TrainingSettings()

  public init(tasks: [String], initialCheckpoint: String?, model: ModelConfiguration) {
    self.tasks = tasks
    self.initialCheckpoint = initialCheckpoint
    self.model = model
  }
}

extension FineTuningPlan: RunPlan, RunConfiguration {
  public static let runKind = FileKind.fineTuningRun

  /// The checkpoint's path may change, that of an adapter's base, and where definitions and data are.
  func computesTheSame(as other: FineTuningPlan) -> Bool {
    guard settings.computesTheSame(as: other.settings) else { return false }
    var adjusted = other
    adjusted.settings = settings
    (adjusted.initialCheckpoint, adjusted.initialBase) = (initialCheckpoint, initialBase)
    (adjusted.taskFolders, adjusted.dataFolder) = (taskFolders, dataFolder)
    adjusted.dynamics = dynamics
    // The examples themselves are compared by their hash.
    adjusted.subsets = subsets
    // It follows from the tasks; runs that were begun before it was written down go on.
    adjusted.model.reading = model.reading
    return adjusted == self
  }
}

extension FineTuningPlan {
  /// Whether heads can answer all these tasks.
  public static func headsCanAnswer(_ tasks: [TaskDefinition]) -> Bool {
    (try? TaskCoder.answerFormats(tasks)) != nil
  }

  /// How prompts and answers become tokens.
  public func codec(_ tokenizer: Tokenizer) -> TextCodec {
    TextCodec(tokenizer, recognizingSpecialTokens: specialTokensInPrompts ?? false)
  }

  /// The examples of a task that are trained on, and those that are kept to select the best model by: the same for
  /// every seed.
  /// - Throws: `.usage` for a share that leaves nothing.
  fileprivate func split(
    _ examples: [Example], of task: String
  ) throws(GraftError) -> (training: [Example], kept: [Example]) {
    guard let selectionShare else { return (examples, []) }
    let count = max(1, Int((Double(examples.count) * selectionShare).rounded()))
    guard selectionShare > 0, selectionShare < 1, count < examples.count else {
      throw GraftError(
        .usage,
        "the share \(NumberText.shortest(selectionShare)) of the \(examples.count) training examples of '\(task)' to"
          + " select the best model by leaves nothing", hint: "give a number between 0 and 1.")
    }
    var generator = RandomKey(seed: 0).folded("selection").folded(task).generator()
    let kept = Set(generator.permutation(examples.count).prefix(count))
    return (
      examples.indices.filter { !kept.contains($0) }.map { examples[$0] }, kept.sorted().map { examples[$0] }
    )
  }

  fileprivate func automaticEpochs(examples: Int) -> Double? {
    settings.steps == nil && settings.budgetSeconds == nil ? Passes.automatic(examples: examples) : nil
  }

  fileprivate func validateSmoothing() throws(GraftError) {
    guard let labelSmoothing else { return }
    guard labelSmoothing >= 0 && labelSmoothing < 1 else {
      throw GraftError(
        .usage, "`label-smoothing:` must be at least 0 and less than 1", hint: "0.1 is usual for translation.")
    }
    guard try model.traits().writes, heads != true else {
      throw GraftError(
        .usage, "`label-smoothing:` is for models that write; an encoder answers by a head",
        hint: "leave it out, or take a t5 or gpt backbone.")
    }
    guard try !model.traits().capsLogits else {
      throw GraftError(
        .usage, "labels cannot be smoothed for a model that bounds its logits",
        hint: "leave `label-smoothing:` out, or take a backbone without 'logitCap'.")
    }
  }
}

/// What fine-tuning ends with.
public struct FineTunedModel {
  public var model: ShardedModel
  public var state: TrainingState<LoopDetails>
  /// How often each task was seen; nil for a single one.
  public var mixture: [MixtureShare]?
  /// How its texts become tokens.
  public var codec: TextCodec
}

/// The fine-tuning engine: text-to-text training on one or several tasks by prefix.
public enum FineTuning {
  /// - Parameters:
  ///   - selection: which of the training examples are used.
  ///   - world: the processes that train together; rank 0 alone writes into the run directory.
  /// - Throws: `.interrupted` or `.terminated` after saving; errors of tasks, checkpoints and disk.
  public static func run(
    _ plan: FineTuningPlan, tasks: [TaskDefinition], selection: TrainingSelection = TrainingSelection(),
    data: DataRoot, tokenizer: Tokenizer, directory: String, resuming: Bool, arguments: [String],
    stop: StopRequest, world: any World = Alone(), emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) -> FineTunedModel {
    var plan = plan
    try plan.lengths.validate(for: plan.model)
    try plan.mixture?.validate()
    try plan.validateSmoothing()
    precondition(plan.tasks == tasks.map(\.name), "the plan's tasks are not those given")
    if try !plan.model.traits().writes || plan.heads == true {
      let formats = try TaskCoder.answerFormats(
        tasks, comparing: plan.model.traits().comparesTexts, saved: plan.model.answers ?? [])
      plan.model = plan.model.answering(formats)
    }
    let traits = try plan.model.traits()
    // A model that wrote and now reads may have had other tokens around its texts.
    let tokenizer = tokenizer.with(start: traits.tokens.start, opening: traits.tokens.opening)
    guard plan.layout == nil || traits.layout == .encoder else {
      throw GraftError(
        .usage, "`layout:` is for encoders; a \(plan.model.family) model is shown a task as the task asks for",
        hint: "leave it out.")
    }
    try plan.layout?.validate(for: plan.model)
    if plan.model.answers != nil {
      if traits.layout == .encoder { plan.model.reading = plan.model.reading.headed(by: tasks, in: plan.layout) }
    } else if traits.layout.isOneSequence {
      plan.model.reading = plan.model.reading.finetuned(on: tasks)
    }
    let coder = TaskCoder(
      codec: plan.codec(tokenizer), answers: plan.model.answers,
      reading: traits.layout == .encoderDecoder ? nil : plan.model.reading)
    var texts: [[Example]] = []
    var kept: [[Example]] = []
    var byTask: [[TokenExample]] = []
    for task in tasks {
      let all = try trainingExamples(of: task, plan, data, emit)
      if let error = task.absenceOfRows(all, split: "train", data: data) { throw error }
      let chosen = try selection.selected(all, of: task.name, seed: plan.settings.seed)
      let (selected, held) = try plan.split(chosen, of: task.name)
      kept.append(held)
      if selected.count < all.count {
        emit(
          .note(
            "\(task.name): \(selected.count) of \(all.count) training examples"
              + (held.isEmpty ? "" : "; \(held.count) are kept to select the best model by")))
      }
      let examples = try coder.examples(selected, of: task)
      warnIfCut(task.name, examples, plan.lengths, emit)
      texts.append(selected)
      byTask.append(examples)
    }
    let training = Array(byTask.joined())
    guard !training.isEmpty else {
      throw GraftError(
        .badData, "no training examples", hint: "`graft inspect task` shows what a task reads; mind `limit:`.")
    }
    if let epochs = plan.epochs ?? plan.automaticEpochs(examples: training.count) {
      let steps = (epochs * Double(training.count) / max(1, plan.settings.batch.mean)).rounded(.up)
      guard epochs > 0, steps < 1e12 else {
        throw GraftError(.usage, "`epochs:` \(epochs) is impossible", hint: "give a positive number.")
      }
      plan.settings.steps = max(plan.leastUpdates ?? 1, Int(steps))
      plan.settings.budgetSeconds = nil
    }
    let settings = plan.settings
    try settings.validate()
    let (model, base) = try plan.makeModel(tokenizer, world: world)
    let run = try world.onRoot { () throws(GraftError) in try RunDirectory(directory, resuming: resuming) }
    let converter = model.backbone.layout.converter(vocabulary: tokenizer.vocabulary, lengths: plan.lengths)
    var hashes = Dictionary(tasks.map { ("task \($0.name)", $0.definitionHash) }) { $1 }
      .merging(["tokenizer": tokenizer.contentHash, "training examples": contentHash(training)]) { $1 }
    var formerHashes = Dictionary(tasks.map { ("task \($0.name)", $0.dataSet.hash.former) }) { first, _ in first }
    if let mixture = plan.namedMixture {
      let (name, hash) = ("mixture \(mixture.name ?? "")", try mixture.definitionHash)
      (hashes[name], formerHashes[name]) = (hash.text, hash.former)
    }
    let source = try source(plan, byTask, emit)
    let loss = try loss(plan, model.backbone)
    let planner = MemoryPlanner(
      model: model, source: source, converter: converter, loss: loss,
      data: memory(of: texts + kept, training, tokenizer))
    let (fitted, note) = try planner.fitted(settings)
    plan.settings = fitted
    if let note { emit(.note(note)) }
    func shares(_ samples: Int) -> [MixtureShare]? {
      guard tasks.count > 1 else { return nil }
      let drawn = source.counts(ofFirst: samples)
      return tasks.indices.map { i in
        MixtureShare(
          task: tasks[i].name, examples: byTask[i].count, rate: source.rates[i], drawn: drawn[i], of: samples,
          seed: settings.seed)
      }
    }
    let session = try RunSession(
      plan, in: run, resuming: resuming, model: model, base: base, tokenizer: tokenizer,
      source: source,
      converter: converter, loss: loss, hashes: hashes,
      formerHashes: formerHashes, arguments: arguments, stop: stop, emit: emit
    ) { [plan] in fineTuningCard(plan, state: $0) }
    let evaluator = Evaluator(model: model, codec: coder.codec, lengths: plan.lengths)
    let pass = TrainingPass(exampleCount: training.count, batchSize: settings.batchSize)
    var observers: [any ModelObserver] = []
    guard settings.batch.isConstant || plan.dynamics == nil && plan.selectionShare == nil else {
      throw GraftError(
        .usage, "`dynamics:` and `select:` best count passes in updates, which are of one size then",
        hint: "give one `batch:`, not \(settings.batch).")
    }
    if let interval = plan.dynamics {
      observers.append(
        try DynamicsRecorder(
          interval, tasks: tasks, examples: texts, pass: pass, evaluator: evaluator, directory: directory, emit: emit))
    }
    var best: ModelSelection?
    if plan.selectionShare != nil {
      let selecting = try ModelSelection(
        by: .tasks(zip(tasks, kept).map { (task: $0, examples: $1) }, evaluator, pass), patience: settings.patience,
        directory: directory, emit: emit)
      observers.append(selecting)
      best = selecting
    }
    let validation = try tasks.map { task throws(GraftError) in
      guard task.splitNames.contains("validation") else { return [Example]() }
      return try task.examples(split: "validation", data: data, limit: mostValidationExamples)
    }
    let heldOut = try validationLoss(
      tasks, validation, coder, converter, plan.lengths, batchSize: min(16, model.textsAtOnce))
    let scores = ValidationScores(
      tasks: tasks, examples: validation, answersAtOnce: plan.model.answers != nil, evaluator: evaluator)
    let state = try session.train(
      heldOut: heldOut, scores: scores, measuresStart: false, keepsLast: false,
      observers: observers, best: best, mixture: shares)
    return FineTunedModel(model: model, state: state, mixture: shares(state.sampleIndex), codec: coder.codec)
  }

  private static func trainingExamples(
    of task: TaskDefinition, _ plan: FineTuningPlan, _ data: DataRoot, _ emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> [Example] {
    guard let shots = plan.shots else {
      return try task.examples(split: "train", data: data, limit: plan.limit)
    }
    let drawn = try task.shots(shots, split: "train", data: data, seed: plan.settings.seed)
    for (name, count) in drawn.counts where count < shots {
      emit(
        .note(
          "\(task.name): only \(count) of \(shots) training examples\(name.isEmpty ? "" : " of '\(name)'")"))
    }
    return drawn.examples
  }

  /// Models with heads answer, all others write. Labels are smoothed in training only.
  private static func loss(_ plan: FineTuningPlan, _ backbone: any Backbone) throws(GraftError) -> BatchLoss {
    if let headed = backbone.answerer {
      return { batch, scale, _, recomputing, tape in
        headed.answer(batch, recomputing: recomputing, on: tape)
          .loss(batch, gradientScale: scale.perAnswer, on: tape)
      }
    }
    guard let writer = backbone.writer else {
      throw GraftError(
        .usage, "a \(backbone.configuration.family) model cannot be fine-tuned", hint: "take another backbone.")
    }
    let smoothing = plan.labelSmoothing ?? 0
    return { batch, scale, _, recomputing, tape in
      writer.loss(
        batch, scale: scale, smoothing: tape.isTraining ? smoothing : 0, recomputing: recomputing, on: tape)
    }
  }

  /// The order of the examples, and a note of what a mixture's rates come to.
  private static func source(
    _ plan: FineTuningPlan, _ examples: [[TokenExample]], _ emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> any TaskSamples {
    let key = RandomKey(seed: plan.settings.seed).folded("order")
    let counts = Dictionary(zip(plan.tasks, examples.map(\.count))) { $1 }
    let weights: [Double]
    if let mixture = plan.namedMixture {
      let byTask = mixture.weights(counts: counts)
      weights = plan.tasks.map { byTask[$0] ?? 0 }
    } else if let rates = plan.mixture {
      weights = rates.weights(counts: examples.map(\.count))
    } else {
      return PooledExamples(examples, key: key)
    }
    let source = try MixedExamples(examples, weights: weights, key: key)
    let samples = plan.settings.steps.map { Double($0) * plan.settings.batch.mean }
    for (name, (rate, list)) in zip(plan.tasks, zip(source.rates, examples)) {
      let passes = samples.map { $0 * rate / Double(max(1, list.count)) }
      let share = NumberText.fixed(100 * rate, digits: 3)
      emit(
        .note(
          "mixture: \(name) \(share) % of the examples"
            + (passes.map { ", \(NumberText.fixed($0, digits: 3)) passes" } ?? "")))
    }
    return source
  }

  /// A task's definition has a hash of its own; this one tells when the data behind it changes.
  private static func contentHash(_ examples: [TokenExample]) -> String {
    var hash = ContentHash()
    for example in examples {
      let answer = example.answer.map { [TokenID(bitPattern: $0.value.bitPattern)] }
      for tokens in [example.inputs, answer ?? example.targets] {
        var words = [TokenID(tokens.count).littleEndian] + tokens.map(\.littleEndian)
        words.withUnsafeMutableBytes { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
      }
    }
    return hash.hexadecimal()
  }

  /// Of each task, for what is measured on the way.
  private static let mostValidationExamples = 512

  /// - Parameter examples: of each task.
  private static func validationLoss(
    _ tasks: [TaskDefinition], _ examples: [[Example]], _ coder: TaskCoder, _ converter: any LayoutConverter,
    _ lengths: SequenceLengths, batchSize: Int
  ) throws(GraftError) -> HeldOutLoss? {
    var sets: [HeldOutLoss.TaskExamples] = []
    let tokenizer = coder.codec.tokenizer
    for (task, texts) in zip(tasks, examples) where !texts.isEmpty {
      let coded = try coder.examples(texts, of: task)
      var lostBytes = 0.0
      // What is cut is not scored; the space before a continuation is.
      for (text, example) in zip(texts, coded) where example.targets.count <= lengths.targets {
        let spelled = example.targets.reduce(0) { $0 + tokenizer.byteCount($1) }
        if !example.targets.isEmpty { lostBytes += Double(max(0, text.targets.utf8.count - spelled)) }
      }
      sets.append(HeldOutLoss.TaskExamples(task: task.name, examples: coded, lostBytes: lostBytes))
    }
    return sets.allSatisfy(\.examples.isEmpty)
      ? nil : HeldOutLoss(tasks: sets, converter: converter, tokenizer: tokenizer, batchSize: batchSize)
  }

  /// Bytes that examples take as texts and as tokens, about, and the tables of the tokenizer.
  private static func memory(of texts: [[Example]], _ tokens: [TokenExample], _ tokenizer: Tokenizer) -> Int {
    let characters = texts.joined().reduce(0) { sum, example in
      // The fields that a prompt was made of are there, too.
      sum + 2 * (example.inputs.utf8.count + example.targets.utf8.count) + 500
    }
    return characters + tokens.reduce(0) { $0 + 4 * ($1.inputs.count + $1.targets.count) + 200 }
      + 1000 * tokenizer.vocabulary.size
  }

  private static func warnIfCut(
    _ name: String, _ examples: [TokenExample], _ lengths: SequenceLengths, _ emit: (TrainingEvent) -> Void
  ) {
    let cut = examples.count { $0.inputs.count > lengths.inputs || $0.targets.count > lengths.targets }
    if cut > 0 {
      emit(
        .note(
          "\(name): \(cut) of \(examples.count) training examples are longer than \(lengths.inputs) input or"
            + " \(lengths.targets) target tokens and are cut"))
    }
  }
}
