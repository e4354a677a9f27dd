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

  @Test(
    .tags(.slow),
    arguments: [
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
    ("antonyms", "An old house."), ("antonyms", "He waits outside of it."),
    ("antonyms", "A big singer."), ("materials", "He holds some wood."),
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
    let categories = try StressTransforms.breakingNLI.map { try StressTransforms.registry($0).category }
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

  /// Small cars may be little and need not be tiny.
  @Test func onlyWhatMeansTheSameIsASynonym() throws {
    #expect(try made("synonyms", "A small cup is here.")["entailment"] == ["A little cup is here."])
    #expect(try made("synonyms", "A tiny cup is here.").isEmpty)
    #expect(try made("antonyms", "A tiny cup is here.")["contradiction"]?.contains("A large cup is here.") == true)
  }
}

/// The categories beside the published set (Glockner, Shwartz and Goldberg 2018).
@Suite struct PublishedCategoryTests {
  private struct Pair {
    var premise: String
    var hypothesis: String
    var label: String
  }

  private static func published() throws -> [String: [Pair]] {
    let catalog = try RealData.catalog()
    let examples = try catalog.suite(named: "breaking-nli").examples(
      through: catalog.task(named: "nli"), data: #require(RealData.root))
    return Dictionary(grouping: examples) { $0.groups["category"] ?? "" }.mapValues { rows in
      rows.map {
        Pair(premise: $0.fields["premise"] ?? "", hypothesis: $0.fields["hypothesis"] ?? "", label: $0.targets)
      }
    }
  }

  /// Each published category has a transform, which makes pairs of published premises; and where it makes the published
  /// hypothesis, it mostly gives it the published label.
  @Test(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)))
  func eachPublishedCategoryCanBeMade() throws {
    var resources = StressResources()
    resources.wordNet = try? WordNet(folder: WordNet.folder(option: nil))
    let transforms = try StressTransforms.breakingNLI.map { try StressTransforms.registry($0) }
    let published = try Self.published()
    #expect(Set(published.keys) == Set(transforms.compactMap(\.category)))
    // The table of Docs/STRESS-TESTS.md.
    print("category, published pairs, transform applies, makes the published hypothesis, with the published label")
    for transform in transforms where resources.wordNet != nil || !transform.needsWordNet {
      let pairs = try #require(published[transform.category ?? ""])
      var (made, found, same) = (0, 0, 0)
      var texts: [String: [InferenceLabels.Relation: [String]]] = [:]
      for pair in pairs {
        let known = try texts[pair.premise] ?? transform.exchanges(of: pair.premise, resources)
        texts[pair.premise] = known
        if !known.isEmpty { made += 1 }
        let labels = known.filter { $0.value.contains(pair.hypothesis) }.map(\.key.rawValue)
        if !labels.isEmpty { found += 1 }
        if labels == [pair.label] { same += 1 }
      }
      print(transform.category ?? "", pairs.count, made, found, same, separator: ", ")
      #expect(made > 0, "\(transform.category ?? "")")
      #expect(Double(same) >= 0.9 * Double(found), "\(transform.category ?? ""): \(same) of \(found)")
    }
  }
}
