import Checkpointing
import Compute
import Corpus
import Examples
import Foundation
import ModelKit
import Randomness
import Support
import TaskRegistry
import Tokenization

/// Everything that decides what a fine-tuning run computes; `configuration` in its `run.json`.
public struct FineTuningPlan: Sendable, Codable, Hashable {
  public var tasks: [String]
  /// Nil to train from drawn values.
  public var initialCheckpoint: String?
  public var model: TransformerConfiguration
  public var lengths = SequenceLengths(inputs: 128, targets: 64)
  /// Passes over the training examples; turned into `settings.steps` when the data is known.
  public var epochs: Double?
  /// How often each task is seen; nil to see every example of all tasks once in a pass.
  public var mixture: MixtureRates?
  /// Training examples per task at most, for learning curves.
  public var limit: Int?
  /// What of its input the model is shown, if not all.
  public var partialInput: PromptRestriction?
  /// The subsets of the training examples that are trained on; nil for all examples.
  public var subsets: [ChosenSubset]?
  /// As many examples of each task, at random; nil for all.
  public var randomSubset: Int?
  /// When the training examples are measured, if at all.
  public var dynamics: DynamicsInterval?
  public var settings = TrainingSettings()

  public init(tasks: [String], initialCheckpoint: String?, model: TransformerConfiguration) {
    self.tasks = tasks
    self.initialCheckpoint = initialCheckpoint
    self.model = model
  }
}

extension FineTuningPlan: RunPlan {
  /// The checkpoint's path may change.
  func computesTheSame(as other: FineTuningPlan) -> Bool {
    guard settings.computesTheSame(as: other.settings) else { return false }
    var adjusted = other
    adjusted.settings = settings
    adjusted.initialCheckpoint = initialCheckpoint
    adjusted.dynamics = dynamics
    // The examples themselves are compared by their hash.
    adjusted.subsets = subsets
    return adjusted == self
  }
}

/// The fine-tuning engine: text-to-text training on one or several tasks by prefix.
public enum FineTuning {
  /// - Parameter selection: which of the training examples are used.
  /// - Returns: the trained model.
  /// - Throws: `.interrupted` or `.terminated` after saving; errors of tasks, checkpoints and disk.
  public static func run(
    _ plan: FineTuningPlan, tasks: [TaskDefinition], selection: TrainingSelection = TrainingSelection(),
    data: DataRoot, tokenizer: Tokenizer, directory: String, resuming: Bool, arguments: [String],
    stop: StopRequest, emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) -> (model: ShardedModel, state: TrainingState<LoopDetails>) {
    var plan = plan
    try plan.lengths.validate(for: plan.model)
    try plan.mixture?.validate()
    if plan.model.decoderLayers == 0 {
      plan.model = plan.model.answering(try TaskCoder.answerFormats(tasks))
    }
    let coder = TaskCoder(codec: TextCodec(tokenizer), answers: plan.model.answers)
    var texts: [[Example]] = []
    var byTask: [[TokenExample]] = []
    for task in tasks {
      let all = try task.examples(split: "train", data: data, limit: plan.limit)
      let selected = try selection.selected(all, of: task.name, seed: plan.settings.seed)
      if selected.count < all.count {
        emit(.note("\(task.name): \(selected.count) of \(all.count) training examples"))
      }
      let examples = try coder.examples(selected, of: task)
      warnIfCut(task.name, examples, plan.lengths, emit)
      texts.append(selected)
      byTask.append(examples)
    }
    let training = Array(byTask.joined())
    guard !training.isEmpty else {
      throw GraftError(
        .badData, "no training examples", hint: "`graft inspect task` shows what a task reads; mind --limit.")
    }
    if let epochs = plan.epochs {
      let steps = (epochs * Double(training.count) / Double(max(1, plan.settings.batchSize))).rounded(.up)
      guard epochs > 0, steps < 1e12 else {
        throw GraftError(.usage, "--epochs \(epochs) is impossible", hint: "give a positive number.")
      }
      plan.settings.steps = max(1, Int(steps))
      plan.settings.budgetSeconds = nil
    }
    let settings = plan.settings
    try settings.validate()
    let model = try plan.makeModel(tokenizer)
    let run = try RunDirectory(directory, resuming: resuming)
    let converter = model.backbone.layout.converter(vocabulary: tokenizer.vocabulary, lengths: plan.lengths)
    let hashes = Dictionary(uniqueKeysWithValues: tasks.map { ("task \($0.name)", $0.definitionHash) })
      .merging(["tokenizer": tokenizer.contentHash, "training examples": contentHash(training)]) { $1 }
    let source = try source(plan, byTask, tasks.map(\.name), emit)
    let session = try RunSession(
      plan, in: run, resuming: resuming, model: model, tokenizer: tokenizer,
      source: source,
      converter: converter, loss: loss, hashes: hashes,
      arguments: arguments, stop: stop, emit: emit
    ) { [plan] in fineTuningCard(plan, state: $0) }
    var recorder: DynamicsRecorder?
    if let interval = plan.dynamics {
      recorder = try DynamicsRecorder(
        interval, tasks: tasks, examples: texts, exampleCount: training.count,
        batchSize: settings.batchSize,
        evaluator: Evaluator(model: model, codec: coder.codec, lengths: plan.lengths),
        directory: directory, emit: emit)
    }
    let state = try session.train(
      heldOut: try validationLoss(tasks, data, coder, converter), measuresStart: false, keepsLast: false,
      observer: recorder)
    return (model, state)
  }

