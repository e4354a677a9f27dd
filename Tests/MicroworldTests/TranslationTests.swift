import Randomness
import TestSupport
import Testing

@testable import Microworld

@Suite struct TranslationTests {
  private let lexicon = Lexicon.shared

  private func phrase(
    _ noun: String, _ adjective: String? = nil, _ determiner: NounPhrase.Determiner = .definite
  ) throws -> NounPhrase {
    NounPhrase(
      noun: try #require(lexicon.noun(noun)), adjective: adjective.flatMap { lexicon.adjective($0) },
      determiner: determiner)
  }

  @Test(arguments: [
    ("dog", NounPhrase.Determiner.definite, "der kleine Hund", "den kleinen Hund", "dem kleinen Hund"),
    ("cat", .definite, "die kleine Katze", "die kleine Katze", "der kleinen Katze"),
    ("animal", .definite, "das kleine Tier", "das kleine Tier", "dem kleinen Tier"),
    ("dog", .indefinite, "ein kleiner Hund", "einen kleinen Hund", "einem kleinen Hund"),
    ("cat", .indefinite, "eine kleine Katze", "eine kleine Katze", "einer kleinen Katze"),
    ("animal", .indefinite, "ein kleines Tier", "ein kleines Tier", "einem kleinen Tier"),
    ("sparrow", .definite, "der kleine Spatz", "den kleinen Spatzen", "dem kleinen Spatzen"),
  ])
  func declines(
    _ noun: String, _ determiner: NounPhrase.Determiner, _ nominative: String, _ accusative: String,
    _ dative: String
  ) throws {
    let german = GermanClause()
    let phrase = try phrase(noun, "small", determiner)
    #expect(german.phrase(phrase, .nominative) == nominative)
    #expect(german.phrase(phrase, .accusative) == accusative)
    #expect(german.phrase(phrase, .dative) == dative)
  }

  @Test func stemsTakeEndings() throws {
    let german = GermanClause()
    #expect(german.phrase(try phrase("dog", "tired"), .nominative) == "der müde Hund")
    #expect(german.phrase(try phrase("car", "expensive"), .dative) == "dem teuren Auto")
    #expect(german.phrase(try phrase("dog", "cowardly", .indefinite), .nominative) == "ein feiger Hund")
  }

  @Test(arguments: [
    (Clause.Frame.present, "The dog chases a cat in the park.", "Der Hund jagt eine Katze im Park."),
    (.past, "The dog chased a cat in the park.", "Der Hund hat eine Katze im Park gejagt."),
    (.must, "The dog must chase a cat in the park.", "Der Hund muss eine Katze im Park jagen."),
    (.today, "Today the dog chases a cat in the park.", "Heute jagt der Hund eine Katze im Park."),
    (
      .know, "I know that the dog chases a cat in the park.",
      "Ich weiß, dass der Hund eine Katze im Park jagt."
    ),
    (
      .negated, "The dog does not chase a cat in the park.", "Der Hund jagt eine Katze nicht im Park."
    ),
  ])
  func ordersWords(_ frame: Clause.Frame, _ english: String, _ german: String) throws {
    var random = RandomKey(seed: 1).generator()
    var clause = Clause(includesHeldOut: true, allowsPlural: false, &random)
    clause.frame = frame
    clause.verb = try #require(lexicon.clauseVerbs.first { $0.base == "chase" })
    clause.subject = try phrase("dog")
    clause.object = try phrase("cat", nil, .indefinite)
    clause.recipient = nil
    clause.place = lexicon.place("park")
    let pair = TranslationPair(clause: clause)
    #expect(pair.english == english)
    #expect(pair.german == german)
  }

  @Test(.tags(.slow)) func everyTranslationHasOneGermanForEachEnglish() throws {
    // A function of the sentence: the same English is never translated in two ways.
    let world = try Microworld(MicroworldOptions(seed: 3))
    var seen: [String: String] = [:]
    for index in 0..<2000 {
      let pair = world.translation(.test, index)
      #expect(seen.updateValue(pair.german, forKey: pair.english) ?? pair.german == pair.german)
    }
  }
}
