import Compute
import Corpus
import Families
import Foundation
import ModelKit
import Records
import Scoring
import Support
import TaskRegistry

/// Predictions and scores of one model on one split.
public struct Evaluation: Sendable {
  public var examples: [Example]
  public var predictions: [Prediction]
  public var report: ScoreReport
  /// How many examples were longer than the lengths allow, so that the model saw a part.
  public var cutExamples = 0
}

/// Evaluates a model on tasks and stress suites.
public struct Evaluator: Sendable {
  private let model: ShardedModel
  private let codec: TextCodec
  private let lengths: SequenceLengths
  private let strategy: DecodingOptions.Strategy
  private let labels: [String]?
  private let layout: TextLayout?
  private let scoring: TokenScoring?
  /// What compares texts, where that is how answers are found.
  private var embedder: TextEmbedder?

  /// - Parameters:
  ///   - strategy: how answers that are written are looked for.
  ///   - layout: how a decoder or an encoder is shown every task; nil for what the model was trained on, and the task
  ///     asks for.
  ///   - labels: what the outputs of an encoder's one head stand for, in the task's words; nil for what the model says.
  ///   - scoring: how texts are scored, where there are two ways; nil for the model's own.
  public init(
    model: ShardedModel, codec: TextCodec, lengths: SequenceLengths,
    strategy: DecodingOptions.Strategy = .greedy, layout: TextLayout? = nil, labels: [String]? = nil,
    scoring: TokenScoring? = nil
  ) {
    self.strategy = strategy
    self.scoring = scoring
    self.labels = labels
    self.layout = layout
    self.model = model
    self.codec = codec
    self.lengths = lengths
  }

  /// Of a checkpoint, run directory or folder of transformers, with a shard per core.
  /// - Throws: as `ModelFolder.open`; `.usage` for lengths and heads that the model does not have.
  /// - Parameters:
  ///   - inputLength: the most tokens of an input; nil for 128, or all that a decoder has which goes on with texts.
  ///   - targetLength: the most tokens of a target.
  ///   - labels: what the outputs of an encoder's one head stand for, in the task's words; nil for what the model says.
  ///   - scoring: how texts are scored, where there are two ways; nil for the model's own.
  ///   - answers: by `similarity` the model is opened without its heads.
  ///   - asHarness: whether texts are put as lm-evaluation-harness does, see `TextCodec.harnessPositions`.
  public init(
    opening path: String, inputLength: Int? = nil, targetLength: Int, precision: Precision,
    strategy: DecodingOptions.Strategy = .greedy, layout: TextLayout? = nil, labels: [String]? = nil,
    scoring: TokenScoring? = nil, answers: AnswerMode = .rank, asHarness: Bool = false
  ) throws(GraftError) {
    if answers == .similarity {
      let embedder = try TextEmbedder(
        opening: path, length: inputLength, precision: precision,
        shardCount: ProcessInfo.processInfo.activeProcessorCount)
      self.init(
        model: embedder.model, codec: embedder.codec, lengths: SequenceLengths(inputs: embedder.length, targets: 1))
      self.embedder = embedder
      return
    }
    let (saved, configuration, tokenizer) = try ModelFolder.open(path)
    if asHarness {
      let traits = try configuration.traits()
      guard traits.layout.isOneSequence, traits.writes else {
        throw GraftError(
          .usage, "lm-evaluation-harness scores decoders, which '\(path)' is not", hint: "leave out `protocol:`.")
      }
      let positions = traits.longestSequence ?? Self.positionsWithoutLimit
      var codec = TextCodec(tokenizer)
      codec.harnessPositions = positions
      self.init(
        model: try saved.opened(
          configuration, precision: precision, shardCount: ProcessInfo.processInfo.activeProcessorCount),
        codec: codec, lengths: SequenceLengths(inputs: positions, targets: positions), layout: .continuation)
      return
    }
    try layout?.validate(for: configuration)
    let inputs =
      if let inputLength { inputLength } else { try Self.inputLength(configuration, targetLength, layout) }
    let lengths = SequenceLengths(inputs: inputs, targets: targetLength)
    try lengths.validate(for: configuration)
    guard labels == nil || configuration.answers != nil else {
      throw GraftError(
        .usage, "`labels:` is for an encoder with a head, which '\(path)' is not", hint: "leave it out.")
    }
    let model = try saved.opened(
      configuration, precision: precision, shardCount: ProcessInfo.processInfo.activeProcessorCount)
    self.init(
      model: model, codec: TextCodec(tokenizer), lengths: lengths, strategy: strategy, layout: layout,
      labels: labels, scoring: scoring)
  }

