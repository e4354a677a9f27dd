import Randomness
import Support

/// An adjective of the premise becomes one that is about something else: a big dog may be young, and need not be. The
/// pair is neutral. Beside synonyms and antonyms of the same adjectives it makes sets in which every word stands in
/// hypotheses of every label, so that a hypothesis alone gives nothing away.
struct OtherAttribute: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference] }
  var choosesWords: Bool { true }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    guard let labels = input.shape.labels else { return .notApplicable("no task of inference") }
    let text = WordText(input[.premise])
    guard FunctionWords.isUpward(text.lowercasedWords) else {
      return .notApplicable("the text has a negation, quantifier or condition")
    }
    let slots = slots(in: text, resources.vocabulary)
    guard !slots.isEmpty else { return .notApplicable("no adjective of the lists") }
    var generator = key.generator()
    let slot = slots[generator.below(slots.count)]
    let changed = text.replacing(slot.index, with: slot.words[generator.below(slot.words.count)])
    return .changed([.hypothesis: changed], .labelBecomes(labels.neutral))
  }

  func exchanges(of premise: String, _ resources: StressResources) -> [InferenceLabels.Relation: [String]] {
    let text = WordText(premise)
    guard FunctionWords.isUpward(text.lowercasedWords) else { return [:] }
    let made = slots(in: text, resources.vocabulary).flatMap { slot in
      slot.words.map { text.replacing(slot.index, with: $0) }
    }
    return made.isEmpty ? [:] : [.neutral: made]
  }

  private func slots(in text: WordText, _ vocabulary: TrainingVocabulary?) -> [(index: Int, words: [String])] {
    let present = Set(text.lowercasedWords)
    // Of the scales a text is on already, something may follow.
    let used = Set(present.compactMap(AttributeWords.scale))
    var slots: [(index: Int, words: [String])] = []
    for index in text.words {
      let word = text.pieces[index].text.lowercased()
      guard let scale = AttributeWords.scale(of: word), let noun = text.word(after: index)?.lowercased(),
        !FunctionWords.all.contains(noun), AttributeWords.scales[scale].bearers.allows(noun)
      else { continue }
      let isPerson = WordClasses.persons.contains(noun)
      let words = AttributeWords.scales.indices.filter { !used.contains($0) }.flatMap { other -> [String] in
        let scale = AttributeWords.scales[other]
        guard scale.bearers == (isPerson ? .persons : .things) else { return [] }
        return scale.low + scale.high
      }.filter { vocabulary?.contains($0) ?? true }
      if !words.isEmpty { slots.append((index, words)) }
    }
    return slots
  }
}
