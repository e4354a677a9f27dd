import Randomness
import Support

/// One word of the premise is replaced by another in the hypothesis, which is otherwise the premise, in the manner of
/// Breaking NLI (Glockner, Shwartz and Goldberg 2018); with antonyms the antonym test of Naik et al. 2018. What the
/// relation of the words makes of the pair:
///
/// | relation | the pair is |
/// |---|---|
/// | synonym, hypernym | an entailment |
/// | hyponym | neutral |
/// | antonym, co-hyponym | a contradiction |
///
/// In tasks on one text only synonyms are replaced, in place, and the label stays.
///
/// A word is replaced where its part of speech shows: a noun after a determiner that is not part of a compound, an
/// adjective after a determiner, a form of *be* or an intensifier. Both words are taken in their most frequent sense.
/// The new word must have been seen in training and must not be in the text. Where the text has a negation, a
/// quantifier or a condition, only synonyms are replaced.
///
/// Naik et al. tell senses apart by the Lesk algorithm and take sentences of premises and hypotheses; here it is the
/// first sense and premises.
struct LexicalSubstitution: StressTransform {
  var relation: WordNet.Relation
  /// Of Breaking NLI, for sets that are to be reported by these.
  var category: String?

  var fits: Set<TaskShape.Kind> { relation == .synonym ? [.inference, .sentence] : [.inference] }
  var needsWordNet: Bool { true }

  func callAsFunction(
    _ input: StressInput, _ resources: StressResources, at key: RandomKey
  ) throws(GraftError) -> StressOutcome {
    let text = WordText(input[input.shape.roles[0]])
    if relation != .synonym, !FunctionWords.isUpward(text.lowercasedWords) {
      return .notApplicable("the text has a negation, quantifier or condition")
    }
    let (replacements, hasWord) = try replacements(in: text, resources)
    guard !replacements.isEmpty else {
      return .notApplicable(
        hasWord
          ? "no \(relation.rawValue) that occurs in training" : "no word with a known \(relation.rawValue)")
    }
    var generator = key.generator()
    let (index, words) = replacements[generator.below(replacements.count)]
    let changed = text.replacing(index, with: words[generator.below(words.count)])
    guard let labels = input.shape.labels else { return .changed([input.judged: changed], .labelPreserved) }
    return .changed([.hypothesis: changed], .labelBecomes(labels[made]))
  }

  /// What a premise says of itself with the other word.
  private var made: InferenceLabels.Relation {
    switch relation {
    case .synonym, .hypernym: .entailment
    case .hyponym: .neutral
    case .antonym, .coHyponym: .contradiction
    }
  }

  func exchanges(
    of premise: String, _ resources: StressResources
  ) throws(GraftError) -> [InferenceLabels.Relation: [String]] {
    let text = WordText(premise)
    guard relation == .synonym || FunctionWords.isUpward(text.lowercasedWords) else { return [:] }
    let texts = try replacements(in: text, resources).replacements.flatMap { index, words in
      words.map { text.replacing(index, with: $0) }
    }
    return texts.isEmpty ? [:] : [made: texts]
  }

  private func replacements(
    in text: WordText, _ resources: StressResources
  ) throws(GraftError) -> (replacements: [(index: Int, words: [String])], hasWord: Bool) {
    guard let wordNet = resources.wordNet else {
      throw GraftError(
        .usage, "replacing words needs the WordNet database", hint: "give it with `wordnet:` DIR.")
    }
    let present = Set(text.lowercasedWords.map { ByteString($0) })
    var replacements: [(index: Int, words: [String])] = []
    var hasWord = false
    for index in text.words {
      guard let (lemma, part, isPlural) = try slot(index, text, wordNet) else { continue }
      let related = try wordNet.words(relation, of: lemma, part).filter { word in
        // `masses` and `contents` are no singular.
        relation == .antonym || isPlural || !word.hasSuffix("s") || word.hasSuffix("ss")
      }
      if !related.isEmpty { hasWord = true }
      let words = related.map { isPlural ? wordNet.plural($0) : $0 }.filter {
        !present.contains(ByteString($0)) && resources.vocabulary?.contains($0) ?? true
      }
      if !words.isEmpty { replacements.append((index, words)) }
    }
    return (replacements, hasWord)
  }

  /// The base form of a word whose part of speech is plain from what stands around it.
  private func slot(
    _ index: Int, _ text: WordText, _ wordNet: WordNet
  ) throws(GraftError) -> (lemma: String, part: WordNet.PartOfSpeech, isPlural: Bool)? {
    let word = text.pieces[index].text
    let lower = word.lowercased()
    guard word.count >= 3, word.allSatisfy({ $0.isASCII && $0.isLetter }),
      word == lower || text.isFirstWord(index),
      !FunctionWords.all.contains(lower), let before = text.word(before: index)?.lowercased()
    else { return nil }
    let next = text.word(after: index)?.lowercased()
    if FunctionWords.determiners.contains(before), try endsNounPhrase(next, wordNet),
      let noun = try wordNet.baseForm(lower, .noun), try wordNet.isMostly(.noun, noun)
    {
      return (noun, .noun, noun != lower)
    }
    if FunctionWords.determiners.contains(before) || FunctionWords.be.contains(before)
      || ["very", "really", "so", "quite"].contains(before),
      try !wordNet.senses(lower, .adjective).isEmpty, try wordNet.isMostly(.adjective, lower)
    {
      return (lower, .adjective, false)
    }
    return nil
  }

  /// Whether the word after a noun does not make it the first part of a compound, as in `a baseball game`.
  private func endsNounPhrase(_ next: String?, _ wordNet: WordNet) throws(GraftError) -> Bool {
    guard let next, !FunctionWords.all.contains(next) else { return true }
    if next.hasSuffix("ing") || next.hasSuffix("ed") || next.hasSuffix("ly") { return true }
    guard let verb = next.hasSuffix("s") ? String(next.dropLast()) : nil else { return false }
    return try wordNet.isMostly(.verb, verb)
  }
}
