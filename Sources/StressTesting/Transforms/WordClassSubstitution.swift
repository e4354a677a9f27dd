import Randomness
import Support

/// A word of a closed class in the premise becomes another of the class in the hypothesis, which is otherwise the
/// premise: a category of Breaking NLI (Glockner, Shwartz and Goldberg 2018).
///
/// - Contradiction: a word that excludes the first. `A red car` and `A blue car`.
/// - Entailment: a word that means the same or is more general. `A piano`, `an instrument`.
/// - Neutral: a word of the class for a more general one. `An instrument`, `a piano`.
///
/// Which of them it is is drawn by the key among those that are possible. Words are replaced only where they are what
/// they seem (`WordClass.Place`) and where the text has no negation, quantifier or condition.
struct WordClassSubstitution: StressTransform {
  let words: WordClass
  /// What to look for, by the first word in lower case, the longest first.
  private let forms: [String: [Form]]

  private struct Form: Sendable {
    var word: String
    var parts: [String]
    var isPlural: Bool
  }

  private struct Occurrence {
    var word: String
    var range: ClosedRange<Int>
    var isPlural: Bool
  }

  init(words: WordClass) {
    self.words = words
    var forms: [String: [Form]] = [:]
    let different = (words.words + words.general).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for word in different {
      let texts = words.place == .noun ? [(word, false), (regularPlural(word), true)] : [(word, false)]
      for (text, isPlural) in texts {
        let parts = text.split(separator: " ").map(String.init)
        forms[parts[0].lowercased(), default: []].append(
          Form(word: word, parts: parts, isPlural: isPlural))
      }
    }
    self.forms = forms.mapValues { $0.sorted { $0.parts.count > $1.parts.count } }
  }

  var fits: Set<TaskShape.Kind> { [.inference] }
  var category: String? { words.category }

