import Foundation
import Randomness
import Support
import TestSupport
import Testing

@testable import StressTesting

@Suite struct WordNetTests {
  static let tiny = Result { try WordNet(folder: tinyWordNetFolder) }
  static let isInstalled = FileManager.default.fileExists(atPath: WordNet.folder() + "/data.noun")

  func substituted(
    _ relation: String, _ premise: String, training: [String]? = nil, seed: UInt64 = 0
  ) throws -> StressOutcome {
    try outcome(
      relation, [.premise: premise, .hypothesis: "x"], seed: seed,
      resources: StressResources(
        wordNet: try Self.tiny.get(), vocabulary: training.map { TrainingVocabulary($0) }))
  }

  @Test func entriesAreRead() throws {
    let wordNet = try Self.tiny.get()
    let dog = try #require(try wordNet.senses("dog", .noun).first)
    let synset = try wordNet.synset(dog)
    #expect(synset.words == ["dog", "domestic_dog"])
    #expect(synset.lexicographerFile == 5)
    #expect(synset.pointers.map(\.symbol) == ["@", "~"])
    #expect(try wordNet.synset(synset.pointers[0].target).words == ["canine"])
    #expect(try wordNet.senses("do", .noun).isEmpty && wordNet.senses("", .noun).isEmpty)
    #expect(try wordNet.senses("dog", .verb).isEmpty)
    let small = try wordNet.synset(try #require(try wordNet.senses("little", .adjective).first))
    #expect(small.pointers.map { [$0.sourceWord, $0.targetWord] } == [[1, 1], [2, 2]])
    #expect(wordNet.count("dog", .noun) == 42 && wordNet.count("dog", .verb) == 0)
    #expect(try wordNet.isMostly(.verb, "play") && !wordNet.isMostly(.noun, "play"))
    #expect(try wordNet.isMostly(.noun, "wolf"), "no count, but no other part of speech")
  }

  @Test func formsOfNouns() throws {
    let wordNet = try Self.tiny.get()
    for (word, base) in [
      ("dogs", "dog"), ("men", "man"), ("wolves", "wolf"), ("couches", "couch"), ("dog", "dog"),
    ] {
      #expect(try wordNet.baseForm(word, .noun) == base)
    }
    #expect(try wordNet.baseForm("tables", .noun) == nil)
    for (noun, plural) in [
      ("dog", "dogs"), ("man", "men"), ("couch", "couches"), ("city", "cities"), ("boy", "boys"),
    ] {
      #expect(wordNet.plural(noun) == plural)
    }
  }

  @Test func relationsOfWords() throws {
    let wordNet = try Self.tiny.get()
    #expect(try wordNet.words(.synonym, of: "sofa", .noun) == ["couch"])
    #expect(try wordNet.words(.hypernym, of: "dog", .noun) == ["animal", "beast", "canine"])
    #expect(try wordNet.words(.hyponym, of: "dog", .noun) == ["poodle"])
    #expect(try wordNet.words(.coHyponym, of: "dog", .noun) == ["wolf"])
    #expect(try wordNet.words(.coHyponym, of: "man", .noun).isEmpty, "persons do not exclude each other")
    // A pointer between words is about those words alone.
    #expect(try wordNet.words(.antonym, of: "big", .adjective) == ["little"])
    #expect(try wordNet.words(.antonym, of: "large", .adjective) == ["small"])
    #expect(try wordNet.words(.antonym, of: "unknown", .adjective).isEmpty)
  }

  @Test func oneWordIsReplaced() throws {
    #expect(
      try substituted("synonym", "A man sees a sofa.")
        == .changed([.hypothesis: "A man sees a couch."], .labelBecomes("entailment")))
    #expect(
      try substituted("hyponym", "The dogs run.") == .notApplicable("no word with a known hyponym"),
      "'run' could be a noun here, for the tiny database has no such verb")
    #expect(
      try substituted("hyponym", "The dogs are running.")
        == .changed([.hypothesis: "The poodles are running."], .labelBecomes("neutral")))
    #expect(
      try substituted("antonym", "A man is asleep.")
        == .changed([.hypothesis: "A woman is asleep."], .labelBecomes("contradiction")))
    #expect(
      try substituted("antonym", "The dog is big.")
        == .changed([.hypothesis: "The dog is little."], .labelBecomes("contradiction")))
    #expect(
      try substituted("co-hyponym", "A dog is here.")
        == .changed([.hypothesis: "A wolf is here."], .labelBecomes("contradiction")))
    #expect(
      try substituted("hypernym", "A dog plays.", training: Array(repeating: "animal", count: 5))
        == .changed([.hypothesis: "An animal plays."], .labelBecomes("entailment")))
    let two = try StressedTask.sentence()
    #expect(
      try outcome(
        "synonym", [.text: "My sofa is good."], label: "positive", of: two,
        resources: StressResources(wordNet: try Self.tiny.get()))
        == .changed([.text: "My couch is good."], .labelPreserved))
  }

  @Test func whereNoWordIsReplaced() throws {
    #expect(
      try substituted("hypernym", "No dog is here.")
        == .notApplicable("the text has a negation, quantifier or condition"))
    #expect(
      try substituted("co-hyponym", "I saw a dog show.") == .notApplicable("no word with a known co-hyponym"),
      "the first part of a compound")
    #expect(
      try substituted("hyponym", "A dog is here.", training: ["poodle"])
        == .notApplicable("no hyponym that occurs in training"), "seen once is not seen enough")
    #expect(
      try substituted("antonym", "A man and a woman are here.")
        == .notApplicable("no antonym that occurs in training"),
      "what is in the text already excludes nothing")
    #expect(throws: GraftError.self) { try hypothesis("antonym", "A man is here.") }
  }

  @Test func anAbsentDatabaseIsNamed() throws {
    let folder = try TestFolder()
    do throws(GraftError) {
      _ = try WordNet(folder: folder.path)
      Issue.record("an empty folder is no database")
    } catch {
      #expect(error.code == .missingInput && error.hint?.contains("wordnet-base") == true)
    }
    #expect(WordNet.folder(option: "a", environment: ["GRAFT_WORDNET": "b"]) == "a")
    #expect(WordNet.folder(environment: ["GRAFT_WORDNET": "b"]) == "b")
    #expect(WordNet.folder(environment: ["GRAFT_WORDNET": ""]) == WordNet.standardFolder)
  }

  /// Every byte of the data file damaged in turn is read, or answered with an error that says where.
  @Test(.tags(.slow)) func damagedDatabasesAreErrors() throws {
    let folder = try TestFolder()
    let names = try FileManager.default.contentsOfDirectory(atPath: tinyWordNetFolder).filter {
      $0 != "make.py"
    }
    for name in names {
      try FileManager.default.copyItem(
        atPath: "\(tinyWordNetFolder)/\(name)", toPath: "\(folder.path)/\(name)")
    }
    let words = ["dog", "man", "animal", "sofa", "big"]
    var refused = 0
    for name in ["index.noun", "data.noun", "cntlist.rev"] {
      let bytes = [UInt8](try folder.bytes(name))
      var generator = RandomKey(seed: 1).folded(name).generator()
      for _ in 0..<80 {
        var damaged = bytes
        damaged[generator.below(bytes.count)] = UInt8(generator.below(256))
        try folder.write(name, damaged)
        let wordNet = try WordNet(folder: folder.path)
        for word in words {
          do throws(GraftError) {
            for relation in WordNet.Relation.allCases { _ = try wordNet.words(relation, of: word, .noun) }
            _ = try wordNet.isMostly(.noun, word)
          } catch {
            #expect(error.code == .badData)
            refused += 1
          }
        }
      }
      try folder.write(name, bytes)
    }
    #expect(refused > 5)
  }

  /// Counts that no line can have are errors, also those whose sums are beyond any integer.
  @Test(arguments: [
    ("index.noun", 2, 10), ("index.noun", 3, 10), ("data.noun", 3, 16), ("data.noun", -1, 10),
  ])
  func countsBeyondTheLineAreErrors(_ file: String, _ cell: Int, _ radix: Int) throws {
    let folder = try TestFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: tinyWordNetFolder) where name != "make.py" {
      try FileManager.default.copyItem(
        atPath: "\(tinyWordNetFolder)/\(name)", toPath: "\(folder.path)/\(name)")
    }
    let lines = String(decoding: try folder.bytes(file), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let greatest = String(Int.max, radix: radix)
    let changed = lines.map { line -> String in
      var cells = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard line.first != " ", cells.count > 6 else { return String(line) }
      // The count of pointers comes after the words.
      let place = cell >= 0 ? cell : 4 + 2 * (Int(cells[3], radix: 16) ?? 0)
      cells[place] = greatest
      return cells.joined(separator: " ")
    }
    try folder.write(file, changed.joined(separator: "\n"))
    let wordNet = try WordNet(folder: folder.path)
    do throws(GraftError) {
      // The first line of the data begins where it did.
      _ = try wordNet.senses("dog", .noun).map { (id) throws(GraftError) in try wordNet.synset(id) }
      Issue.record("\(file) was read")
    } catch {
      #expect(error.code == .badData)
    }
  }

  @Test(.enabled(if: isInstalled, "needs the WordNet database: apt-get install wordnet-base"))
  func thePublishedDatabase() throws {
    let wordNet = try WordNet(folder: WordNet.folder())
    #expect(try wordNet.senses("dog", .noun).count == 7)
    #expect(try wordNet.words(.synonym, of: "sofa", .noun).contains("couch"))
    #expect(try wordNet.words(.hypernym, of: "dog", .noun).contains("carnivore"))
    #expect(try wordNet.words(.coHyponym, of: "dog", .noun).contains("fox"))
    #expect(try wordNet.words(.antonym, of: "young", .adjective) == ["old"])
    #expect(try wordNet.baseForm("children", .noun) == "child")
    #expect(wordNet.plural("child") == "children")
    #expect(try wordNet.isMostly(.noun, "dog") && !wordNet.isMostly(.noun, "good"))
  }
}
