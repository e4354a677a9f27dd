import Randomness
import Support

/// How much is generated, and how.
public struct MicroworldOptions: Sendable, Hashable {
  /// Another seed makes another world of the same kind.
  public var seed: UInt64
  /// The share of NLI hypotheses whose marker goes with the label, 0…1. At 0 markers tell nothing.
  public var artifactStrength: Double
  /// The least size of the corpus in bytes; it ends with the document that reaches it.
  public var corpusBytes: Int
  /// Examples of each task.
  public var trainingExamples: Int
  /// Examples of each task to choose a model by; words are those of the whole lexicon.
  public var validationExamples: Int
  /// Examples of each task, and of the stress suite, to judge a model by.
  public var testExamples: Int

  /// 1.5 MB of corpus and some thousand examples of each task by default; `Microworld.init` checks the
  /// values.
  public init(
    seed: UInt64 = 1, artifactStrength: Double = 0.9, corpusBytes: Int = 1_500_000,
    trainingExamples: Int = 4000, validationExamples: Int = 500, testExamples: Int = 1000
  ) {
    self.seed = seed
    self.artifactStrength = artifactStrength
    self.corpusBytes = corpusBytes
    self.trainingExamples = trainingExamples
    self.validationExamples = validationExamples
    self.testExamples = testExamples
  }

  func examples(in split: Split) -> Int {
    switch split {
    case .train: trainingExamples
    case .validation: validationExamples
    case .test: testExamples
    }
  }

  func validate() throws(GraftError) {
    guard (0...1).contains(artifactStrength) else {
      throw GraftError(
        .usage, "the artifact strength is \(artifactStrength); it must lie between 0 and 1",
        hint: "it is the share of hypotheses whose first word gives the label away.")
    }
    let sizes = [corpusBytes, trainingExamples, validationExamples, testExamples]
    guard sizes.allSatisfy({ $0 >= 0 }) else {
      throw GraftError(.usage, "a microworld cannot have \(sizes.min() ?? 0) bytes or examples")
    }
  }
}

/// A generated little world of people, animals and things: a corpus of true prose about it, and tasks whose
/// labels are exact. Every document and example is a pure function of (seed, index).
///
/// The corpus says what words mean, by restating, denying, asking and answering, defining and translating.
/// The training splits of the tasks do without a good third of the content words; their tests use all. So a
/// model that has read the corpus knows words that one trained on the task alone has never seen.
public struct Microworld: Sendable {
  /// What the world was made from.
  public let options: MicroworldOptions
  private let key: RandomKey

  /// - Throws: `.usage` for a strength outside 0…1 or a negative size.
  public init(_ options: MicroworldOptions = MicroworldOptions()) throws(GraftError) {
    try options.validate()
    self.options = options
    key = RandomKey(seed: options.seed).folded("microworld")
  }

  /// A document of the corpus: paragraphs of lines, no blank line inside.
  public func document(_ index: Int) -> String { Document(key: key, index: index).text }

  /// The `index`-th example of a split, a pure function of seed and index.
  public func sentiment(_ split: Split, _ index: Int) -> SentimentExample {
    SentimentExample(key: key, split: split, index: index)
  }

  /// The `index`-th example of a split, a pure function of seed and index.
  public func acceptability(_ split: Split, _ index: Int) -> AcceptabilityExample {
    AcceptabilityExample(key: key, split: split, index: index)
  }

  /// The `index`-th pair of a split, a pure function of seed and index; of its marker the strength decides, too.
  public func inference(_ split: Split, _ index: Int) -> InferencePair {
    InferencePair(
      key: key, split: split, index: index, strength: options.artifactStrength, isStressTwin: false)
  }

  /// The stress twin of test pair `index`: the same premise, statement and label, the marker drawn against
  /// the label. At strength 0 its markers, like the test's, tell nothing.
  public func stressedInference(_ index: Int) -> InferencePair {
    InferencePair(
      key: key, split: .test, index: index, strength: options.artifactStrength, isStressTwin: true)
  }

  /// The `index`-th pair of a split, a pure function of seed and index.
  public func translation(_ split: Split, _ index: Int) -> TranslationPair {
    TranslationPair(key: key, split: split, index: index)
  }

  /// The words that no training split contains.
  public static var heldOutWords: Set<String> { Lexicon.shared.heldOutWords }
}
