/// Adjectives in everyday use by what they are about. Words of one pole mean about the same, the poles exclude each
/// other, and of another scale nothing follows: a big dog may be young or old.
enum AttributeWords {
  struct Scale: Sendable {
    var low: [String]
    var high: [String]
    /// What the adjectives are said of.
    var bearers: Bearers
  }

  enum Bearers: Sendable {
    case persons, things, all

    func allows(_ noun: String) -> Bool {
      switch self {
      case .all: true
      case .persons: WordClasses.persons.contains(noun)
      case .things: !WordClasses.persons.contains(noun)
      }
    }
  }

  static let scales: [Scale] = [
    Scale(low: ["small", "little", "tiny"], high: ["big", "large", "huge"], bearers: .things),
    Scale(low: ["young", "youthful"], high: ["old", "elderly", "older", "aged"], bearers: .persons),
    Scale(low: ["short"], high: ["tall"], bearers: .persons),
    Scale(low: ["thin", "slim", "skinny"], high: ["fat", "heavy", "overweight"], bearers: .persons),
    Scale(low: ["sad", "unhappy"], high: ["happy", "glad", "cheerful"], bearers: .persons),
    Scale(low: ["poor"], high: ["rich", "wealthy"], bearers: .persons),
    Scale(low: ["dirty", "filthy"], high: ["clean", "spotless"], bearers: .things),
    Scale(low: ["dark", "dim"], high: ["bright"], bearers: .things),
    Scale(low: ["quiet", "silent"], high: ["loud", "noisy"], bearers: .all),
    Scale(low: ["slow"], high: ["fast", "quick"], bearers: .all),
    Scale(low: ["ugly"], high: ["pretty", "beautiful", "lovely"], bearers: .all),
    Scale(low: ["cheap", "inexpensive"], high: ["expensive", "costly"], bearers: .things),
    Scale(low: ["cold", "chilly"], high: ["hot", "warm"], bearers: .things),
    Scale(low: ["dry"], high: ["wet", "soaked"], bearers: .all),
    Scale(low: ["empty", "deserted"], high: ["crowded", "packed"], bearers: .things),
    Scale(low: ["weak", "feeble"], high: ["strong", "muscular"], bearers: .persons),
    Scale(low: ["narrow"], high: ["wide", "broad"], bearers: .things),
    Scale(low: ["calm"], high: ["rough"], bearers: .things),
    Scale(low: ["bald"], high: ["hairy"], bearers: .persons),
    Scale(low: ["new"], high: ["ancient"], bearers: .things),
  ]

  /// Words that exclude the other pole and say more, or less, than those of their own: what is tiny is small, and what
  /// is small need not be tiny.
  private static let uneven: Set<String> = [
    "tiny", "huge", "filthy", "spotless", "soaked", "deserted", "muscular", "feeble", "skinny", "warm", "chilly",
    "ancient", "aged",
  ]

  /// The words of each pole that may stand for each other.
  static var synonyms: [[String]] {
    scales.flatMap { [$0.low, $0.high] }.map { $0.filter { !uneven.contains($0) } }
  }

  /// The scale a word is on, if it is one of the lists.
  static func scale(of word: String) -> Int? {
    scales.firstIndex { $0.low.contains(word) || $0.high.contains(word) }
  }
}
