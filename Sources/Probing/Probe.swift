import Randomness
import Records
import Scoring
import Support
import TaskRegistry

/// A question about a data set that can be answered without a model: does a part of the input give the label away,
/// which words do, is the test in the training data?
///
/// A probe is one file and one line in `Probes.registry`. Its report says what was found in numbers with intervals, for
/// programs, and in tables, for people.
public protocol Probe: Sendable {
  /// As in the table of probes, kebab-case.
  static var identifier: String { get }

  /// What `report(on:)` returns, to read it back from JSON.
  static var reportType: any (ProbeReport & Decodable).Type { get }

  /// Every probe can be made from its name alone; what can be chosen is in `ProbeOptions`.
  init()

  /// - Throws: `.usage` or `.badData` where the task cannot be probed in this way.
  func report(on input: ProbeInput) throws(GraftError) -> any ProbeReport
}

/// What a probe found. Encoded, it stands under the probe's name in the JSON that `graft probe` writes; keys that have
/// once been published stay.
public protocol ProbeReport: Encodable, Sendable {
  /// What was found, for people.
  var tables: [ProbeTable] { get }
  /// Pictures of what was found; none unless a probe has some.
  var plots: [ProbePlot] { get }
  /// Subsets of splits that a model can be trained on, or scores split by; not part of the encoded report.
  var subsets: [ExampleSubsets] { get }
}

extension ProbeReport {
  public var plots: [ProbePlot] { [] }
  public var subsets: [ExampleSubsets] { [] }
}

/// How probes are run.
public struct ProbeOptions: Sendable, Hashable {
  /// Determines every random choice.
  public var key = RandomKey(seed: 0)
  /// How many models a probe trains where the order of the examples makes a difference.
  public var seeds = 5
  /// Parts of a split for cross-fitting.
  public var folds = 5
  /// Words shown for each class.
  public var top = 10
  /// The level of significance, before it is divided by the number of tests.
  public var level = 0.01
  /// How bootstrap intervals over examples are drawn.
  public var bootstrap = BootstrapOptions()
  /// Files of pretraining text that the evaluation splits are looked for in.
  public var corpus: [String] = []
  /// Length in words of the n-grams of `overlap`.
  public var overlapLength = 13
  /// A model's answers by split, by which scores are broken down; those of several seeds one after another.
  public var answers: [String: [AnsweredSplit]] = [:]

  /// Five seeds and five folds, no corpus and no model's answers.
  public init() {}
}

/// What a model answered to a split.
public struct AnsweredSplit: Sendable, Hashable {
  /// Of the model, such as `seed-1`.
  public var name: String
  /// By the example's identifier.
  public var predictions: [String: Prediction]

  /// - Parameters:
  ///   - name: what errors call the model.
  ///   - predictions: an answer to every example of the split.
  public init(name: String, predictions: [String: Prediction]) {
    self.name = name
    self.predictions = predictions
  }
}

/// The probes by name.
public enum Probes {
  /// What `graft probe` runs: those that Graft comes with, and those that were added.
  public static var registry: Registry<any Probe.Type> { open.registry }

  /// Adds probes from elsewhere, before anything else is done.
  /// - Parameter probes: each with what `graft list probes` says of it.
  /// - Throws: `.usage` for a name that is taken.
  public static func add(_ probes: [(probe: any Probe.Type, summary: String)]) throws(GraftError) {
    try open.add(probes.map { ($0.probe.identifier, $0.summary, $0.probe) })
  }

  /// A further probe of Graft's own is one line here.
  private static let open = OpenRegistry(builtin)

  private static let builtin = Registry<any Probe.Type>(
    kind: "probe", listCommand: "graft list probes",
    [
      (
        "cue-words", "words that go with a label: PMI, competency z, productivity and coverage",
        CueWordsProbe.self
      ),
      ("hard-subset", "examples that models of a part of the input get wrong", HardSubsetProbe.self),
      (
        "label-information", "bits a part of the input tells about the label, by online coding",
        LabelInformationProbe.self
      ),
      ("overlap", "evaluation examples that occur in the training data or a corpus", OverlapProbe.self),
      ("partial-input", "accuracy with a part of the input alone", PartialInputProbe.self),
      (
        "surface", "length, overlap, negation and typos by class, and what each tells about the label",
        SurfaceProbe.self
      ),
    ])
}
