import Randomness
import Support

/// A name that occurs becomes another of its kind, everywhere in the example: first names of one gender, cities,
/// countries. The label stays. The names are those in the lists below; where a name is part of a longer one, the
/// example is left alone.
///
/// Places have relations that people know: Paris lies in France. A place is swapped only if it stands in every text
/// of the example, and nothing else there begins with a capital letter.
struct SwapName: StressTransform {
  var kinds: [[String]]
  var what: String
  var isKnown = false

  static let person = SwapName(
    kinds: [
      [
        "James", "John", "Robert", "Michael", "William", "David", "Thomas", "Daniel", "Matthew", "Anthony",
        "Steven",
        "Paul", "Andrew", "Kevin", "Brian", "George", "Edward", "Peter", "Henry", "Adam", "Tom", "Jim", "Bob",
        "Mike",
      ],
      [
        "Mary", "Patricia", "Jennifer", "Linda", "Elizabeth", "Barbara", "Susan", "Jessica", "Sarah", "Karen",
        "Nancy",
        "Lisa", "Margaret", "Sandra", "Emily", "Donna", "Michelle", "Laura", "Anna", "Helen", "Julia", "Jane",
        "Alice",
      ],
    ], what: "first name")

  static let location = SwapName(
    kinds: [
      [
        "London", "Paris", "Berlin", "Madrid", "Rome", "Vienna", "Moscow", "Tokyo", "Boston", "Chicago",
        "Dallas",
        "Denver", "Houston", "Seattle", "Toronto", "Sydney", "Athens", "Dublin", "Lisbon", "Prague",
      ],
      [
        "France", "Germany", "Spain", "Italy", "Austria", "Russia", "Japan", "Canada", "Australia", "Greece",
        "Ireland",
        "Portugal", "Mexico", "Brazil", "Egypt", "India", "Poland", "Sweden", "Norway", "Kenya",
      ],
    ], what: "city or country", isKnown: true)

  var fits: Set<TaskShape.Kind> { [.inference, .pair, .paraphrase, .sentence] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    let texts = input.shape.roles.map { ($0, WordText(input[$0])) }
    let words = texts.map { text in Set(text.1.pieces.filter(\.isWord).map { Self.bare($0.text) }) }
    let present = words.reduce(into: Set<String>()) { $0.formUnion($1) }
    var found: [(name: String, others: [String])] = []
    for names in kinds {
      for name in names where present.contains(name) {
        found.append((name, names.filter { !present.contains($0) }))
      }
    }
    guard !found.isEmpty else { return .notApplicable("no \(what) of the list") }
    let isPartOfName = texts.contains { _, text in
      text.words.contains { index in
        found.contains { $0.name == Self.bare(text.pieces[index].text) }
          && [text.word(before: index), text.word(after: index)].contains { isCapitalized($0) }
      }
    }
    if isPartOfName { return .notApplicable("the \(what) is part of a longer name") }
    if isKnown {
      guard words.allSatisfy({ $0.contains(found[0].name) }) else {
        return .notApplicable("the \(what) is not in every text")
      }
      let isAlone = texts.allSatisfy { _, text in
        text.words.allSatisfy { index in
          text.isFirstWord(index) || Self.bare(text.pieces[index].text) == found[0].name
            || !isCapitalized(text.pieces[index].text)
        }
      }
      if !isAlone { return .notApplicable("another name may have to do with the \(what)") }
    }
    var generator = key.generator()
    let (name, others) = found[generator.below(found.count)]
    guard !others.isEmpty else { return .notApplicable("no other \(what) is left") }
    let other = others[generator.below(others.count)]
    var changed: [TextRole: String] = [:]
    for (role, text) in texts {
      var text = text
      for index in text.words {
        let word = text.pieces[index].text
        if word == name { text.pieces[index].text = other }
        for ending in ["'s", "’s"] where word == name + ending { text.pieces[index].text = other + ending }
      }
      if !text.text.isExactly(input[role]) { changed[role] = text.text }
    }
    return .changed(changed, .labelPreserved)
  }

  /// A word without the ending of the genitive.
  private static func bare(_ word: String) -> String {
    word.hasSuffix("'s") || word.hasSuffix("’s") ? String(word.dropLast(2)) : word
  }

  /// Whether a word begins with a capital letter for another reason than to begin a sentence.
  private func isCapitalized(_ word: String?) -> Bool {
    guard let word, word.first?.isUppercase == true, word != "I" else { return false }
    return !FunctionWords.all.contains(word.lowercased())
  }
}
