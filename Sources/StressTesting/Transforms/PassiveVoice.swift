import Randomness
import Support

/// An active hypothesis in the passive voice: `A man is holding a ball.` becomes `A ball is being held by a man.` The
/// label stays.
///
/// Safe is subject, `is` or `are`, one of a list of transitive verbs in -ing, object, full stop, where subject and
/// object are an article, a possessive or a numeral with one noun, and up to one adjective of a list, and nothing
/// else is in the text.
struct PassiveVoice: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    let pattern = StressOutcome.notApplicable("not a subject, verb and object of the safe form")
    let (body, ending) = withoutFinalPunctuation(input[.hypothesis])
    let words = body.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isLetter } }),
      let verb = words.firstIndex(where: { $0 == "is" || $0 == "are" }), verb + 2 < words.count,
      let participle = Self.participles[words[verb + 1]],
      let subject = nounPhrase(words[..<verb]), let object = nounPhrase(words[(verb + 2)...])
    else { return pattern }
    let isPossessed = FunctionWords.possessives.contains(object.words[0].lowercased())
    if isPossessed { return .notApplicable("the object belongs to the subject") }
    let be = object.isPlural ? "are" : "is"
    let passive =
      object.text.capitalizedStart + " \(be) being \(participle) by " + subject.text.lowercasedStart
    return .changed([.hypothesis: passive + ending], .labelPreserved)
  }

  private func nounPhrase(_ words: ArraySlice<String>) -> (words: [String], text: String, isPlural: Bool)? {
    guard let first = words.first?.lowercased(), let noun = words.last, (2...3).contains(words.count) else {
      return nil
    }
    let isNumeral = FunctionWords.numerals.contains(first) && first != "one"
    guard
      isNumeral || FunctionWords.articles.contains(first) || FunctionWords.possessives.contains(first)
        || first == "one",
      !FunctionWords.all.contains(noun.lowercased()), !noun.hasSuffix("ing"), !noun.hasSuffix("ly")
    else { return nil }
    if words.count == 3, !Self.adjectives.contains(words[words.startIndex + 1].lowercased()) { return nil }
    let irregular: Set<String> = ["men", "women", "people", "children"]
    let isPlural = isNumeral || irregular.contains(noun) || (noun.hasSuffix("s") && !noun.hasSuffix("ss"))
    return (Array(words), words.joined(separator: " "), isPlural)
  }

  private static let adjectives: Set<String> = [
    "young", "old", "small", "large", "big", "little", "tall", "red", "blue", "green", "yellow", "white",
    "black",
    "brown", "happy", "new",
  ]

  private static let participles = [
    "holding": "held", "carrying": "carried", "throwing": "thrown", "kicking": "kicked", "catching": "caught",
    "riding": "ridden", "driving": "driven", "pushing": "pushed", "pulling": "pulled", "chasing": "chased",
    "eating": "eaten", "drinking": "drunk", "cooking": "cooked", "painting": "painted", "cleaning": "cleaned",
    "washing": "washed", "reading": "read", "writing": "written", "selling": "sold", "buying": "bought",
    "hitting": "hit", "cutting": "cut", "building": "built", "fixing": "fixed", "repairing": "repaired",
    "feeding": "fed", "petting": "petted", "walking": "walked", "watching": "watched", "hugging": "hugged",
    "kissing": "kissed", "opening": "opened", "closing": "closed", "using": "used", "making": "made",
  ]
}
