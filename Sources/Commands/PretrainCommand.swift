import ArgumentParser
import Corpus
import Experiments
import Foundation
import Inference
import ModelKit
import Objectives
import Reporting
import Support
import TaskRegistry
import Tokenization
import Training

/// `graft pretrain`
struct PretrainCommand: RecipeCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Pretrain a model on a corpus with an objective of your choice.",
    discussion: """
      The text is that of --corpus and --task-text, one of which is needed. Without --steps, --budget, --tokens or \
      --flops it is read for an hour. If nothing says what is trained (no backbone, objective, optimizer, tokenizer, \
      checkpoint or recipe), a plan is made that fits the text, the budget and this machine; it is said in a few lines, \
      kept as recipe.yaml in the run directory, and what flags say beside it comes first. At the end stand parameters, \
      positions seen, time and held-out loss, in nats per target and in bits per byte, beside the loss of the best model \
      that ignores its input and knows only how often each token is a target, and a table of what was read of each \
      source how often; held-out.svg in the run directory shows the loss over time.

      Example:
        graft pretrain --corpus books/ --budget 1h --output runs/books
        graft tokenizer train --corpus books/ --vocabulary-size 8192 --output tokenizer.json
        graft pretrain --corpus books/ --tokenizer tokenizer.json --backbone t5-mini --budget 1h --output runs/t5
      """)

  @Option(help: "Objective: \(Objectives.registry.names.joined(separator: ", ")).", completion: .objectives)
  var objective = SpanCorruption.identifier

  @Option(
    name: .customLong("set"), parsing: .upToNextOption,
    help: """
      Objective parameters as name=value, with their defaults; 0 and 1 may be false and true: \
      \(Self.objectiveParameters).
      """)
  var parameters: [String] = []

  @Option(
    help: """
      A preset (`graft list backbones`) or a JSON file of the same form: bert for masked-lm, electra for \
      replaced-token-detection, gpt for causal-lm, t5 or gpt for the others.
      """, completion: .backbones)
  var backbone = "t5-mini"

  @Option(
    parsing: .upToNextOption,
    help: """
      Text files, folders or patterns: plain, JSONL (field 'text') or gzip of both. FILE:2 is read twice while \
      the others are read once. What is not there is looked for in the folder of the data sets.
      """)
  var corpus: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Tasks whose training prompts, without their answers, are read as text, too; NAME:2 as with --corpus.")
  var taskText: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Tasks whose labelled examples are mixed with the text, for --task-share of the samples.")
  var task: [String] = []

  @Option(help: "The fraction of the samples that are examples of --task.")
  var taskShare = 0.2

  @OptionGroup var mixing: MixingArguments

  @Option(
    help: """
      A tokenizer.json, or a folder that holds one; by default the checkpoint's, else one is learned from the text and \
      stands in the run directory.
      """)
  var tokenizer: String?

  @Option(help: "Of a tokenizer that is learned: how many tokens it has.")
  var vocabularySize = 8192

  @Option(help: "The run directory.")
  var output: String

  @Option(help: "Go on training the weights of this checkpoint, run directory or Hugging Face folder.")
  var checkpoint: String?

  @OptionGroup var adapter: BaseArguments

  @Option(
    help: """
      First values of the token embedding: drawn; cooccurrence, computed from counts of the corpus, which takes seconds \
      and memory for a square matrix over the vocabulary (256 MiB at 8192 tokens), and saves many updates; or a file of \
      word vectors as wide as the embedding, in which tokens are looked up.
      """)
  var embeddings = EmbeddingInitialization.drawn

  @Option(
    help: """
      Tokens of an example's inputs, or of a decoder's sequence; 128,512@70% is 128, and 512 once 70% of the run are \
      over.
      """)
  var sequenceLength = StagedNumber(SequenceLengths.standard.inputs)

  @Flag(help: "Keep documents apart: no example runs across two of them.")
  var unmerged = false

  @Flag(help: "Give documents other neighbours in every pass; by default they are read in the corpus's order.")
  var shuffleDocuments = false

  @Flag(
    help: """
      Read the corpus as one text in --batch lanes, each window going on with the state that the one before it left, and \
      the held-out text likewise; for causal-lm and models whose state has a fixed size (recurrent ones, conv-lm, nplm).
      """)
  var carryState = false

  @Option(
    help: """
      With --carry-state: how probably a lane begins a window with nothing in its state, as every text does that is scored \
      or gone on with later; with 0 only passes begin so.
      """)
  var forgetState = PretrainingPlan.standardForgetting

  @OptionGroup(title: "Screening") var screening: ScreeningArguments

  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments

  @Option(help: "Fraction of the corpus that is kept for evaluation, 0 to 0.5.")
  var heldOut = CorpusOptions.standard.heldOutFraction

  @Option(
    parsing: .upToNextOption,
    help: "Texts to measure the held-out loss on, instead of a part of the corpora, which is then all trained on.")
  var validation: [String] = []

  @OptionGroup var keeping: SelectionArguments

  @Option(help: "Where token shards are kept; OUTPUT/../cache by default.")
  var cache: String?

  @Option(
    help: """
      Tokens to train on, inputs and targets together, instead of --steps: 36M. Turned into updates by the first \
      batches.
      """)
  var tokens: Quantity?

  @Option(
    help: "Floating-point operations of matrix products, forward and backward, to train with instead of --steps: 2e14.")
  var flops: Quantity?

  @Option(
    help: """
      Read the text at most so many times: a run whose budget is enough for more ends there, with its learning rate come \
      down.
      """)
  var passes: Double?

  /// The objectives' parameters with their defaults, for the help.
  private static let objectiveParameters =
    Objectives.registry.entries.filter { !$0.plugin.parameters.isEmpty }.map { name, _, type in
      "\(name): "
        + type.parameters.map { "\($0.name) \(NumberText.shortest($0.defaultValue))" }.joined(separator: ", ")
    }.joined(separator: "; ")

  @OptionGroup(title: "Training") var training: TrainingArguments
  @OptionGroup(title: "Tasks and data") var data: DataArguments
  @OptionGroup(title: "Recipe") var recipe: RecipeArguments

  func files() -> CommandFiles {
    CommandFiles(
      .run(output, .pretraining),
      reading: corpus + screening.decontaminate
        + [tokenizer, checkpoint, adapter.base, recipe.config, embeddings.file])
  }

  static let alternatives = [TrainingArguments.ends, ["equal-mixing", "temperature"], ["equal-mixing", "cap"]]

  func settledValues() throws(GraftError) -> [String: [String]] { TrainingArguments.settledValues(try settings()) }

  /// Of a run without a budget.
  static let standardSeconds = 3600.0

  /// An hour of training unless flags say otherwise.
  private func settings() throws(GraftError) -> TrainingSettings {
    var settings = try training.settings(TrainingSettings(), for: .pretraining)
    if settings.steps == nil, settings.budgetSeconds == nil, tokens == nil, flops == nil {
      settings.budgetSeconds = Self.standardSeconds
    }
    return settings
  }

  func run() throws {
    let cache = cache ?? TaskText.defaultCache(besides: output)
    var command = self
    let world = try ProcessWorld.joined.get()
    let plan = try Invocation.process.get().plan
    // Before there is a folder.
    try embeddings.requireFile()
    command.tokenizer = try world.together { () throws(GraftError) in
      try makeFolder(output)
      if let plan { try keep(plan) }
      return tokenizer == nil && checkpoint == nil ? try ownTokenizer(cache) : tokenizer
    }
    let job = try world.rootFirst { () throws(GraftError) in try command.job(cache: cache) }
    InterruptHandling.ignoreClosedPipes()
    let result = try job.run(
      in: output, cache: cache, resuming: training.resume, phase: "pretrain",
      surroundings: .process.entering(runsOf: output))
    guard world.isRoot else { return }
    try writeCurve(result)
    summarise(result)
  }

  /// What the flags come to.
  /// - Parameter readingTasks: false to name what is made of tasks, but not to make it: nothing can then be trained.
  func job(cache: String, readingTasks: Bool = true) throws(GraftError) -> PretrainingJob {
    let settings = try settings()
    try adapter.require(checkpoint)
    let start = try checkpoint.map { path throws(GraftError) in try ModelFolder.open(path, base: adapter.base) }
    let tokenizer = try startingTokenizer(or: start?.tokenizer)
    var shares = try corpus.map { text throws(GraftError) in try share(text) }
    for index in shares.indices { shares[index].path = data.corpus(shares[index].path) }
    for text in taskText { shares.append(try taskText(text, cache, readingTasks)) }
    guard !shares.isEmpty else {
      throw GraftError(.usage, "no text to train on", hint: "give --corpus FILE … or --task-text NAME ….")
    }
    let model = if let start { start.configuration } else { try startingModel(tokenizer) }
    var plan = PretrainingPlan(objective: objective, backbone: backbone, model: model, corpora: shares)
    plan.objectiveParameters = try assignments(parameters)
    plan.length = sequenceLength
    plan.merged = !unmerged
    plan.shufflesDocuments = shuffleDocuments ? true : nil
    plan.carriesState = carryState ? true : nil
    plan.forgetting = carryState && forgetState != 0 ? forgetState : nil
    plan.cleaning = reading.cleaning
    plan.deduplication = screening.deduplication
    plan.decontamination = screening.decontamination
    plan.documentBoundary = reading.documentBoundary
    plan.textField = reading.textField
    plan.format = reading.format == .automatic ? nil : reading.format
    plan.invalidUTF8 = reading.invalidUTF8 == .error ? nil : reading.invalidUTF8
    plan.heldOutFraction = heldOut
    plan.validation = validation.isEmpty ? nil : validation.map { data.corpus($0) }
    if !task.isEmpty {
      plan.supervised = SupervisedShare(
        tasks: task, share: taskShare, rates: try mixing.rates() ?? MixtureRates())
    }
    (plan.initialCheckpoint, plan.initialBase) = (checkpoint, adapter.base)
    plan.embeddings = embeddings
    plan.keeps = keeping.select == .best ? .best : nil
    plan.settings = settings
    plan.settings.patience = keeping.patience
    plan.mostPasses = passes
    plan.budget = try TrainingArguments.budget(tokens: tokens, flops: flops)
    return PretrainingJob(
      plan: plan, tokenizer: tokenizer, tasks: readingTasks ? try labelledTasks() : [],
      evaluations: readingTasks ? try screening.evaluations(data) : [])
  }

  /// The preset's model.
  private func startingModel(_ tokenizer: Tokenizer) throws(GraftError) -> ModelConfiguration {
    try Resources.preset(backbone, vocabularySize: tokenizer.vocabulary.size)
      .fitting(Objectives.registry(objective).layouts)
  }

  /// - Parameter checkpoints: that of the checkpoint, if there is one.
  private func startingTokenizer(or checkpoints: Tokenizer?) throws(GraftError) -> Tokenizer {
    if let tokenizer { return try Tokenizer(contentsOf: tokenizer) }
    guard let checkpoints else {
      throw GraftError(
        .usage, "pretraining needs a tokenizer",
        hint: "give --tokenizer FILE, or --checkpoint DIR to go on with a model and its tokenizer.")
    }
    return checkpoints
  }

  private func labelledTasks() throws(GraftError) -> [LabelledTask] {
    guard !task.isEmpty else { return [] }
    let catalog = try data.catalog()
    return try task.map { name throws(GraftError) in
      let task = try catalog.task(named: name)
      return LabelledTask(
        name: name, examples: try task.examples(split: "train", data: data.root), hash: task.definitionHash,
        formerHash: task.dataSet.hash.former)
    }
  }

  /// `FILE` or `FILE:2`.
  func share(_ text: String) throws(GraftError) -> CorpusShare {
    guard let colon = text.lastIndex(of: ":"), let repetition = Double(text[text.index(after: colon)...]),
      !FileManager.default.fileExists(atPath: text)
    else { return CorpusShare(path: text) }
    guard repetition > 0, repetition.isFinite else {
      throw GraftError(.usage, "'\(text)': the repetition must be positive")
    }
    return CorpusShare(path: String(text[..<colon]), repetition: repetition)
  }

  private func taskText(_ text: String, _ cache: String, _ isRead: Bool) throws(GraftError) -> CorpusShare {
    var share = try share(text)
    share.path =
      isRead
      ? try TaskText.file(task: share.path, data: data, cache: cache, field: reading.textField)
      : TaskText.path(task: share.path, cache: cache)
    return share
  }

  private func writeCurve(_ result: PretrainingResult) throws(GraftError) {
    let points = result.heldOut.map { LineChart.Point(x: $0.elapsedSeconds / 60, y: $0.lossPerToken) }
    guard let last = points.last, points.count > 1 else { return }
    var series = [LineChart.Series(objective, points)]
    if let reference = result.unigramReference {
      series.append(
        LineChart.Series(
          "input-blind reference", [.init(x: 0, y: reference), .init(x: last.x, y: reference)]))
    }
    let chart = LineChart(
      title: "Held-out loss, \(objective), \(checkpoint ?? backbone)", xLabel: "minutes", yLabel: "nats per target",
      series: series)
    try AtomicFile.write(chart.svg, to: "\(output)/held-out.svg")
  }

  private func summarise(_ result: PretrainingResult) {
    var table = Table([.init(""), .init("", .right)])
    table.append(["parameters", "\(result.parameters)"])
    table.append(["positions seen", "\(result.tokensSeen)"])
    table.append(["training time", NumberText.duration(result.elapsedSeconds)])
    if let reference = result.unigramReference {
      table.append(["input-blind reference, nats per target", NumberText.fixed(reference, digits: 3)])
    }
    if let last = result.heldOut.last(where: { $0.step == result.selectedStep ?? $0.step }) {
      if let step = result.selectedStep { table.append(["update of the model that is kept", "\(step)"]) }
      table.append(["held-out, nats per target", NumberText.fixed(last.lossPerToken, digits: 3)])
      if let bits = last.bitsPerByte {
        table.append(["held-out, bits per byte", NumberText.fixed(bits, digits: 3)])
      }
    }
    standardOutput(table.plainText)
    if let sources = result.sources { standardOutput("\n" + Self.table(sources).plainText) }
    if let updates = result.nonFinite { standardOutput(updates.summary) }
    standardOutput("model: \(output)/model")
  }

  /// What was read how often.
  private static func table(_ sources: [CorpusUse]) -> Table {
    var table = Table([
      .init("source"), .init("documents", .right), .init("bytes", .right), .init("tokens", .right),
      .init("share of samples", .right), .init("passes", .right),
    ])
    for source in sources {
      table.append([
        source.path, "\(source.documents)", "\(source.bytes)", "\(source.tokens)",
        "\(NumberText.fixed(100 * source.share, digits: 2)) %", NumberText.fixed(source.passes, digits: 3),
      ])
    }
    return table
  }
}

extension EmbeddingInitialization: ExpressibleByArgument {}

/// `name=value` pairs with numbers, or true and false, which are 1 and 0.
func assignments(_ texts: [String]) throws(GraftError) -> [String: Double] {
  var values: [String: Double] = [:]
  for text in texts {
    let parts = text.split(separator: "=", maxSplits: 1)
    let flags = ["true": 1.0, "false": 0.0]
    guard parts.count == 2, let value = Double(parts[1]) ?? flags[parts[1].lowercased()] else {
      throw GraftError(
        .usage, "'\(text)' is not of the form name=number",
        hint:
          "write mean-span-length=3, or static-masks=true; `graft list objectives` shows what an objective takes."
      )
    }
    values[String(parts[0])] = value
  }
  return values
}