  /// A place in the text and what can stand there instead.
  private struct Slot {
    var range: ClosedRange<Int>
    var options: [InferenceLabels.Relation: [String]]
  }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    guard let labels = input.shape.labels else { return .notApplicable("no task of inference") }
    let text = WordText(input[.premise])
    guard FunctionWords.isUpward(text.lowercasedWords) else {
      return .notApplicable("the text has a negation, quantifier or condition")
    }
    let slots = slots(in: text, resources.vocabulary)
    guard !slots.isEmpty else { return .notApplicable("no word of the category \(words.category)") }
    var generator = key.generator()
    let slot = slots[generator.below(slots.count)]
    let relations = InferenceLabels.Relation.allCases.filter { slot.options[$0]?.isEmpty == false }
    let relation = relations[generator.below(relations.count)]
    let options = slot.options[relation] ?? []
    let changed = text.replacing(slot.range, with: options[generator.below(options.count)])
    return .changed([.hypothesis: changed], .labelBecomes(labels[relation]))
  }

  func exchanges(of premise: String, _ resources: StressResources) -> [InferenceLabels.Relation: [String]] {
    let text = WordText(premise)
    guard FunctionWords.isUpward(text.lowercasedWords) else { return [:] }
    return slots(in: text, resources.vocabulary).reduce(into: [:]) { made, slot in
      for (relation, words) in slot.options {
        made[relation, default: []] += words.map { text.replacing(slot.range, with: $0) }
      }
    }
  }

  private func slots(in text: WordText, _ vocabulary: TrainingVocabulary?) -> [Slot] {
    let present = Set(text.lowercasedWords)
    var found: [Occurrence] = []
    // The second word of `living room` is no word of its own.
    for index in text.words where index > found.last?.range.upperBound ?? -1 {
      if let occurrence = occurrence(at: index, text) { found.append(occurrence) }
    }
    // With two words of the class, `red and blue`, one says little of the other, in place or not.
    guard found.count == 1 || words.place == .anywhere else { return [] }
    return found.filter { isInPlace($0.range.lowerBound, $0.range.upperBound, text) }.compactMap { occurrence in
      func usable(_ list: [String]) -> [String] {
        list.filter { word in
          let parts = word.split(separator: " ").map(String.init)
          return !parts.allSatisfy { present.contains($0.lowercased()) }
            && parts.allSatisfy { vocabulary?.contains($0) ?? true }
        }.map { occurrence.isPlural ? regularPlural($0) : $0 }
      }
      var options: [InferenceLabels.Relation: [String]] = [:]
      if words.general.contains(occurrence.word) {
        options[.neutral] = usable(
          words.words.filter { word in
            !words.related.contains { $0.contains(word) && $0.contains(occurrence.word) }
          })
      } else {
        let other = words.related(to: occurrence.word)
        options[.entailment] = usable(other.same + other.more)
        options[.contradiction] = usable(other.excluded)
      }
      let slot = Slot(range: occurrence.range, options: options)
      return options.values.allSatisfy(\.isEmpty) ? nil : slot
    }
  }

  /// A word of the class that begins at a piece of the text, the longest if there are several.
  private func occurrence(at index: Int, _ text: WordText) -> Occurrence? {
    let isName = words.place == .name || words.place == .capitalizedModifier
    for form in forms[text.pieces[index].text.lowercased()] ?? [] {
      let parts = form.parts
      let end = index + 2 * (parts.count - 1)
      guard end < text.pieces.count else { continue }
      let matches = parts.indices.allSatisfy { part in
        let piece = text.pieces[index + 2 * part].text
        let isFirst = part == 0 && text.isFirstWord(index)
        let isAfterSpace = part == 0 || text.pieces[index + 2 * part - 1].text == " "
        return isAfterSpace
          && (piece == parts[part] || isFirst && !isName && piece.lowercased() == parts[part])
      }
      if matches { return Occurrence(word: form.word, range: index...end, isPlural: form.isPlural) }
    }
    return nil
  }

  private func isInPlace(_ start: Int, _ end: Int, _ text: WordText) -> Bool {
    let before = text.word(before: start)
    let next = text.word(after: end)
    if let next, words.notBefore.contains(next.lowercased()) { return false }
    let isFollowedByNoun = next.map { Self.isContent($0) } ?? false
    switch words.place {
    case .anywhere:
      if let next, let scale = AttributeWords.scale(of: text.pieces[start].text.lowercased()) {
        // What is said of people is not said of things in the same words: an old house is not elderly.
        return Self.isContent(next) && AttributeWords.scales[scale].bearers.allows(next.lowercased())
      }
      return AttributeWords.scale(of: text.pieces[start].text.lowercased()) == nil
    case .modifier:
      return isFollowedByNoun || before.map { FunctionWords.be.contains($0.lowercased()) } ?? false
    case .noun, .mass:
      return !isFollowedByNoun
    case .name:
      return Self.isOnlyName(start...end, text)
    case .capitalizedModifier:
      return (isFollowedByNoun || next == nil || FunctionWords.all.contains(next ?? ""))
        && Self.isOnlyName(start...end, text)
    }
  }

  /// Whether a word goes on with a noun phrase: in lower case, no function word, and in no form of a verb.
  private static func isContent(_ word: String) -> Bool {
    word == word.lowercased() && !FunctionWords.all.contains(word) && word.first?.isLetter == true
      && !["ing", "ed", "ly"].contains(where: word.hasSuffix)
  }

  /// Whether nothing else in the text has a capital letter but its first word.
  private static func isOnlyName(_ range: ClosedRange<Int>, _ text: WordText) -> Bool {
    text.words.allSatisfy { index in
      range.contains(index) || text.isFirstWord(index) || text.pieces[index].text.first?.isUppercase != true
        || text.pieces[index].text == "I"
    }
  }
}

extension WordText {
  /// The text with other words in a place of one or several, the article before it made to agree.
  func replacing(_ range: ClosedRange<Int>, with words: String) -> String {
    var copy = self
    copy.pieces.removeSubrange(range.lowerBound + 1..<range.upperBound + 1)
    return copy.replacing(range.lowerBound, with: words)
  }
}
