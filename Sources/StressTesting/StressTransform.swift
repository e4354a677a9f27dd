import Randomness
import Support

/// What the right answer to a changed example is.
public enum StressExpectation: Sendable, Hashable {
  /// The label the example had.
  case labelPreserved
  /// Another label of the task.
  case labelBecomes(String)
  /// Any of these, where the change says less than one label: an entailment that is turned round is no contradiction.
  case labelIn([String])
}

/// What a transform made of an example.
public enum StressOutcome: Sendable, Hashable {
  /// The texts that are other than they were, and what is to be answered now.
  case changed([TextRole: String], StressExpectation)
  /// Why it does not apply, in one phrase.
  case notApplicable(String)
}

/// What transforms look things up in.
public struct StressResources: Sendable {
  /// nil where no transform asks for it.
  public var wordNet: WordNet?
  /// Words that the model saw in training; nil for no filter.
  public var vocabulary: TrainingVocabulary?

  /// Resources; a transform that needs WordNet throws where there is none.
  public init(wordNet: WordNet? = nil, vocabulary: TrainingVocabulary? = nil) {
    self.wordNet = wordNet
    self.vocabulary = vocabulary
  }
}

/// Makes another example out of one whose answer is known, such that its answer is known, too.
///
/// A transform changes the texts of an example before they are filled into the task's template. It is a pure function
/// of the example and the key.
public protocol StressTransform: Sendable {
  /// The kinds of task whose labels it can speak of.
  var fits: Set<TaskShape.Kind> { get }
  /// Whether it reads the WordNet database.
  var needsWordNet: Bool { get }
  /// Whether it chooses words of a list, among which those that training has are wanted.
  var choosesWords: Bool { get }
  /// The category of Breaking NLI whose examples it makes; nil for other transforms. Results are shown by it.
  var category: String? { get }
  /// - Throws: what reading the resources throws; a text that cannot be changed is no error.
  func callAsFunction(
    _ input: StressInput, _ resources: StressResources, at key: RandomKey
  ) throws(GraftError) -> StressOutcome
  /// Every text that one changed word makes of a premise, by what the premise says of it. Of these, sets are made that
  /// are balanced by construction (`TextCube`); none where something else is changed.
  func exchanges(
    of premise: String, _ resources: StressResources
  ) throws(GraftError) -> [InferenceLabels.Relation: [String]]
}

extension StressTransform {
  public var needsWordNet: Bool { false }
  public var category: String? { nil }
  public var choosesWords: Bool { category != nil }
  public func exchanges(
    of premise: String, _ resources: StressResources
  ) throws(GraftError) -> [InferenceLabels.Relation: [String]] { [:] }
}

/// The transforms there are.
public enum StressTransforms {
  /// The six stress tests of Naik et al. 2018.
  public static let naik = [
    "antonym", "numerical", "word-overlap", "negation", "length-mismatch", "spelling",
  ]

  /// The fourteen categories of Breaking NLI (Glockner, Shwartz and Goldberg 2018).
  public static let breakingNLI = [
    "antonyms", "antonyms-wordnet", "cardinals", "colors", "countries", "drinks", "instruments", "materials",
    "nationalities", "ordinals", "planets", "rooms", "synonyms", "vegetables",
  ]
  /// What changes words so that every label comes of it: together they make a balanced set.
  public static let lexical = ["antonyms", "other-attribute", "synonyms"]

  /// What `graft stress` can apply: those that Graft comes with, and those that were added.
  public static var registry: Registry<any StressTransform> { open.registry }

  /// Adds transforms from elsewhere, before anything else is done.
  /// - Throws: `.usage` for a name that is taken.
  public static func add(_ transforms: [Registry<any StressTransform>.Entry]) throws(GraftError) {
    try open.add(transforms)
  }

  /// A further transform of Graft's own is one line here.
  private static let open = OpenRegistry(builtin)

