import ArgumentParser
import Compute
import Foundation
import ModelKit
import Optimization
import Support
import Training

extension Precision: ExpressibleByArgument {}

extension TimeBudget: ExpressibleByArgument {}
extension Quantity: ExpressibleByArgument {}
extension StagedNumber: ExpressibleByArgument {}
extension Warmup: ExpressibleByArgument {}
extension EvaluationInterval: ExpressibleByArgument {}
extension ValueAverage: ExpressibleByArgument {}
extension RateDrops: ExpressibleByArgument {
  public init?(argument: String) { try? self.init(parsing: argument) }
}

/// Flags of every command that trains. Defaults depend on the command, hence optionals.
struct TrainingArguments: ParsableArguments {
  @Option(help: "Number of updates, instead of --budget.")
  var steps: Int?

  @Option(help: "Wall-clock time, 90s, 45m or 1.5h; the learning rate decays with the share of it that is used.")
  var budget: TimeBudget?

  @Option(
    help: """
      Examples per update; 8,32@30% is 8, and 32 once 30% of the run are over \(Self.defaults { "\($0.batch)" }).
      """)
  var batch: StagedNumber?

  @Option(
    help:
      "Cut each shard's part of a batch into this many pieces to save memory; the gradient stays that of the whole."
  )
  var microBatches = 1

  @Option(
    help: """
      Fit the run into this much memory, such as 8g: cut batches into as few pieces as that takes, and compute \
      activations again where pieces are not enough. A note says what was chosen and what it takes.
      """)
  var memory: MemorySize?

  @Option(help: "Optimizer: \(Optimizers.registry.names.joined(separator: ", ")) \(Self.defaults(\.optimizer)).")
  var optimizer: String?

