import Support

/// For a pair whose hypothesis repeats a part of the premise with something in place of a pronoun (WNLI): the premise
/// with stars around that pronoun, and what stands in its place. The pronoun is the one whose neighbours in the premise
/// are found in the hypothesis, too, as many of them as possible.
///
/// Worked example: `The cat ate the fish because it was hungry.` and `The fish was hungry.` give
/// `The cat ate the fish because *it* was hungry.` and `The fish`.
struct FindReferent: Preprocessor {
  let premise: String
  let hypothesis: String
  let marked: String
  let referent: String

  private static let pronouns: Set<ByteString> = [
    "he", "him", "his", "she", "her", "hers", "it", "its", "they", "them", "their", "theirs", "himself",
    "herself",
    "itself", "themselves",
  ]

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "find-referent needs to know its fields",
        hint:
          "write find-referent: {premise: sentence1, hypothesis: sentence2, marked: marked, referent: referent}."
      )
    }
    let record = try settings.record("find-referent", keys: ["premise", "hypothesis", "marked", "referent"])
    func needed(_ key: String) throws(GraftError) -> String {
      try YAMLValue.required(key, of: record, "find-referent", location: settings.location).string()
    }
    (premise, hypothesis) = (try needed("premise"), try needed("hypothesis"))
    (marked, referent) = (try needed("marked"), try needed("referent"))
  }

  var addedFields: [String] { [marked, referent] }

  func apply(to fields: inout [String: String], label: String) throws(GraftError) {
    let premise = try fields.value(premise)
    let premiseWords = premise.split(whereSeparator: \.isWhitespace)
    let hypothesisWords = try fields.value(hypothesis).split(whereSeparator: \.isWhitespace)
    let (left, right) = (premiseWords.map(Self.bare), hypothesisWords.map(Self.bare))
    var best: (shared: Int, pronoun: Int, referent: Range<Int>)?
    for pronoun in left.indices where Self.pronouns.contains(left[pronoun]) {
      let found = Self.replacement(of: pronoun, in: left, by: right)
      let shared = right.count - found.count
      if shared > best?.shared ?? -1 { best = (shared, pronoun, found) }
    }
    guard let best else {
      throw GraftError(.badData, "the premise '\(premise)' has no pronoun that could be resolved")
    }
    let word = premiseWords[best.pronoun]
    let pronoun = Self.trimmed(word)
    fields[marked] =
      premise[..<pronoun.startIndex] + "*\(pronoun)*" + premise[pronoun.endIndex...]
    fields[referent] =
      hypothesisWords[best.referent].map(String.init).joined(separator: " ")
      .trimmingPunctuation
  }

  /// What is left of the hypothesis between the words that stand before and after the pronoun.
  private static func replacement(of pronoun: Int, in premise: [ByteString], by hypothesis: [ByteString])
    -> Range<
      Int
    >
  {
    var after = min(hypothesis.count - 1, premise.count - pronoun - 1)
    while after > 0, hypothesis.suffix(after) != premise[(pronoun + 1)...].prefix(after) { after -= 1 }
    after = max(0, after)
    var before = min(hypothesis.count - 1 - after, pronoun)
    while before > 0, hypothesis.prefix(before) != premise[..<pronoun].suffix(before) { before -= 1 }
    return max(0, before)..<(hypothesis.count - after)
  }

  /// A word as it is compared.
  private static func bare(_ word: Substring) -> ByteString { ByteString(trimmed(word).lowercased()) }

  private static func trimmed(_ word: Substring) -> Substring {
    var word = word
    while let last = word.last, !last.isLetter, !last.isNumber { word.removeLast() }
    while let first = word.first, !first.isLetter, !first.isNumber { word.removeFirst() }
    return word
  }
}

extension String {
  /// Without the marks that end a sentence or a quotation.
  fileprivate var trimmingPunctuation: String {
    var text = self[...]
    while let last = text.last, ".,;:!?\"”".contains(last) { text.removeLast() }
    return String(text)
  }
}
