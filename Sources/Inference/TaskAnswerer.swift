import Corpus
import ModelKit
import Records
import Support
import TaskRegistry

/// Has a model answer the examples of tasks: by its heads, by ranking texts, or by writing them.
struct TaskAnswerer: Sendable {
  let model: ShardedModel
  let codec: TextCodec
  let lengths: SequenceLengths
  var options = AnswerOptions()

  /// How examples of a task are put to the model.
  private func codec(for task: TaskDefinition) -> TextCodec {
    let configuration = model.backbone.configuration
    guard model.backbone.layout.isOneSequence else { return codec }
    let reading = configuration.reading
    return codec.laidOut(
      options.layout ?? (reading ?? TextReading(.prompt)).layout(ofTask: task.name, wanted: task.layout), reading)
  }

  /// What reads the answers of a model with heads; nil for any other.
  private func answerReader(for task: TaskDefinition) -> AnswerReader? {
    let backbone = model.backbone
    // Only encoders know another layout than that of prompts here.
    let known = backbone.layout == .encoder ? backbone.configuration.reading : nil
    return AnswerReader(
      model: model, codec: codec(for: task), lengths: lengths,
      layout: options.layout ?? known?.layout(ofTask: task.name, wanted: nil) ?? .prompt, labels: options.labels)
  }

  /// - Throws: as `Evaluator.predictions`.
  func predictions(_ examples: [Example], task: TaskDefinition) throws(GraftError) -> [Prediction] {
    let names = ExampleNames(examples.map(\.identifier))
    try checkScoring(task)
    if task.output == .preference {
      return try TextScorer(model: model, codec: codec, scoring: options.scoring).preferences(examples)
    }
    if let scorer = try maskedScorer(task) {
      return try scorer.rankMasked(examples.map { $0.candidates ?? [] }, names: names)
    }
    let codec = codec(for: task)
    if task.choicesVary, options.mode == .rank || task.isForRankingOnly {
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
    guard let choices = task.choices, options.mode == .rank else {
      if task.output == .text, task.layout == .continuation, codec.layout == .continuation {
        return try predictor.continuations(examples)
      }
      let decoding = DecodingOptions(options.strategy, maximumTokens: lengths.targets)
      try decoding.validate()
      let answers = try predictor.generate(inputs: inputs, decoding: decoding)
      return task.readsLogProbabilities ? try predictor.addingLogProbabilities(answers, examples) : answers
    }
    return try predictor.rank(inputs: inputs, choices: choices)
  }

  /// - Throws: `.usage` for a way of scoring that is asked for and has no bearing on the task.
  private func checkScoring(_ task: TaskDefinition) throws(GraftError) {
    guard let scoring = options.scoring, task.output != .preference, !task.choicesVary else { return }
    throw GraftError(
      .usage, "`scoring:` \(scoring.rawValue) has no bearing on the task '\(task.name)'",
      hint: "it is for minimal pairs, and for tasks whose choices differ from row to row.")
  }

  /// What ranks candidates by their tokens one at a time; nil where the tokens before decide, or a prompt is answered.
  private func maskedScorer(_ task: TaskDefinition) throws(GraftError) -> TextScorer? {
    guard task.choicesVary else { return nil }
    let isEncoder = model.backbone.layout == .encoder
    guard options.scoring == .masked || isEncoder && task.layout == .continuation && model.backbone.predictor != nil
    else { return nil }
    let codec = isEncoder ? codec.laidOut(task.layout ?? .prompt, nil) : codec(for: task)
    guard codec.layout == .continuation else {
      throw GraftError(
        .usage, "`scoring:` masked is for texts that go on, and the task '\(task.name)' is a prompt with an answer",
        hint: "`layout:` continuation puts it to a decoder as one text.")
    }
    return try TextScorer(model: model, codec: codec, scoring: options.scoring)
  }

  /// How many examples have an input, or a candidate that is scored, of which the model sees a part.
  func cutCount(_ examples: [Example], task: TaskDefinition) -> Int {
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
  func room(for task: TaskDefinition) -> (tokens: Int, canGrow: Bool) {
    if let scorer = try? maskedScorer(task) { return (scorer.longest, false) }
    return (lengths.inputs, true)
  }

  /// What the model reads before it answers, of several candidates the first; the targets stand for the answer.
  func readExample(_ example: Example, task: TaskDefinition) -> TokenExample {
    if !task.choicesVary, let reader = answerReader(for: task) { return reader.tokens(example, task, head: 0) }
    let codec = codec(for: task)
    let inputs = example.candidates?.first?.inputs ?? example.inputs
    return codec.promptExample(codec.prompt(inputs), targets: [codec.vocabulary.endOfSequence])
  }
}
