import Autograd
import ModelKit
import Randomness
import Records
import Support

/// Named numbers a person gives an objective: `noise-density: 0.15`.
public struct ObjectiveParameter: Sendable, Hashable {
  /// Kebab-case, as in `noise-density=0.15`.
  public var name: String
  /// What it does, in one phrase for help texts.
  public var summary: String
  /// The value where none is given; within `range`.
  public var defaultValue: Double
  /// The values that make sense.
  public var range: ClosedRange<Double>

  /// A number within a range.
  public init(_ name: String, _ summary: String, default value: Double, in range: ClosedRange<Double>) {
    self.name = name
    self.summary = summary
    defaultValue = value
    self.range = range
  }
}

/// The most tokens an example has.
public struct ExampleLengths: Sendable, Hashable {
  /// Tokens that are read, end-of-sequence included; 0 for a text that is modelled as it stands.
  public var inputs: Int
  /// Tokens that are predicted, or of an encoder positions that may be; end-of-sequence included.
  public var targets: Int
  /// Of both together.
  public var total: Int

  /// - Parameter total: the sum by default; less where long inputs come with short targets.
  public init(inputs: Int, targets: Int, total: Int? = nil) {
    self.inputs = inputs
    self.targets = targets
    self.total = total ?? inputs + targets
  }
}

/// A pretraining objective: how a stretch of corpus becomes inputs and targets, and what is optimised.
/// One file here and one line in `Objectives.registry`.
public protocol PretrainingObjective: Sendable {
  /// What users type, in kebab-case.
  static var identifier: String { get }
  /// One line about it, for `graft list objectives`.
  static var summary: String { get }
  /// The numbers that can be chosen; others are refused.
  static var parameters: [ObjectiveParameter] { get }
  /// The layouts it can train.
  static var layouts: Set<BatchLayout> { get }

  /// - Parameter values: one per entry of `parameters`, by name, defaults filled in and ranges checked.
  /// - Throws: `.usage` if the vocabulary lacks what the objective needs.
  init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError)

  /// The objective as it is when a share of the run is over; has a default, which does not change. What changes (a
  /// masking rate, the proportion of a mixture) is a pure function of that share, so that a run goes on to the bit.
  /// - Parameter progress: the share of the updates, or of the time where a budget of time ends the run, from 0 to 1;
  ///   examples that are kept for evaluation are of the end.
  func at(progress: Double) -> Self

  /// How long an example of `raw` tokens is at most; does not fall when `raw` grows.
  func lengths(ofRaw raw: Int) -> ExampleLengths

  /// How many raw tokens make an example that fills the inputs (encoder-decoder) or the sequence (decoder, encoder),
  /// and how long its targets then are at most. Has a default.
  func rawLength(forSequenceLength length: Int, _ layout: BatchLayout) -> (raw: Int, targets: Int)

  /// Corrupts one token sequence. Pure: the same tokens and key give the same example. Nil if the sequence is
  /// too short to make one.
  func example(from tokens: [TokenID], key: RandomKey) -> TokenExample?

  /// The same for an objective that needs a second text; all others leave it alone.
  /// - Parameter other: a window from elsewhere in the corpus.
  func example(from tokens: [TokenID], other: () -> [TokenID], key: RandomKey) -> TokenExample?

  /// The summed loss of a batch of a model of one of its layouts, such that its mean over the step's targets is what is
  /// optimised. By default the cross-entropy of a model that predicts tokens.
  /// - Throws: `.usage` saying what the model lacks.
  func bind(to backbone: any Backbone) throws(GraftError) -> BatchLoss

  /// Whether the loss is the negative log-probability of the targets, so that it can be put as bits per byte and beside
  /// that of a model which ignores its input.
  static var lossIsLogProbability: Bool { get }

  /// Whether an example is its text as it stands, each token predicted from those before it, so that a window can go on
  /// with the text of another (`TokenExample.continuing`). False by default.
  static var examplesAreWholeTexts: Bool { get }
}

extension PretrainingObjective {
  public func rawLength(forSequenceLength length: Int, _ layout: BatchLayout) -> (raw: Int, targets: Int) {
    let raw = longestRaw(forSequenceLength: length, layout)
    return (raw, lengths(ofRaw: raw).targets)
  }

  public func at(progress: Double) -> Self { self }

