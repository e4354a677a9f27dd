import Randomness
import Support
import TestSupport
import Testing

@testable import StressTesting

/// Each transform on sentences made by hand: what comes out, what is expected, and where it does not apply.
@Suite struct TransformTests {
  @Test func tautologiesStandBeforeTheFinalMark() throws {
    #expect(
      try hypothesis("word-overlap", "The woman is young.")
        == .changed([.hypothesis: "The woman is young and true is true."], .labelPreserved))
    #expect(
      try hypothesis("negation", "The woman is young .")
        == .changed([.hypothesis: "The woman is young and false is not true ."], .labelPreserved))
    #expect(
      try hypothesis("length-mismatch", "It is.")
        == .changed(
          [
            .premise: "A dog is asleep and true is true and true is true and true is true and true is true"
              + " and true is true."
          ], .labelPreserved))
    let sentiment = try StressedTask.sentence()
    #expect(
      try outcome("word-overlap", [.text: "a quiet joy"], label: "positive", of: sentiment)
        == .changed([.text: "a quiet joy and true is true"], .labelPreserved))
    #expect(try hypothesis("negation", " . ") == .notApplicable("the text is empty"))
  }

  @Test(.tags(.slow)) func numbersAreChangedSoThatTheLabelIsKnown() throws {
    // The premise is read with one quantity, and all three labels come up.
    var seen: Set<String> = []
    for seed in 0..<60 {
      let result = try outcome(
        "numerical", [.premise: "Five dogs run.", .hypothesis: "x"], seed: UInt64(seed))
      guard case .changed(let texts, .labelBecomes(let label)) = result else {
        Issue.record("\(result)")
        continue
      }
      seen.insert(label)
      let premise = texts[.premise] ?? "Five dogs run."
      let hypothesis = try #require(texts[.hypothesis])
      let said = try #require(Claim(hypothesis))
      let known = try #require(Claim(premise))
      #expect(known.relation(to: said) == label, "\(premise) → \(hypothesis)")
    }
    #expect(seen == ["entailment", "neutral", "contradiction"])
    for premise in [
      "A dog runs.", "One dog runs.", "No five dogs run.", "The five dogs run.", "Route 66 is long.",
      "He is 5.",
      "At 5 people run.", "If five dogs run, it rains.",
    ] {
      guard case .notApplicable = try outcome("numerical", [.premise: premise, .hypothesis: "x"]) else {
        Issue.record("\(premise)")
        continue
      }
    }
  }

  /// How many dogs run, by a sentence of that form.
  private struct Claim {
    var range: ClosedRange<Int>

    init?(_ text: String) {
      let words = text.lowercased().split(separator: " ").map(String.init)
      let names = [
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
      ]
      guard words.count >= 3, words.suffix(2) == ["dogs", "run."] else { return nil }
      let word = words[words.count - 3]
      let more = [
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
      ]
      guard let value = (names + more).firstIndex(of: word).map({ $0 + 2 }) ?? Int(word) else { return nil }
      switch words.dropLast(3) {
      case []: range = value...value
      case ["more", "than"]: range = value + 1...1000
      case ["less", "than"]: range = 0...value - 1
      default: return nil
      }
    }

    func relation(to other: Claim) -> String {
      if other.range.lowerBound <= range.lowerBound, range.upperBound <= other.range.upperBound {
        return "entailment"
      }
      return range.overlaps(other.range) ? "neutral" : "contradiction"
    }
  }

  @Test(.tags(.slow)) func spellingSlipsAreOneWordWide() throws {
    for seed in 0..<40 {
      let result = try hypothesis("spelling", "The woman is very young.", seed: UInt64(seed))
      guard case .changed(let texts, .labelPreserved) = result, let text = texts[.hypothesis] else {
        Issue.record("\(result)")
        continue
      }
      let old = "The woman is very young.".split(separator: " ")
      let new = text.split(separator: " ")
      #expect(new.count == old.count)
      let different = zip(old, new).filter { $0 != $1 }
      #expect(different.count == 1 && different[0].0.count == different[0].1.count, "\(text)")
      #expect(different[0].0.first == different[0].1.first, "the first letter stays: \(text)")
    }
    #expect(try hypothesis("spelling", "It is on.") == .notApplicable("no word of four letters"))
  }

  @Test func neighboursOfKeysAreMutual() {
    for (letter, neighbours) in Spelling.neighbours {
      for neighbour in neighbours {
        #expect(Spelling.neighbours[String(neighbour)]?.contains(letter) == true, "\(letter) \(neighbour)")
      }
    }
    #expect(Spelling.neighbours.count == 26)
  }

  @Test(.tags(.slow)) func typosExchangeTwoLettersOfEveryText() throws {
    for seed in 0..<20 {
      let result = try outcome("typo", [.premise: "A dog.", .hypothesis: "aab"], seed: UInt64(seed))
      guard case .changed(let texts, .labelPreserved) = result else {
        Issue.record("\(result)")
        continue
      }
      #expect(["A odg.", "A dgo."].contains(texts[.premise]))
      #expect(texts[.hypothesis] == "aba", "equal letters are not exchanged")
    }
    #expect(
      try outcome("typo", [.premise: "aa 1", .hypothesis: "?"])
        == .notApplicable("no two letters to exchange"))
  }

  @Test func caseAndPunctuation() throws {
    #expect(
      try hypothesis("lowercase", "It IS.")
        == .changed([.premise: "a dog is asleep.", .hypothesis: "it is."], .labelPreserved))
    #expect(
      try hypothesis("uppercase", "It is.")
        == .changed([.premise: "A DOG IS ASLEEP.", .hypothesis: "IT IS."], .labelPreserved))
    #expect(
      try outcome("lowercase", [.premise: "a", .hypothesis: "1"]) == .notApplicable("no letter in upper case")
    )
    #expect(
      try hypothesis("punctuation", "It is")
        == .changed([.premise: "A dog is asleep", .hypothesis: "It is."], .labelPreserved))
    #expect(
      try outcome("punctuation", [.premise: "Is it?", .hypothesis: "(no)"])
        == .notApplicable("no text that ends in a word or full stop"))
  }

  @Test(arguments: [
    ("The dog isn't here.", "The dog is not here."), ("I can't, and won't.", "I cannot, and will not."),
    ("They're here and we've slept.", "They are here and we have slept."), ("It's a dog.", "It is a dog."),
    ("it is n't a joke", "it is not a joke"), ("i ca n't see", "i cannot see"), ("Don’t go.", "Do not go."),
  ]) func contractionsAreWrittenOut(_ short: String, _ long: String) {
    #expect(Contractions.expanded(short) == long)
  }

  @Test(arguments: [
    ("The dog is not here.", "The dog isn't here."), ("They are here.", "They're here."),
    ("I have been there.", "I've been there."), ("We cannot go.", "We can't go."),
    ("I have a dog.", "I have a dog."),
    ("Yes, they are.", "Yes, they are."), ("Do not go.", "Don't go."),
  ]) func wordsAreContracted(_ long: String, _ short: String) {
    #expect(Contractions.contracted(long) == short)
  }

  @Test func contractionsThatAreNotThere() throws {
    #expect(
      Contractions.expanded("Tom's dog, he's seen it, she'd say.") == "Tom's dog, he's seen it, she'd say.")
    #expect(
      try hypothesis("expand-contractions", "It is.")
        == .notApplicable("no contraction that can be written out"))
    #expect(try hypothesis("contract", "A cat runs.") == .notApplicable("nothing that can be contracted"))
    #expect(
      try hypothesis("contract", "The dog is not here.")
        == .changed([.hypothesis: "The dog isn't here."], .labelPreserved))
  }

  @Test func negatingTurnsTheLabel() throws {
    let changed: [TextRole: String] = [.hypothesis: "The dog is not awake."]
    #expect(
      try hypothesis("negate-hypothesis", "The dog is awake.", label: "entailment")
        == .changed(changed, .labelBecomes("contradiction")))
    #expect(
      try hypothesis("negate-hypothesis", "The dog is awake.", label: "neutral")
        == .changed(changed, .labelPreserved))
    #expect(
      try hypothesis("negate-hypothesis", "The dog is awake.", label: "contradiction")
        == .changed(changed, .labelIn(["entailment", "neutral"])))
    for text in [
      "Dogs are awake.", "The dog sleeps.", "The dog is not awake.", "Every dog is awake.", "The dog is.",
      "The dog is awake and is barking.", "Some dogs are awake.", "The dog that is awake barks.",
      "The dog has a bone.",
    ] {
      #expect(
        try hypothesis("negate-hypothesis", text) == .notApplicable("no single auxiliary verb to negate"),
        "\(text)")
    }
    let two = try StressedTask.inference(choices: ["entailment", "not_entailment"])
    let texts: [TextRole: String] = [.premise: "p", .hypothesis: "The dog is awake."]
    #expect(
      try outcome("negate-hypothesis", texts, label: "entailment", of: two)
        == .changed(changed, .labelBecomes("not_entailment")))
    guard case .notApplicable = try outcome("negate-hypothesis", texts, label: "not_entailment", of: two)
    else {
      Issue.record("with two labels a denial is not known")
      return
    }
  }

  @Test func sentencesAreEmbedded() throws {
    #expect(
      try hypothesis("paraphrase", "The dog is awake.")
        == .changed([.hypothesis: "It is the case that the dog is awake."], .labelPreserved))
    #expect(
      try hypothesis("paraphrase", "I was there.")
        == .changed([.hypothesis: "It is the case that I was there."], .labelPreserved))
    for text in ["A choir singing.", "Dogs are awake.", "Is it?", "The dog is awake. It barks.", "..."] {
      guard case .notApplicable = try hypothesis("paraphrase", text) else {
        Issue.record("\(text)")
        continue
      }
    }
  }

  @Test func bothTextsMoveToThePast() throws {
    #expect(
      try outcome("past-tense", [.premise: "A man is eating.", .hypothesis: "Some men are sitting down."])
        == .changed(
          [.premise: "A man was eating.", .hypothesis: "Some men were sitting down."], .labelPreserved))
    for text in [
      "A man eats.", "A man is tall.", "A man is eating now.", "A man is eating and is glad.",
      "No man is eating.",
    ] {
      guard
        case .notApplicable = try outcome("past-tense", [.premise: "A man is eating.", .hypothesis: text])
      else {
        Issue.record("\(text)")
        continue
      }
    }
  }

  @Test func hypothesesInThePassiveVoice() throws {
    #expect(
      try hypothesis("passive", "A man is holding a ball.")
        == .changed([.hypothesis: "A ball is being held by a man."], .labelPreserved))
    #expect(
      try hypothesis("passive", "Two young girls are chasing the dogs.")
        == .changed([.hypothesis: "The dogs are being chased by two young girls."], .labelPreserved))
    for text in [
      "A man is running.", "A man holds a ball.", "A man is holding a ball in a park.",
      "A man is walking home.",
      "Tom is holding a ball.", "A man is reading quickly.", "A man is holding a ball, a bat.",
    ] {
      #expect(
        try hypothesis("passive", text) == .notApplicable("not a subject, verb and object of the safe form"),
        "\(text)")
    }
    #expect(
      try hypothesis("passive", "A man is walking his dog.")
        == .notApplicable("the object belongs to the subject"))
  }

  @Test(.tags(.slow)) func namesAreSwappedEverywhere() throws {
    var swapped: Set<String> = []
    for seed in 0..<20 {
      let result = try outcome(
        "swap-name", [.premise: "Tom saw Mary's dog.", .hypothesis: "Tom saw Tomas."], seed: UInt64(seed))
      guard case .changed(let texts, .labelPreserved) = result, let premise = texts[.premise] else {
        Issue.record("\(result)")
        continue
      }
      let words = premise.split(separator: " ").map(String.init)
      if words[0] == "Tom" {
        swapped.insert("Mary")
        #expect(texts[.hypothesis] == nil && SwapName.person.kinds[1].contains(String(words[2].dropLast(2))))
        #expect(premise == "Tom saw \(words[2].dropLast(2))'s dog." && words[2] != "Mary's")
      } else {
        swapped.insert("Tom")
        #expect(premise == "\(words[0]) saw Mary's dog." && SwapName.person.kinds[0].contains(words[0]))
        #expect(texts[.hypothesis] == "\(words[0]) saw Tomas.", "everywhere, but for whole words")
      }
    }
    #expect(swapped == ["Mary", "Tom"])
    let place = try outcome(
      "swap-location", [.premise: "She sang in Paris.", .hypothesis: "She was in Paris."])
    guard case .changed(let texts, .labelPreserved) = place,
      let city = texts[.premise]?.dropFirst("She sang in ".count).dropLast()
    else {
      Issue.record("\(place)")
      return
    }
    #expect(city != "Paris" && SwapName.location.kinds[0].contains(String(city)))
    #expect(texts[.hypothesis] == "She was in \(city).")
    #expect(
      try outcome("swap-location", [.premise: "She lives in Paris.", .hypothesis: "She lives in France."])
        == .notApplicable("the city or country is not in every text"))
    #expect(
      try outcome(
        "swap-location", [.premise: "She left Paris for Europe.", .hypothesis: "She was in Paris."])
        == .notApplicable("another name may have to do with the city or country"))
    #expect(try hypothesis("swap-name", "A dog runs.") == .notApplicable("no first name of the list"))
    #expect(
      try hypothesis("swap-name", "Tom Jones runs.")
        == .notApplicable("the first name is part of a longer name"))
    #expect(
      try hypothesis("swap-location", "New York, Paris Hilton")
        == .notApplicable("the city or country is part of a longer name"))
  }

  @Test func pairsAreTurnedRound() throws {
    let texts: [TextRole: String] = [.premise: "a", .hypothesis: "b"]
    let swapped: [TextRole: String] = [.premise: "b", .hypothesis: "a"]
    #expect(try outcome("swap-pair", texts, label: "contradiction") == .changed(swapped, .labelPreserved))
    for label in ["entailment", "neutral"] {
      #expect(
        try outcome("swap-pair", texts, label: label)
          == .changed(swapped, .labelIn(["entailment", "neutral"])))
    }
    let pair = try StressedTask.paraphrase()
    #expect(
      try outcome("swap-pair", [.first: "a", .second: "b"], label: "yes", of: pair)
        == .changed([.first: "b", .second: "a"], .labelPreserved))
    #expect(
      try outcome("swap-pair", [.first: "a", .second: "a"], label: "yes", of: pair)
        == .notApplicable("both texts are the same"))
    let two = try StressedTask.inference(choices: ["entailment", "not_entailment"])
    #expect(
      try outcome("swap-pair", texts, label: "entailment", of: two)
        == .notApplicable("with two labels nothing follows for the exchanged pair"))
  }

  @Test func wordsAndWhatStandsBetween() {
    let text = WordText("It's a well-known dog, 'Rex'.")
    #expect(text.lowercasedWords == ["it's", "a", "well-known", "dog", "rex"])
    #expect(text.text == "It's a well-known dog, 'Rex'.")
    #expect(WordText("").text == "" && WordText("...").words.isEmpty)
    let owl = WordText("A dog runs.")
    #expect(owl.replacing(2, with: "owl") == "An owl runs.")
    #expect(["hour", "owl", "unimportant"].allSatisfy(beginsWithVowelSound))
    #expect(!["unit", "one", "dog", "European", ""].contains(where: beginsWithVowelSound))
  }
}