  /// Encoders answer, all others write.
  private static let loss: BatchLoss = { backbone, batch, scale, recomputing, tape in
    if let encoder = backbone as? any AnsweringBackbone {
      return encoder.answer(batch, recomputing: recomputing, on: tape)
        .loss(batch, gradientScale: scale.perAnswer, on: tape)
    }
    guard let model = backbone as? any TokenPredictor else { preconditionFailure("the model cannot answer") }
    return model.loss(batch, scale: scale, recomputing: recomputing, on: tape)
  }

  /// The order of the examples, and a note of what a mixture's rates come to.
  private static func source(
    _ plan: FineTuningPlan, _ examples: [[TokenExample]], _ names: [String], _ emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> any SampleSource {
    let key = RandomKey(seed: plan.settings.seed).folded("order")
    guard let mixture = plan.mixture else { return ShuffledExamples(Array(examples.joined()), key: key) }
    let source = try MixedExamples(
      examples, weights: mixture.weights(counts: examples.map(\.count)), key: key)
    let samples = plan.settings.steps.map { Double($0 * plan.settings.batchSize) }
    for (name, (rate, list)) in zip(names, zip(source.rates, examples)) {
      let passes = samples.map { ", \(rounded($0 * rate / Double(max(1, list.count)))) passes" } ?? ""
      emit(.note("mixture: \(name) \(rounded(100 * rate)) % of the examples\(passes)"))
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

  /// Loss on up to 512 validation examples of every task that has some.
  private static func validationLoss(
    _ tasks: [TaskDefinition], _ data: DataRoot, _ coder: TaskCoder, _ converter: any LayoutConverter
  ) throws(GraftError) -> HeldOutLoss? {
    var examples: [TokenExample] = []
    for task in tasks where task.splitNames.contains("validation") {
      examples += try coder.examples(
        try task.examples(split: "validation", data: data, limit: 512), of: task)
    }
    return examples.isEmpty
      ? nil : HeldOutLoss(examples, converter: converter, tokenizer: coder.codec.tokenizer)
  }

  private static func warnIfCut(
    _ name: String, _ examples: [TokenExample], _ lengths: SequenceLengths, _ emit: (TrainingEvent) -> Void
  ) {
    let cut = examples.count { $0.inputs.count > lengths.inputs || $0.targets.count > lengths.targets }
    if cut > 0 {
      emit(
        .note(
          "\(name): \(cut) of \(examples.count) training examples are longer than \(lengths.inputs) input or"
            + " \(lengths.targets) target tokens and lose their end"))
    }
  }
}
