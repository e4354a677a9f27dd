import Randomness
import Support

/// The spelling test of Naik et al. 2018: in one word of the text that is judged, two neighbouring letters are
/// exchanged or a letter becomes one that lies beside it on a keyboard. The word has four letters at least, and its
/// first letter stays. The label stays.
struct Spelling: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase, .pair, .sentence] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    var text = WordText(input[input.judged])
    let words = text.words.filter { index in
      let word = text.pieces[index].text
      return word.count >= 4 && word.allSatisfy { $0.isASCII && $0.isLetter }
    }
    guard !words.isEmpty else { return .notApplicable("no word of four letters") }
    var generator = key.generator()
    let index = words[generator.below(words.count)]
    var letters = Array(text.pieces[index].text)
    let places = (1..<letters.count - 1).filter { letters[$0] != letters[$0 + 1] }
    if generator.below(2) == 0, !places.isEmpty {
      let place = places[generator.below(places.count)]
      letters.swapAt(place, place + 1)
    } else {
      let place = 1 + generator.below(letters.count - 1)
      guard let neighbours = Self.neighbours[letters[place].lowercased()] else {
        return .notApplicable("no letter with a neighbour on the keyboard")
      }
      let drawn = Array(neighbours)[generator.below(neighbours.count)]
      letters[place] = letters[place].isUppercase ? Character(drawn.uppercased()) : drawn
    }
    text.pieces[index].text = String(letters)
    return .changed([input.judged: text.text], .labelPreserved)
  }

  /// What lies left and right of a letter, and above and below, on the keyboard that begins with QWERTY.
  static let neighbours: [String: String] = [
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb", "h": "gjyn", "j": "hkum",
    "k": "jli",
    "l": "kop", "z": "xa", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vng", "n": "bmh", "m": "nj",
  ]
}
