import Randomness
import Support

/// Contractions written out, or written as one word, in every text: `isn't` and `is not`. The label stays.
///
/// Written out are those of *not* and those that can stand for one thing only; `'s` and `'d` cannot, but `it's`
/// before a determiner or *not* is `it is`. Also the form `is n't` of tokenised text is known.
struct Contractions: StressTransform {
  var expands: Bool

  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase, .pair, .sentence] }

  /// The contraction and what it stands for, in lower case.
  static let pairs: [(short: String, long: String)] = [
    ("aren't", "are not"), ("can't", "cannot"), ("couldn't", "could not"), ("didn't", "did not"),
    ("doesn't", "does not"), ("don't", "do not"), ("hadn't", "had not"), ("hasn't", "has not"),
    ("haven't", "have not"), ("isn't", "is not"), ("shouldn't", "should not"), ("wasn't", "was not"),
    ("weren't", "were not"), ("won't", "will not"), ("wouldn't", "would not"), ("i'm", "I am"),
    ("you're", "you are"),
    ("we're", "we are"), ("they're", "they are"), ("i've", "I have"), ("you've", "you have"),
    ("we've", "we have"),
    ("they've", "they have"), ("i'll", "I will"), ("you'll", "you will"), ("he'll", "he will"),
    ("she'll", "she will"), ("it'll", "it will"), ("we'll", "we will"), ("they'll", "they will"),
  ]

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    var changed: [TextRole: String] = [:]
    for role in input.shape.roles {
      let text = expands ? Self.expanded(input[role]) : Self.contracted(input[role])
      if !text.isExactly(input[role]) { changed[role] = text }
    }
    guard !changed.isEmpty else {
      return .notApplicable(
        expands ? "no contraction that can be written out" : "nothing that can be contracted")
    }
    return .changed(changed, .labelPreserved)
  }

  static func expanded(_ text: String) -> String {
    // Tokenised: `is n't`, `ca n't`.
    var text = text
    for (from, to) in [(" ca n't ", " cannot "), (" wo n't ", " will not "), (" n't ", " not ")] {
      text = text.replacing(from, with: to)
    }
    var words = WordText(text)
    for index in words.words {
      let word = words.pieces[index].text
      let plain = word.lowercased().replacing("’", with: "'")
      var long = pairs.first { $0.short == plain }?.long
      if ["it's", "that's", "he's", "she's"].contains(plain),
        let next = words.word(after: index)?.lowercased(),
        FunctionWords.articles.contains(next) || next == "not"
      {
        long = plain.dropLast(2) + " is"
      }
      if let long {
        words.pieces[index].text = word.first?.isUppercase == true ? long.capitalizedStart : long
      }
    }
    return words.text
  }

  static func contracted(_ text: String) -> String {
    var words = WordText(text)
    var index = 0
    while index < words.pieces.count {
      let word = words.pieces[index].text
      if word.lowercased() == "cannot" {
        words.pieces[index].text = word.first == "C" ? "Can't" : "can't"
      } else if let next = words.word(after: index),
        let pair = pairs.first(where: { $0.long.lowercased() == "\(word) \(next)".lowercased() }),
        // `I have a dog` and `They have not`: a full verb, or another contraction, is left alone.
        next.lowercased() != "have" || followsParticiple(words, index + 2), isInside(words, index + 2)
      {
        words.pieces[index].text = word.first?.isUppercase == true ? pair.short.capitalizedStart : pair.short
        words.pieces.removeSubrange(index + 1...index + 2)
      }
      index += 1
    }
    return words.text
  }

  /// Whether a word comes after that place: `Yes, they are.` has no contraction.
  private static func isInside(_ words: WordText, _ index: Int) -> Bool { words.word(after: index) != nil }

  private static func followsParticiple(_ words: WordText, _ index: Int) -> Bool {
    words.word(after: index).map { $0 == "been" || $0.hasSuffix("ed") } ?? false
  }
}