  /// Positions of a decoder that has no limit of its own, which memory would set.
  static let positionsWithoutLimit = 2048

  /// The most tokens of an input where nothing is said.
  static func inputLength(
    _ configuration: ModelConfiguration, _ targetLength: Int, _ layout: TextLayout?
  ) throws(GraftError) -> Int {
    let traits = try configuration.traits()
    guard traits.layout.isOneSequence, (layout ?? configuration.reading?.layout) == .continuation else {
      return SequenceLengths.standard.inputs
    }
    return max(1, (traits.longestSequence ?? positionsWithoutLimit) - targetLength)
  }

  /// How examples of a task are put to the model.
  public func codec(for task: TaskDefinition) -> TextCodec {
    let configuration = model.backbone.configuration
    guard model.backbone.layout.isOneSequence else { return codec }
    let reading = configuration.reading
    return codec.laidOut(
      layout ?? (reading ?? TextReading(.prompt)).layout(ofTask: task.name, wanted: task.layout), reading)
  }

  /// What reads the answers of a model with heads; nil for any other.
  private func answerReader(for task: TaskDefinition) -> AnswerReader? {
    let backbone = model.backbone
    // Only encoders know another layout than that of prompts here.
    let known = backbone.layout == .encoder ? backbone.configuration.reading : nil
    return AnswerReader(
      model: model, codec: codec(for: task), lengths: lengths,
      layout: layout ?? known?.layout(ofTask: task.name, wanted: nil) ?? .prompt, labels: labels)
  }

  /// What the model answers to any examples put as those of `task`.
  /// - Throws: `.usage` for a task that the model has no way to answer; `.internalError` naming an example whose answer
  ///   or score is not finite.
  public func predictions(
    _ examples: [Example], task: TaskDefinition, mode: AnswerMode = .rank
  ) throws(GraftError) -> [Prediction] {
    let names = ExampleNames(examples.map(\.identifier))
    if mode == .similarity { return try similarities(examples, task) }
    try checkScoring(task)
    if task.output == .preference {
      return try TextScorer(model: model, codec: codec, scoring: scoring).preferences(examples)
    }
    if let scorer = try maskedScorer(task) {
      return try scorer.rankMasked(examples.map { $0.candidates ?? [] }, names: names)
    }
    let codec = codec(for: task)
    if task.choicesVary, mode == .rank || task.isForRankingOnly {
      var predictor = try Predictor(model: model, codec: codec, lengths: lengths)
      predictor.names = names
      return try predictor.rank(candidates: examples.map { $0.candidates ?? [] })
    }
    if var reader = answerReader(for: task) {
      reader.names = names
      return try reader.predictions(examples, task: task)
    }
    let inputs = examples.map(\.inputs)
    var predictor = try Predictor(model: model, codec: codec, lengths: lengths)
    predictor.names = names
    guard let choices = task.choices, mode == .rank else {
      if task.output == .text, task.layout == .continuation, codec.layout == .continuation {
        return try predictor.continuations(examples)
      }
      let decoding = DecodingOptions(strategy, maximumTokens: lengths.targets)
      try decoding.validate()
      let answers = try predictor.generate(inputs: inputs, decoding: decoding)
      return task.readsLogProbabilities ? try predictor.addingLogProbabilities(answers, examples) : answers
    }
    return try predictor.rank(inputs: inputs, choices: choices)
  }

  /// The cosine between the two texts of each example.
  /// - Throws: `.usage` for a task that wants something else.
  private func similarities(
    _ examples: [Example], _ task: TaskDefinition
  ) throws(GraftError) -> [Prediction] {
    guard let embedder else {
      throw GraftError(
        .usage, "`answers:` similarity is for a model without heads, which `graft evaluate` opens",
        hint: "leave it out.")
    }
    let pairs = examples.map { task.texts(of: $0) }
    guard task.output == .number, pairs.allSatisfy({ $0.count == 2 }) else {
      throw GraftError(
        .usage, "`answers:` similarity is for tasks that want a number about two texts, which '\(task.name)' is not",
        hint: "stsb is one.")
    }
    let vectors = try embedder.embeddings(pairs.flatMap(\.self))
    return pairs.indices.map {
      Prediction(text: "\(TextEmbedder.cosine(vectors[2 * $0], vectors[2 * $0 + 1]))")
    }
  }