  @Option(
    parsing: .upToNextOption, help: "Optimizer options as name=value, with their defaults: \(Self.optimizerOptions).")
  var optimizerOption: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Peak learning rate; by default the optimizer's own: \(Self.rates). With adafactor's scale-parameter relative \
      to each parameter's size.
      """,
      valueName: "learning-rate"))
  var learningRate: Double?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Parameters trained otherwise, by role or name: embedding:rate=0.1,decay=0 or 'encoder.blocks.0.*:frozen'. \
      Roles: \(ParameterRole.allCases.map(\.rawValue).joined(separator: ", ")).
      """, valueName: "rule"))
  var group: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Parts of the model that stay as they are: embeddings, blocks by number from 0, names such as encoder. Neither \
      gradients nor moments are kept of them, and nothing is computed back below the first part that is trained.
      """, valueName: "embeddings,0-5"))
  var freeze: String?

  @Option(help: "Learning rate of a block as a multiple of the block's above; embeddings lie below, heads above.")
  var layerDecay: Double?

  @Option(
    help: """
      What is evaluated and kept in place of the values: their moving average with a decay, 0.999, or their mean since the \
      held-out loss is worse than the best one measured more than so many measurements before, stalled:5 (NT-ASGD).
      """)
  var average: ValueAverage?

  @Option(
    help: "Schedule: \(LearningRateSchedules.registry.names.joined(separator: ", ")) \(Self.defaults(\.schedule)).")
  var schedule: String?

  @Option(
    help: """
      Warm-up: updates, at most as many as there are, a share of the run (2%), or both: the default is 100 updates, but no \
      more than a tenth of the run (default: \(Warmup.standard)).
      """)
  var warmup: Warmup?

  @Option(
    help: """
      Share of the run at its end over which the rate falls linearly, with the schedules constant and \
      inverse-square-root: 0.5.
      """)
  var cooldown: Double?

  @Option(
    help: """
      With the schedule stepped: into how many periods the run is divided, how many of them are at the peak, and what the \
      rate is divided by in each further one (default: \(RateDrops.zaremba)).
      """)
  var drops: RateDrops?

  @Option(help: "Learning rate at the end, as a fraction of the peak (default: 0).")
  var finalFraction: Double?

  @Option(help: "Greatest global norm of the gradient; 0 for no clipping.")
  var clip = 1.0

  @Option(help: "Dropout probability \(Self.defaults { NumberText.shortest($0.dropout) }).")
  var dropout: Double?

  @Option(help: "Weight of the z-loss, which keeps the logits of the vocabulary from drifting: 1e-4.")
  var zLoss: Double?

  @Option(help: "Operands of matrix products: bf16 where the processor has it, else f32.")
  var precision: Precision?

  @Option(help: "Parts a batch is dealt into, one thread each; results depend on it. By default as many as cores.")
  var shards: Int?

  @Option(
    help: """
      What the gradients of shards are rounded to before they are added, and travel between processes as: \
      \(GradientTraffic.allValueStrings.joined(separator: ", ")). Results depend on it, not on the processes \
      (default: f32).
      """)
  var gradientTraffic: GradientTraffic?

  @Option(help: "Matrix products: amx, onednn, openblas; the fastest there are by default.")
  var backend: String?

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @Flag(help: "Keep only each layer's input and compute the rest again: less memory, more time, the same bits.")
  var recompute = false

  @Option(
    help: """
      How often what is held out is measured on the way: after so many updates, a share of the run (10%), a time (5m), or \
      never: at the end only \(Self.defaults { "\($0.evaluation)" }).
      """)
  var evaluateEvery: EvaluationInterval?

  @Option(
    help: """
      Updates between checkpoints; 0 for none on the way \
      \(Self.defaults { Self.interval($0.checkpointInterval, "when it is interrupted") }).
      """)
  var saveEvery: Int?

  @Option(help: "Checkpoints to keep, at least 1.")
  var keep = 2

  @Option(
    help: """
      What to do about a loss, gradient or value that is NaN or infinite: \
      \(NonFinitePolicy.allValueStrings.joined(separator: ", ")). Docs/CLI.md says more.
      """)
  var nonFinite = NonFinitePolicy.stop

  @Flag(help: "Go on from the newest checkpoint in --output.")
  var resume = false

  /// - Throws: `.usage` for a flag out of its range.
  func settings(_ defaults: TrainingSettings, for phase: TrainingPhase) throws(GraftError) -> TrainingSettings {
    var settings = defaults.forThisMachine()
    settings.seed = seed
    if steps != nil || budget != nil {
      settings.steps = steps
      settings.budgetSeconds = budget?.seconds
    }
    settings.batch = batch ?? settings.batch
    settings.microBatches = microBatches
    if let optimizer { try settings.choose(optimizer: optimizer, for: phase) }
    if !optimizerOption.isEmpty { settings.optimizerOptions = try OptimizerOptions(parsing: optimizerOption) }
    settings.learningRate = learningRate ?? settings.learningRate
    if !group.isEmpty {
      settings.groups = try group.map { text throws(GraftError) in try ParameterRule(parsing: text) }
    }
    settings.frozen = try freeze.map { text throws(GraftError) in try FrozenParts(parsing: text) }
    settings.layerDecay = layerDecay
    settings.averaging = average
    settings.schedule = schedule ?? settings.schedule
    settings.drops = drops
    settings.warmup = warmup ?? .standard
    settings.cooldown = cooldown
    settings.finalFraction = finalFraction ?? settings.finalFraction
    settings.maximumNorm = clip == 0 ? nil : clip
    settings.dropout = dropout ?? settings.dropout
    settings.zLoss = zLoss == 0 ? nil : zLoss
    settings.precision = precision ?? settings.precision
    settings.shards = shards ?? settings.shards
    settings.gradientTraffic = gradientTraffic == .f32 ? nil : gradientTraffic
    settings.backend = backend
    settings.recomputing = recompute
    settings.memory = memory?.bytes
    settings.evaluation = evaluateEvery ?? settings.evaluation
    if let saveEvery { settings.checkpointInterval = saveEvery == 0 ? nil : saveEvery }
    settings.keep = keep
    settings.nonFinite = nonFinite == .stop ? nil : nonFinite
    try settings.validateFlags()
    return settings
  }
}

extension TrainingArguments {
  /// What a setting is by default, where pretraining and fine-tuning may differ, for the help.
  private static func defaults(_ value: (TrainingSettings) -> String) -> String {
    let (pretraining, fineTuning) = (value(TrainingSettings()), value(TrainingSettings.fineTuning))
    return pretraining == fineTuning
      ? "(default: \(pretraining))" : "(default: \(pretraining), fine-tuning \(fineTuning))"
  }

  private static func interval(_ steps: Int?, _ none: String) -> String { steps.map { "\($0)" } ?? none }

  /// The optimizers' options with their defaults, for the help.
  private static let optimizerOptions =
    Optimizers.registry.entries.map { name, _, type in
      let companion = type.companion.map {
        ", those of \($0.identifier) as \($0.identifier).NAME, and \($0.identifier).rate, its share of the rate"
      }
      return "\(name): " + type.options.map(Self.shown).joined(separator: ", ") + (companion ?? "")
    }.joined(separator: "; ")

  private static func shown(_ option: OptimizerOption) -> String {
    guard case .number(let value) = option.defaultValue else { return "\(option.name) \(option.defaultValue)" }
    return "\(option.name) \(NumberText.shortest(value))"
  }

  /// Flags whose values depend on the command, as its settings have them; see `RecipeCommand.settledValues`.
  static func settledValues(_ settings: TrainingSettings) -> [String: [String]] {
    [
      "steps": RecipeText.whole(settings.steps), "budget": RecipeText.number(settings.budgetSeconds).map { "\($0)s" },
      "batch": ["\(settings.batch)"], "optimizer": [settings.optimizer],
      "learning-rate": RecipeText.number(settings.learningRate), "schedule": [settings.schedule],
      "warmup": ["\(settings.warmup)"], "final-fraction": RecipeText.number(settings.finalFraction),
      "dropout": RecipeText.number(settings.dropout), "precision": [settings.precision.rawValue],
      "shards": RecipeText.whole(settings.shards), "evaluate-every": ["\(settings.evaluation)"],
      "save-every": RecipeText.whole(settings.checkpointInterval ?? 0),
    ]
  }

  /// The budget of pretraining that is not one of updates or time; nil for none.
  /// - Throws: `.usage` if there are two.
  static func budget(tokens: Quantity?, flops: Quantity?) throws(GraftError) -> PretrainingBudget? {
    guard tokens == nil || flops == nil else {
      throw GraftError(.usage, "--tokens and --flops are two budgets", hint: "give one of them.")
    }
    return tokens.map { .tokens($0.value) } ?? flops.map { .operations($0.value) }
  }

  /// What ends a run: one of them takes the place of another.
  static let ends = ["steps", "budget", "epochs", "tokens", "flops"]

  /// The optimizers' rates, for the help.
  private static let rates =
    Optimizers.registry.entries.map { name, _, type in
      let rates = type.defaultRates
      return rates.pretraining == rates.fineTuning
        ? "\(name) \(rates.pretraining)" : "\(name) \(rates.pretraining) (fine-tuning \(rates.fineTuning))"
    }.joined(separator: ", ")
}

extension GradientTraffic: ExpressibleByArgument {}
extension NonFinitePolicy: ExpressibleByArgument {}
