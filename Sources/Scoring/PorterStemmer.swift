/// The stem of a lower-case word (Porter, "An algorithm for suffix stripping", 1980) with the changes that NLTK makes
/// to the algorithm, on which the rouge-score package relies.
///
/// Worked example: relational, ponies, hopping become relat, poni, hop; and by NLTK's changes flies, enjoy, dying
/// become fli, enjoy, die.
func porterStem(_ word: [UInt8]) -> [UInt8] {
  if let irregular = irregularStems[word] { return irregular }
  guard word.count > 2 else { return word }
  var stem = word
  stem = withoutPlural(stem)
  stem = withoutPast(stem)
  if stem.last == UInt8(ascii: "y"), stem.count > 2, isConsonant(stem.dropLast()).last == true {
    stem[stem.count - 1] = UInt8(ascii: "i")
  }
  stem = withoutDoubleSuffix(stem)
  stem = applied(thirdStep, to: stem) { measure($0) > 0 }
  stem = withoutSingleSuffix(stem)
  return withoutFinalEOrL(stem)
}

private struct SuffixRule: Sendable {
  var suffix: [UInt8]
  var replacement: [UInt8]

  init(_ suffix: String, _ replacement: String) {
    (self.suffix, self.replacement) = (Array(suffix.utf8), Array(replacement.utf8))
  }
}

private func rules(_ pairs: KeyValuePairs<String, String>) -> [SuffixRule] {
  pairs.map { SuffixRule($0.key, $0.value) }
}

private let irregularStems: [[UInt8]: [UInt8]] = {
  let words = [
    "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
    "inning": "inning", "innings": "inning", "outing": "outing", "outings": "outing",
    "canning": "canning", "cannings": "canning", "howe": "howe", "proceed": "proceed",
    "exceed": "exceed", "succeed": "succeed",
  ]
  return Dictionary(uniqueKeysWithValues: words.map { (Array($0.key.utf8), Array($0.value.utf8)) })
}()

private let secondStep = rules([
  "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble",
  "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate",
  "ator": "ate", "alism": "al", "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al",
  "iviti": "ive", "biliti": "ble", "fulli": "ful",
])

private let thirdStep = rules([
  "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
])

private let fourthStep = rules([
  "al": "", "ance": "", "ence": "", "er": "", "ic": "", "able": "", "ible": "", "ant": "", "ement": "",
  "ment": "", "ent": "", "ou": "", "ism": "", "ate": "", "iti": "", "ous": "",
  "ive": "", "ize": "",
])

/// The first rule whose suffix the word has decides, whether its stem meets the condition or not.
private func applied(
  _ rules: [SuffixRule], to word: [UInt8], where condition: (ArraySlice<UInt8>) -> Bool
) -> [UInt8] {
  for rule in rules where word.ends(with: rule.suffix) {
    let stem = word.dropLast(rule.suffix.count)
    return condition(stem) ? stem + rule.replacement : word
  }
  return word
}

/// Step 1a: SSES → SS, IES → I, SS → SS, S → nothing; NLTK keeps the E of four-letter words, ties → tie.
private func withoutPlural(_ word: [UInt8]) -> [UInt8] {
  if word.ends(with: "ies") { return Array(word.dropLast(word.count == 4 ? 1 : 2)) }
  if word.ends(with: "sses") { return Array(word.dropLast(2)) }
  return word.ends(with: "s") && !word.ends(with: "ss") ? Array(word.dropLast()) : word
}

/// Step 1b: EED → EE, ED and ING → nothing; NLTK adds IED → I, or IE in words of four letters.
private func withoutPast(_ word: [UInt8]) -> [UInt8] {
  if word.ends(with: "ied") { return Array(word.dropLast(word.count == 4 ? 1 : 2)) }
  if word.ends(with: "eed") {
    return measure(word.dropLast(3)) > 0 ? Array(word.dropLast()) : word
  }
  let length = word.ends(with: "ed") ? 2 : word.ends(with: "ing") ? 3 : 0
  var stem = Array(word.dropLast(length))
  guard length > 0, isConsonant(stem[...]).contains(false), let last = stem.last else { return word }
  if stem.ends(with: "at") || stem.ends(with: "bl") || stem.ends(with: "iz") {
    stem.append(UInt8(ascii: "e"))
  } else if stem.count > 1, stem[stem.count - 2] == last, isConsonant(stem[...]).last == true {
    if !Array("lsz".utf8).contains(last) { stem.removeLast() }
  } else if measure(stem[...]) == 1, endsInShortSyllable(stem[...]) {
    stem.append(UInt8(ascii: "e"))
  }
  return stem
}

/// Step 2. NLTK tries ALLI → AL first, then all rules on what is left, and counts the L of LOGI → LOG to the stem, so
/// that geology loses its ending as archaeology does.
private func withoutDoubleSuffix(_ word: [UInt8]) -> [UInt8] {
  if word.ends(with: "alli"), measure(word.dropLast(4)) > 0 {
    return withoutDoubleSuffix(Array(word.dropLast(2)))
  }
  if word.ends(with: "logi") { return measure(word.dropLast(3)) > 0 ? Array(word.dropLast()) : word }
  return applied(secondStep, to: word) { measure($0) > 0 }
}

/// Step 4: what is left of the suffixes; ION goes only after S or T.
private func withoutSingleSuffix(_ word: [UInt8]) -> [UInt8] {
  guard word.ends(with: "ion") else { return applied(fourthStep, to: word) { measure($0) > 1 } }
  let stem = word.dropLast(3)
  return measure(stem) > 1 && (stem.ends(with: "s") || stem.ends(with: "t")) ? Array(stem) : word
}

/// Step 5: a final E goes, and one L of two.
private func withoutFinalEOrL(_ word: [UInt8]) -> [UInt8] {
  var word = word
  if word.ends(with: "e") {
    let stem = word.dropLast()
    let count = measure(stem)
    if count > 1 || count == 1 && !endsInShortSyllable(stem) { word.removeLast() }
  }
  if word.ends(with: "ll"), measure(word.dropLast()) > 1 { word.removeLast() }
  return word
}

/// For each letter whether it is a consonant: none of a, e, i, o, u, and no y after a consonant.
private func isConsonant(_ word: ArraySlice<UInt8>) -> [Bool] {
  var flags: [Bool] = []
  for letter in word {
    switch letter {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"):
      flags.append(false)
    case UInt8(ascii: "y"): flags.append(flags.last.map { !$0 } ?? true)
    default: flags.append(true)
    }
  }
  return flags
}

/// Porter's m: how often a vowel is followed by a consonant.
private func measure(_ stem: ArraySlice<UInt8>) -> Int {
  let flags = isConsonant(stem)
  return zip(flags, flags.dropFirst()).count { !$0 && $1 }
}

/// Porter's *o, consonant, vowel, consonant other than w, x, y; NLTK adds words of a vowel and a consonant.
private func endsInShortSyllable(_ stem: ArraySlice<UInt8>) -> Bool {
  let flags = isConsonant(stem)
  if flags == [false, true] { return true }
  return flags.suffix(3) == [true, false, true] && !Array("wxy".utf8).contains(stem.last ?? 0)
}

extension Collection<UInt8> where Self: BidirectionalCollection {
  fileprivate func ends(with suffix: String) -> Bool { ends(with: Array(suffix.utf8)) }

  fileprivate func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}