  private static let builtin = Registry<any StressTransform>(
    kind: "transform", listCommand: "graft list transforms",
    [
      (
        "antonym", "a word of the premise becomes its antonym: a contradiction (WordNet)",
        LexicalSubstitution(relation: .antonym)
      ),
      (
        "antonyms", "a word of a list becomes its opposite: a contradiction",
        WordClassSubstitution(words: WordClasses.antonyms)
      ),
      (
        "antonyms-wordnet", "as 'antonym', as a category of Breaking NLI (WordNet)",
        LexicalSubstitution(relation: .antonym, category: "antonyms_wordnet")
      ),
      ("cardinals", "a number becomes another, or is written in the other way", Cardinals()),
      (
        "co-hyponym", "a word of the premise becomes another of the same kind: a contradiction (WordNet)",
        LexicalSubstitution(relation: .coHyponym)
      ),
      (
        "colors", "a colour becomes another: a contradiction",
        WordClassSubstitution(words: WordClasses.colors)
      ),
      ("contract", "'is not' becomes 'isn't' and so on; the label stays", Contractions(expands: false)),
      (
        "countries", "a country becomes another: a contradiction",
        WordClassSubstitution(words: WordClasses.countries)
      ),
      (
        "drinks", "a drink becomes another, or a beverage",
        WordClassSubstitution(words: WordClasses.drinks)
      ),
      (
        "expand-contractions", "'isn't' becomes 'is not' and so on; the label stays",
        Contractions(expands: true)
      ),
      (
        "hypernym", "a word of the premise becomes a more general one: an entailment (WordNet)",
        LexicalSubstitution(relation: .hypernym)
      ),
      (
        "hyponym", "a word of the premise becomes a more special one: neutral (WordNet)",
        LexicalSubstitution(relation: .hyponym)
      ),
      (
        "instruments", "a musical instrument becomes another, or an instrument",
        WordClassSubstitution(words: WordClasses.instruments)
      ),
      (
        "length-mismatch", "'and true is true' five times after the premise; the label stays",
        Tautology.lengthMismatch
      ),
      ("lowercase", "everything in lower case; the label stays", Casing(isUpper: false)),
      (
        "materials", "a material becomes another: a contradiction",
        WordClassSubstitution(words: WordClasses.materials)
      ),
      (
        "nationalities", "a nationality becomes another: a contradiction",
        WordClassSubstitution(words: WordClasses.nationalities)
      ),
      (
        "negate-hypothesis", "'not' after the hypothesis's only auxiliary verb; the label turns",
        NegateHypothesis()
      ),
      ("negation", "'and false is not true' after the hypothesis; the label stays", Tautology.negation),
      ("numerical", "a number of the premise changed, or 'more than', 'less than' it", Numerical()),
      (
        "ordinals", "an ordinal number becomes another: a contradiction",
        WordClassSubstitution(words: WordClasses.ordinals)
      ),
      ("other-attribute", "an adjective becomes one about something else: neutral", OtherAttribute()),
      ("paraphrase", "'It is the case that' before a sentence; the label stays", ParaphraseTemplate()),
      ("passive", "an active hypothesis in the passive voice; the label stays", PassiveVoice()),
      ("past-tense", "all sentences from the present to the past; the label stays", PastTense()),
      (
        "planets", "a planet becomes another: a contradiction",
        WordClassSubstitution(words: WordClasses.planets)
      ),
      ("punctuation", "the last full stop taken away, or added; the label stays", Punctuation()),
      ("rooms", "a room becomes another, or a room", WordClassSubstitution(words: WordClasses.rooms)),
      ("spelling", "a slip in one word of the hypothesis; the label stays", Spelling()),
      ("swap-location", "a place becomes another of its kind everywhere; the label stays", SwapName.location),
      (
        "swap-name", "a first name becomes another of its gender everywhere; the label stays", SwapName.person
      ),
      ("swap-pair", "the two texts exchanged; what may be answered then follows", SwapPair()),
      (
        "synonym", "a word becomes a synonym: an entailment, or the label stays (WordNet)",
        LexicalSubstitution(relation: .synonym)
      ),
      (
        "synonyms", "a word of a list becomes one that means the same: an entailment",
        WordClassSubstitution(words: WordClasses.synonyms)
      ),
      ("typo", "two neighbouring letters exchanged in every text; the label stays", Typo()),
      ("uppercase", "everything in upper case; the label stays", Casing(isUpper: true)),
      (
        "vegetables", "a vegetable becomes another, or a vegetable",
        WordClassSubstitution(words: WordClasses.vegetables)
      ),
      ("word-overlap", "'and true is true' after the hypothesis; the label stays", Tautology.wordOverlap),
    ])
}
