/// Closed classes of English words, in lower case.
enum FunctionWords {
  static let articles: Set<String> = ["a", "an", "the"]
  static let possessives: Set<String> = ["his", "her", "their", "its", "our", "my", "your"]
  static let demonstratives: Set<String> = ["this", "that", "these", "those"]
  static let numerals: Set<String> = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
  ]
  static let determiners = articles.union(possessives).union(demonstratives).union(numerals).union([
    "some", "another", "several", "many",
  ])
  static let prepositions: Set<String> = [
    "about", "above", "across", "after", "against", "along", "among", "around", "as", "at", "before",
    "behind", "below",
    "beside", "between", "beyond", "by", "down", "during", "for", "from", "in", "inside", "into", "near",
    "of", "off",
    "on", "onto", "out", "outside", "over", "past", "through", "to", "toward", "towards", "under", "until",
    "up",
    "upon", "while", "with", "within", "without",
  ]
  static let conjunctions: Set<String> = [
    "and", "or", "but", "if", "because", "although", "though", "since", "unless", "whereas", "when", "where",
    "which",
    "who", "whom", "whose", "that", "than", "so", "yet", "nor",
  ]
  static let be: Set<String> = ["is", "are", "was", "were", "am", "be", "been", "being"]
  static let auxiliaries = be.union([
    "has", "have", "had", "do", "does", "did", "will", "would", "can", "could", "shall", "should", "may",
    "might",
    "must",
  ])
  static let pronouns: Set<String> = [
    "he", "she", "it", "they", "we", "i", "you", "him", "them", "us", "me", "himself", "herself", "itself",
    "themselves", "someone", "somebody", "something", "everyone", "everybody", "everything", "there", "here",
  ]
  /// Under these a more general word does not follow from a more special one, or other words do not exclude each
  /// other.
  static let notUpward: Set<String> = [
    "no", "not", "none", "nobody", "nothing", "nowhere", "never", "neither", "nor", "without", "cannot",
    "hardly",
    "barely", "scarcely", "rarely", "seldom", "few", "fewer", "little", "less", "least", "most", "more",
    "every",
    "everyone", "everybody", "everything", "each", "all", "any", "anyone", "anybody", "anything", "if",
    "unless",
    "only", "whether", "or", "than", "before", "until", "exactly", "both", "either", "doubt", "refuse",
    "refuses",
    "fail", "fails", "lack", "lacks", "avoid", "avoids", "other", "different", "same",
  ]

  static let all = determiners.union(prepositions).union(conjunctions).union(auxiliaries).union(pronouns)

  /// Whether no words are in the scope of a negation, a quantifier or a condition, as far as can be seen. `Little` is a
  /// quantifier unless a determiner stands before it: `a little dog`.
  static func isUpward(_ words: [String]) -> Bool {
    !words.indices.contains { index in
      let word = words[index]
      if word == "little", index > 0, determiners.contains(words[index - 1]) { return false }
      return notUpward.contains(word) || word.hasSuffix("n't") || word.hasSuffix("n’t") || word == "n't"
    }
      && !zip(words, words.dropFirst()).contains { $0 == "n" && $1 == "t" }
  }
}
