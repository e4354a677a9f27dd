import ArgumentParser
import Corpus
import Experiments
import Optimization
import Support
import Tokenization
import Training

/// `graft arena`
struct ArenaCommand: RecipeCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "arena",
    abstract: "Train models of all eras on one text, and compare what they know of another.",
    discussion: """
      Models of counts (\(Contender.countingNames.joined(separator: ", "))) are counted from the text; networks (presets \
      and files of the same form) are trained on it by one recipe and one budget each, recurrent ones with their state \
      carried on. All read the same tokens, and one table has perplexity per word, bits per byte, parameters, operations, \
      time, memory and a sample of each. A line of the text is a sentence for models of counts. The same command goes on \
      where an earlier one stopped, and more models can be added to its folder. Docs/ARENA.md says more.

      Example:
        graft arena --corpus books/ --validation other.txt --budget 2m --output runs/arena
        graft arena --corpus ptb.train.txt --validation ptb.valid.txt --unit word --vocabulary-size 10000 \
      --model kneser-ney-5 lstm-mini modern-mini --cache-weight 0.1 --tokens 10M --output runs/ptb
      """)

  @Option(parsing: .upToNextOption, help: "Files of text to train on, gzip or not, and folders of them.")
  var corpus: [String] = []

  @Option(parsing: .upToNextOption, help: "Files of text that models are scored on.")
  var validation: [String] = []

  @Option(parsing: .upToNextOption, help: "Models, in the order of the table.", completion: .backbones)
  var model = Contender.standardNames

  @Option(
    parsing: .upToNextOption,
    help: """
      Learning rates: each network is trained with each of them, and the one that is best on the part of the text that \
      is held out is shown; \(Self.standardRates.map(NumberText.shortest).joined(separator: ", ")) with adamw, which is the \
      default here, else that of the optimizer.
      """)
  var rate: [Double] = []

  @Option(help: "Networks of each model, with seeds SEED, SEED+1 …")
  var seeds = 1

  @Option(
    help: """
      The share of the text's lines, from its end, that is held out from all models, to choose rates and the weights of \
      bigrams by; 0 to train on all.
      """)
  var heldOut = 0.02

  @Option(help: "A tokenizer.json, or a folder that holds one; by default one is learned from the text.")
  var tokenizer: String?

  @Option(
    help: """
      Of a tokenizer that is learned: \(VocabularyUnit.allCases.map(\.rawValue).joined(separator: ", ")). With word, \
      other words than the most frequent are <unk>, and lines end with the word <eos>.
      """)
  var unit = VocabularyUnit.bpe

  @Option(help: "Of a tokenizer that is learned: how many tokens it has.")
  var vocabularySize = 8192

  @Option(help: "Tokens of a window that networks are trained on; those that carry no state see no more.")
  var sequenceLength = StagedNumber(128)

  @Option(
    help: """
      Also score with a cache of this weight, such as 0.1: of the last 500 words with models of counts, of the last 2000 \
      states with networks.
      """)
  var cacheWeight: Double?

  @Option(help: "What samples go on with.")
  var prompt = "The"

  @Option(help: "Tokens of a sample.")
  var sampleLength = 40

  @Option(help: "Tokens to train a network on, instead of --budget: 36M.")
  var tokens: Quantity?

  @Option(
    help: "Floating-point operations of matrix products, forward and backward, to train a network with: 2e14.")
  var flops: Quantity?

  @Option(help: "The folder of the runs and results; one of another arena is refused.")
  var output: String

  @Flag(help: "Make the table from what is finished; train nothing.")
  var reportOnly = false

  @OptionGroup(title: "Training") var training: TrainingArguments
  @OptionGroup(title: "Tasks and data") var data: DataArguments
  @OptionGroup(title: "Recipe") var recipe: RecipeArguments

  static let alternatives = [TrainingArguments.ends]

  /// Of a network with one learning rate, where nothing says how long.
  private static let standardSeconds = 120.0
  /// Small ones are best for transformers, great ones for recurrent networks.
  private static let standardRates = [1e-3, 3e-3, 1e-2]

  func files() -> CommandFiles {
    CommandFiles(
      .study(output, .arena), reading: [tokenizer, recipe.config] + model.filter { $0.hasSuffix(".json") },
      corpus: (corpus + validation).map { data.root.place(ofCorpus: $0) ?? $0 })
  }

  func settledValues() throws(GraftError) -> [String: [String]] { TrainingArguments.settledValues(try settings()) }

  private func settings() throws(GraftError) -> TrainingSettings {
    var settings = try training.settings(TrainingSettings(), for: .pretraining)
    if training.optimizer == nil { try settings.choose(optimizer: AdamW.identifier, for: .pretraining) }
    if settings.steps == nil, settings.budgetSeconds == nil, tokens == nil, flops == nil {
      settings.budgetSeconds = Self.standardSeconds
    }
    return settings
  }

  func run() throws {
    try check()
    let cache = "\(output)/cache"
    let world = try ProcessWorld.joined.get()
    let recipe = Arena.Recipe(
      settings: try settings(), budget: try TrainingArguments.budget(tokens: tokens, flops: flops),
      length: sequenceLength.largest, cacheWeight: cacheWeight, prompt: prompt, sampleTokens: sampleLength)
    let sources = ArenaTexts.Sources(
      training: try data.files(ofCorpora: corpus), validation: try data.files(ofCorpora: validation), heldOut: heldOut,
      tokenizer: try tokenizer.map { path throws(GraftError) in try Tokenizer(contentsOf: path) }, unit: unit,
      vocabularySize: vocabularySize)
    let texts = try world.rootFirst { () throws(GraftError) in try ArenaTexts(sources, in: cache) }
    let arena = Arena(
      try contenders(vocabularySize: texts.tokenizer.vocabulary.size), on: texts, recipe,
      seeds: (0..<UInt64(seeds)).map { training.seed &+ $0 }, output: output,
      surroundings: .process.entering(runsOf: output))
    guard !reportOnly else {
      try world.onRoot { () throws(GraftError) in try StudyRun.show(arena.report(), in: output) }
      return
    }
    try StudyRun.run(in: output, train: arena.run, report: arena.report)
  }

  /// Several only if there is text to choose by.
  private var rates: [Double] {
    let isOpen = rate.isEmpty && training.learningRate == nil && heldOut > 0
    return isOpen && (training.optimizer ?? AdamW.identifier) == AdamW.identifier ? Self.standardRates : rate
  }

  /// The models, as they are with a vocabulary.
  private func contenders(vocabularySize: Int) throws(GraftError) -> [Contender] {
    var all: [Contender] = []
    for name in model { all += try Contender.all(of: name, rates: rates, vocabularySize: vocabularySize) }
    return all
  }

  /// - Throws: `.usage` for flags that do not go together, and models that there are not.
  private func check() throws(GraftError) {
    func refuse(_ message: String, _ hint: String) -> GraftError { GraftError(.usage, message, hint: hint) }
    guard !corpus.isEmpty, !validation.isEmpty else {
      throw refuse(
        "there is no text to train on, or none to score", "give --corpus FILE … and --validation FILE ….")
    }
    guard seeds > 0 else { throw refuse("--seeds must be positive", "give 1 or more.") }
    guard !model.isEmpty, Set(model).count == model.count else {
      throw refuse("a model stands twice among --model, or none does", "name each once.")
    }
    guard Set(rate).count == rate.count, rate.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw refuse("a learning rate of --rate is not positive, or stands twice", "give each once: 5e-4 1e-3.")
    }
    guard rate.isEmpty || training.learningRate == nil else {
      throw refuse("--rate and --learning-rate exclude each other", "give one of them.")
    }
    guard rate.count < 2 || heldOut > 0 else {
      throw refuse(
        "rates are chosen on text that is held out, and --held-out is 0", "hold out a part, or give one rate.")
    }
    guard sequenceLength.isConstant, (2...SequenceLengths.longest).contains(sequenceLength.largest), sampleLength > 0
    else {
      throw refuse(
        "windows of \(sequenceLength) tokens and samples of \(sampleLength) are impossible",
        "give one length of windows, of 2 tokens or more, and samples of 1 or more.")
    }
    guard tokenizer == nil || unit == .bpe else {
      throw refuse("--unit is for a tokenizer that is learned", "leave it out, or --tokenizer.")
    }
    let names = try contenders(vocabularySize: vocabularySize).map(\.name)
    guard Set(names).count == names.count else {
      throw refuse("two models of --model have one name", "rename one of the files.")
    }
    guard !prompt.isEmpty else { throw refuse("samples go on with a text, and --prompt is empty", "give a word.") }
  }
}