  /// The most raw tokens whose example fits, at least 1.
  func longestRaw(forSequenceLength length: Int, _ layout: BatchLayout) -> Int {
    func fits(_ raw: Int) -> Bool {
      let lengths = lengths(ofRaw: raw)
      switch layout {
      case .encoderDecoder: return lengths.inputs <= length
      // A start token stands before, the last target is not read.
      case .decoder, .prefixDecoder: return lengths.total <= length
      case .encoder: return lengths.inputs + 1 <= length
      }
    }
    var raw = 1
    while fits(raw + 1) { raw += 1 }
    return raw
  }

  public static var lossIsLogProbability: Bool { true }
  public static var examplesAreWholeTexts: Bool { false }

  /// Its loss of a model.
  /// - Throws: `.usage` saying what does not fit: the layout, or what `bind` needs.
  public func loss(of backbone: any Backbone) throws(GraftError) -> BatchLoss {
    guard !Self.layouts.contains(backbone.layout) else { return try bind(to: backbone) }
    let needed = Self.layouts.map(\.rawValue).sorted().joined(separator: " or ")
    throw GraftError(
      .usage, "\(Self.identifier) needs the layout \(needed), not \(backbone.layout.rawValue)",
      hint: "`graft list backbones` shows the layout of every preset.")
  }

  public func example(from tokens: [TokenID], other: () -> [TokenID], key: RandomKey) -> TokenExample? {
    example(from: tokens, key: key)
  }

  public func bind(to backbone: any Backbone) throws(GraftError) -> BatchLoss {
    guard let model = backbone.predictor else {
      throw GraftError(
        .usage,
        "\(Self.identifier) cannot train a model of the \(backbone.configuration.family) family as it is",
        hint: "it needs a model that predicts tokens; `graft list backbones` shows the presets.")
    }
    return { batch, scale, state, recomputing, tape in
      model.loss(batch, scale: scale, following: state, recomputing: recomputing, on: tape)
    }
  }
}

/// The objectives by the names that people type.
public enum Objectives {
  /// Those that Graft comes with, and those that were added.
  public static var registry: Registry<any PretrainingObjective.Type> { open.registry }

  /// Adds objectives from elsewhere, before anything else is done.
  /// - Throws: `.usage` for a name that is taken.
  public static func add(_ objectives: [any PretrainingObjective.Type]) throws(GraftError) {
    try open.add(objectives.map(entry))
  }

  private static let open = OpenRegistry<any PretrainingObjective.Type>(
    Registry(
      kind: "objective", listCommand: "graft list objectives",
      [
        entry(BERTStyle.self),
        entry(CausalLanguageModeling.self),
        entry(Deshuffling.self),
        entry(DropTokens.self),
        entry(HybridLanguageModeling.self),
        entry(MaskedLanguageModeling.self),
        entry(MaskedLanguageModelingWithNextSentence.self),
        entry(MASSStyle.self),
        entry(PrefixLanguageModeling.self),
        entry(ReplaceSpans.self),
        entry(ReplacedTokenDetection.self),
        entry(SpanCorruption.self),
      ]))

  private static func entry(_ objective: any PretrainingObjective.Type)
    -> (name: String, summary: String, plugin: any PretrainingObjective.Type)
  { (objective.identifier, objective.summary, objective) }

  /// Builds the objective `name` with `given` parameters, the rest at their defaults.
  /// - Throws: `.usage` for an unknown objective or parameter, a value out of range, or a vocabulary that
  ///   lacks what the objective needs.
  public static func make(_ name: String, _ given: [String: Double] = [:], vocabulary: Vocabulary)
    throws(GraftError) -> any PretrainingObjective
  {
    let type = try registry(name)
    for key in given.keys.sorted() where !type.parameters.contains(where: { $0.name == key }) {
      throw .unknownName("parameter of '\(name)'", key, known: type.parameters.map(\.name))
    }
    var values: [String: Double] = [:]
    for parameter in type.parameters {
      let value = given[parameter.name] ?? parameter.defaultValue
      guard parameter.range.contains(value) else {
        let range = "\(parameter.range.lowerBound) … \(parameter.range.upperBound)"
        throw GraftError(.usage, "'\(parameter.name)' is \(value)", hint: "\(name) allows \(range).")
      }
      values[parameter.name] = value
    }
    return try type.init(values, vocabulary: vocabulary)
  }
}