  /// - Throws: `.usage` for a way of scoring that is asked for and has no bearing on the task.
  private func checkScoring(_ task: TaskDefinition) throws(GraftError) {
    guard let scoring, task.output != .preference, !task.choicesVary else { return }
    throw GraftError(
      .usage, "`scoring:` \(scoring.rawValue) has no bearing on the task '\(task.name)'",
      hint: "it is for minimal pairs, and for tasks whose choices differ from row to row.")
  }

  /// What ranks candidates by their tokens one at a time; nil where the tokens before decide, or a prompt is answered.
  private func maskedScorer(_ task: TaskDefinition) throws(GraftError) -> TextScorer? {
    guard task.choicesVary else { return nil }
    let isEncoder = model.backbone.layout == .encoder
    guard scoring == .masked || isEncoder && task.layout == .continuation && model.backbone.predictor != nil else {
      return nil
    }
    let codec = isEncoder ? codec.laidOut(task.layout ?? .prompt, nil) : codec(for: task)
    guard codec.layout == .continuation else {
      throw GraftError(
        .usage, "`scoring:` masked is for texts that go on, and the task '\(task.name)' is a prompt with an answer",
        hint: "`layout:` continuation puts it to a decoder as one text.")
    }
    return try TextScorer(model: model, codec: codec, scoring: scoring)
  }

  /// How many examples have an input, or a candidate that is scored, of which the model sees a part.
  public func cutCount(_ examples: [Example], task: TaskDefinition) -> Int {
    if let embedder { return examples.count { embedder.cutCount(task.texts(of: $0)) > 0 } }
    // Preferences are refused where they are too long.
    guard task.output != .preference else { return 0 }
    if let scorer = try? maskedScorer(task) { return examples.count { scorer.isCut($0) } }
    let codec = codec(for: task)
    // An encoder's first position is the start token.
    let room = model.backbone.layout == .encoder ? lengths.inputs - 1 : lengths.inputs
    if let reader = answerReader(for: task) { return examples.count { reader.length($0, task: task) > room } }
    return examples.count { example in
      (example.candidates ?? [Candidate(inputs: example.inputs, targets: "")]).contains {
        codec.prompt($0.inputs).count > room
          || (!$0.targets.isEmpty && codec.example("", $0.targets).targets.count > lengths.targets)
      }
    }
  }

  /// How many tokens an input of the task may have, for people, and whether there can be room for more.
  public func room(for task: TaskDefinition) -> (tokens: Int, canGrow: Bool) {
    if let scorer = try? maskedScorer(task) { return (scorer.longest, false) }
    return (lengths.inputs, true)
  }

  /// - Parameter mode: how answers are found for a task with choices; other tasks always generate.
  /// - Throws: what reading the split throws; `.badData` for unlabelled rows.
  public func evaluate(
    _ task: TaskDefinition, split: String, data: DataRoot, limit: Int? = nil, mode: AnswerMode = .rank
  ) throws(GraftError) -> Evaluation {
    let examples = try task.examples(split: split, data: data, limit: limit)
    if let error = task.absenceOfRows(examples, split: split, data: data) { throw error }
    let predictions = try predictions(examples, task: task, mode: mode)
    return Evaluation(
      examples: examples, predictions: predictions, report: try task.score(predictions, examples),
      cutExamples: cutCount(examples, task: task))
  }

  /// A suite is put to the model as the task it was trained on would put it.
  public func evaluate(
    _ suite: SuiteDefinition, through task: TaskDefinition, data: DataRoot, limit: Int? = nil,
    mode: AnswerMode = .rank
  ) throws(GraftError) -> Evaluation {
    let examples = try suite.examples(through: task, data: data, limit: limit)
    if let error = suite.absenceOfRows(examples, split: suite.defaultSplit, data: data) { throw error }
    let predictions = try predictions(examples, task: task, mode: mode)
    return Evaluation(
      examples: examples, predictions: predictions,
      report: try suite.score(predictions, examples, through: task),
      cutExamples: cutCount(examples, task: task))
  }
}
