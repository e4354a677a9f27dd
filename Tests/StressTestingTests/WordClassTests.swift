import Support
import TaskRegistry
import TestSupport
import Testing

@testable import StressTesting

/// The categories of Breaking NLI, each by a sentence of its own.
@Suite struct WordClassTests {
  /// Everything that a transform makes of a premise, over seeds, by label.
  func made(_ name: String, _ premise: String) throws -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    let resources = StressResources(wordNet: try WordNetTests.tiny.get())
    let task = try StressedTask.inference()
    for seed in 0..<60 {
      let result = try outcome(
        name, [.premise: premise, .hypothesis: ""], of: task, seed: UInt64(seed), resources: resources)
      guard case .changed(let texts, .labelBecomes(let label)) = result else { continue }
      found[label, default: []].insert(texts[.hypothesis] ?? "")
    }
    return found
  }

  @Test(arguments: [
    ("antonyms", "A big dog runs.", "contradiction", "A small dog runs."),
    ("cardinals", "Three dogs run.", "contradiction", "Five dogs run."),
    ("cardinals", "Three dogs run.", "entailment", "3 dogs run."),
    ("colors", "An orange car is here.", "contradiction", "A red car is here."),
    ("countries", "A street in Italy.", "contradiction", "A street in Japan."),
    ("drinks", "A man has some beer.", "contradiction", "A man has some wine."),
    ("instruments", "He plays a piano.", "contradiction", "He plays a violin."),
    ("instruments", "He plays an instrument.", "neutral", "He plays a piano."),
    ("materials", "A wooden bench.", "contradiction", "A metal bench."),
    ("nationalities", "An Italian chef cooks.", "contradiction", "A Russian chef cooks."),
    ("ordinals", "The second man wins.", "contradiction", "The third man wins."),
    ("planets", "A probe lands on Mars.", "contradiction", "A probe lands on Venus."),
    ("rooms", "A cat is in the living room.", "contradiction", "A cat is in the kitchen."),
    ("rooms", "A cat is in the kitchen.", "entailment", "A cat is in the room."),
    ("synonyms", "A cat is on the couch.", "entailment", "A cat is on the sofa."),
    ("vegetables", "She eats carrots.", "contradiction", "She eats potatoes."),
    ("vegetables", "She eats carrots.", "entailment", "She eats vegetables."),
    ("other-attribute", "A big dog runs.", "neutral", "A dirty dog runs."),
  ])
  func aPair(_ name: String, _ premise: String, _ label: String, _ hypothesis: String) throws {
    let made = try made(name, premise)
    #expect(made[label]?.contains(hypothesis) == true, "\(made)")
  }

  /// What looks like a word of the class and is none, or of which nothing follows.
  @Test(arguments: [
    ("colors", "A black man is here."), ("colors", "A red and blue car."), ("drinks", "A coffee table."),
    ("instruments", "A piano teacher."), ("countries", "Paris is in France, near Lyon."),
    ("nationalities", "He eats French fries."), ("rooms", "A kitchen sink."), ("colors", "No red car is here."),
    ("antonyms", "An old house."), ("materials", "He holds some wood."),
  ])
  func nothing(_ name: String, _ premise: String) throws {
    #expect(try made(name, premise).isEmpty)
  }

  @Test func whatMayBothHoldIsNoContradiction() throws {
    let wines = try made("drinks", "A man has some wine.")["contradiction"] ?? []
    #expect(!wines.isEmpty && !wines.contains("A man has some champagne."))
    #expect(try made("antonyms", "A big dog runs.")["entailment"] == nil)
  }

  @Test func thereAreFourteenCategories() throws {
    let categories = try StressTransforms.breakingNLI.map { try StressTransforms.table($0).category }
    #expect(Set(categories.compactMap { $0 }).count == 14)
  }

  /// Words stand in one group of their class; opposites come in pairs.
  @Test func theListsHold() {
    for list in [
      WordClasses.colors, WordClasses.countries, WordClasses.nationalities, WordClasses.drinks,
      WordClasses.materials, WordClasses.rooms, WordClasses.vegetables, WordClasses.instruments,
      WordClasses.planets, WordClasses.ordinals, WordClasses.antonyms,
    ] {
      #expect(Set(list.words).count == list.words.count, "\(list.category)")
      for word in list.related.joined() { #expect((list.words + list.general).contains(word), "\(word)") }
      if list.isPaired { #expect(list.groups.count % 2 == 0) }
    }
  }

  /// A set of three relations of one adjective has every word under every label, so that no text alone tells it.
  @Test func togetherAreMatched() throws {
    let nouns = ["dog", "house", "car", "tree", "boat", "cup", "ball", "door", "hat", "road"]
    let rows = nouns.flatMap { noun in
      ["big", "small", "large", "little", "dirty", "clean", "hot", "cold", "cheap", "expensive"].map {
        ["A \($0) \(noun) is here.", "x", "neutral"]
      }
    }
    let stressed = try StressedTask.inference(rows)
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let sets = try StressTransforms.lexical.map {
      try maker.make($0, from: stressed.examples(), draws: StressSetMaker.drawsTogether)
    }
    let one = maker.together(sets, name: "words")
    #expect(one.members.count >= 60)
    for label in StressedTask.three {
      #expect(one.members.count { $0.expected == [label] } == one.members.count / 3)
    }
    let auditor = StressAuditor(shape: maker.shape, training: nil, seed: 0)
    let (audit, _, _) = try auditor.audit(one, source: [])
    #expect(!audit.isRejected, "\(audit.findings)")
  }
}
