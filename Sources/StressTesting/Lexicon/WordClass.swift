import Support

/// Words of one closed class, such as colours, and what they are to each other: a category of Breaking NLI (Glockner,
/// Shwartz and Goldberg 2018).
struct WordClass: Sendable {
  /// Where words of the class are looked for, so that they are what they seem.
  enum Place: Sendable {
    /// Before a noun, or after a form of *be*: `a red car`, `the car is red`.
    case modifier
    /// At the end of a noun phrase, in the singular or the plural: `a kitchen`, not `a kitchen sink`.
    case noun
    /// At the end of a noun phrase that is not counted: `some beer`.
    case mass
    /// With a capital letter, where no other name stands in the text.
    case name
    /// With a capital letter, before a noun or at the end of a noun phrase.
    case capitalizedModifier
    /// Anywhere, in this form.
    case anywhere
  }

  /// As Breaking NLI calls it.
  let category: String
  let place: Place
  /// Words of one group mean the same. Words of different groups exclude each other.
  let groups: [[String]]
  /// More general words, which every word of the class entails; none of them need follow from the other.
  var general: [String] = []
  /// Words of which nothing follows, as one may be a kind of the other: `tea` and `iced tea`.
  var related: [[String]] = []
  /// Words that make another thing of one of the class if they stand after it: `coffee table`.
  var notBefore: Set<String> = []
  /// Words exclude each other only within one of these lists of groups, by index; nil if all do.
  var isPaired = false
  /// Whether words of one group are put for each other.
  var exchangesSame = true
  /// Whether words of different groups exclude each other at all.
  var excludes = true

  /// What a word is to others of the class.
  func related(to word: String) -> (same: [String], excluded: [String], more: [String]) {
    guard let own = groups.firstIndex(where: { $0.contains(word) }) else { return ([], [], []) }
    let near = Set(related.filter { $0.contains(word) }.joined())
    let others =
      !excludes
      ? []
      : isPaired ? [own % 2 == 0 ? own + 1 : own - 1] : groups.indices.filter { $0 != own }
    return (
      exchangesSame ? groups[own].filter { $0 != word } : [],
      others.filter { groups.indices.contains($0) }.flatMap { groups[$0] }.filter { !near.contains($0) },
      general.filter { !near.contains($0) }
    )
  }

  var words: [String] { groups.flatMap { $0 } }
}

/// The plural of an English noun by the rules of spelling, of several words that of the last; few of the lists of word
/// classes have another.
func regularPlural(_ noun: String) -> String {
  if ["tomato", "potato"].contains(where: noun.hasSuffix) { return noun + "es" }
  if ["s", "x", "z", "ch", "sh"].contains(where: noun.hasSuffix) { return noun + "es" }
  if noun.hasSuffix("y"), let before = noun.dropLast().last, !"aeiou".contains(before) {
    return noun.dropLast() + "ies"
  }
  return noun + "s"
}
