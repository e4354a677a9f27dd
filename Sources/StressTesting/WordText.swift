/// A text cut into words and what stands between them; the pieces together are the text.
///
/// A word is a run of letters and digits; apostrophes and hyphens belong to it between two of them. Worked example:
/// `It's a well-known dog.` has the words `It's`, `a`, `well-known`, `dog`.
struct WordText: Sendable, Hashable {
  struct Piece: Sendable, Hashable {
    var text: String
    var isWord: Bool
  }

  var pieces: [Piece] = []

  init(_ text: String) {
    let characters = Array(text)
    func isLetter(_ index: Int) -> Bool {
      characters.indices.contains(index) && (characters[index].isLetter || characters[index].isNumber)
    }
    var current = ""
    var isWord = false
    for index in characters.indices {
      let character = characters[index]
      let joins = "'’-".contains(character) && isLetter(index - 1) && isLetter(index + 1)
      let belongs = isLetter(index) || joins
      if belongs != isWord, !current.isEmpty {
        pieces.append(Piece(text: current, isWord: isWord))
        current = ""
      }
      isWord = belongs
      current.append(character)
    }
    if !current.isEmpty { pieces.append(Piece(text: current, isWord: isWord)) }
  }

  var text: String { pieces.map(\.text).joined() }

  /// The pieces that are words, by index.
  var words: [Int] { pieces.indices.filter { pieces[$0].isWord } }

  var lowercasedWords: [String] { pieces.filter(\.isWord).map { $0.text.lowercased() } }

  /// The word before, if only a space stands between.
  func word(before index: Int) -> String? {
    guard index >= 2, pieces[index - 1].text == " " else { return nil }
    return pieces[index - 2].text
  }

  /// The word after, if only a space stands between.
  func word(after index: Int) -> String? {
    guard index + 2 < pieces.count, pieces[index + 1].text == " " else { return nil }
    return pieces[index + 2].text
  }

  /// Whether the text begins with this word.
  func isFirstWord(_ index: Int) -> Bool { !pieces[..<index].contains(where: \.isWord) }

  /// The text with another word in a place: with a capital letter if the old one had one, and with the article before
  /// it made to agree.
  func replacing(_ index: Int, with word: String) -> String {
    var copy = self
    copy.pieces[index].text = pieces[index].text.first?.isUppercase == true ? word.capitalizedStart : word
    if let article = self.word(before: index), ["a", "an"].contains(article.lowercased()) {
      let right = beginsWithVowelSound(word) ? "an" : "a"
      copy.pieces[index - 2].text = article.first?.isUppercase == true ? right.capitalizedStart : right
    }
    return copy.text
  }
}

extension String {
  var capitalizedStart: String { prefix(1).uppercased() + dropFirst() }
  var lowercasedStart: String { prefix(1).lowercased() + dropFirst() }
}

/// Whether `an` stands before a word: by its first letter, and a list of those that sound other than they look.
func beginsWithVowelSound(_ word: String) -> Bool {
  let word = word.lowercased()
  if ["hour", "honest", "honor", "honour", "heir"].contains(where: word.hasPrefix) { return true }
  if ["uni", "use", "usu", "eu", "one", "ewe", "ukulele", "utensil"].contains(where: word.hasPrefix) {
    // "unimportant" begins as "unit" does not.
    return ["unim", "unin"].contains(where: word.hasPrefix)
  }
  return word.first.map { "aeiou".contains($0) } ?? false
}

/// A text and the punctuation it ends in, spaces before it included: `A dog runs .` is `A dog runs` and ` .`.
func withoutFinalPunctuation(_ text: String) -> (body: String, ending: String) {
  var end = text.endIndex
  while end > text.startIndex {
    let before = text.index(before: end)
    guard ".!?".contains(text[before]) || text[before].isWhitespace else { break }
    end = before
  }
  return (String(text[..<end]), String(text[end...]))
}
