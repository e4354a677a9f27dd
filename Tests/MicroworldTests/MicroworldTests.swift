import Foundation
import Support
import TestSupport
import Testing
import Yams

@testable import Microworld

@Suite struct MicroworldTests {
  private func letters(_ text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter && $0 != "-" }.map(String.init))
  }

  @Test(.tags(.slow)) func everythingIsAFunctionOfSeedAndIndex() throws {
    let one = try Microworld(MicroworldOptions(seed: 4, corpusBytes: 10, trainingExamples: 1))
    let two = try Microworld(MicroworldOptions(seed: 4))
    let other = try Microworld(MicroworldOptions(seed: 5))
    var differs = 0
    // Backwards in one world, so that an order of drawing would show.
    for index in (0..<40).reversed() {
      #expect(one.document(index) == two.document(index))
      #expect(one.sentiment(.test, index) == two.sentiment(.test, index))
      #expect(one.acceptability(.train, index) == two.acceptability(.train, index))
      #expect(one.inference(.validation, index) == two.inference(.validation, index))
      #expect(one.translation(.test, index) == two.translation(.test, index))
      if one.document(index) != other.document(index) { differs += 1 }
    }
    #expect(differs >= 39)
  }

  @Test(.tags(.slow)) func trainingDoesWithoutTheHeldOutWordsAndTestsDoNot() throws {
    let world = try Microworld(MicroworldOptions(seed: 6))
    var texts: [String] = []
    var heldOut = 0
    for index in 0..<500 {
      let pair = world.inference(.train, index)
      texts += [
        world.sentiment(.train, index).sentence, world.acceptability(.train, index).sentence,
        pair.premise, pair.hypothesis, world.translation(.train, index).english,
      ]
      if world.inference(.test, index).usesHeldOutWord { heldOut += 1 }
      if world.sentiment(.test, index).usesHeldOutWord { heldOut += 1 }
    }
    for text in texts { #expect(letters(text).isDisjoint(with: Microworld.heldOutWords), "\(text)") }
    #expect(heldOut > 400)
  }

  @Test func theFlagSaysWhetherAHeldOutWordOccurs() throws {
    let world = try Microworld(MicroworldOptions(seed: 6))
    for index in 0..<300 {
      let sentiment = world.sentiment(.test, index)
      #expect(
        sentiment.usesHeldOutWord != letters(sentiment.sentence).isDisjoint(with: Microworld.heldOutWords))
      let pair = world.translation(.test, index)
      #expect(pair.usesHeldOutWord != letters(pair.english).isDisjoint(with: Microworld.heldOutWords))
      let inference = world.inference(.test, index)
      let words = letters(inference.premise + " " + inference.hypothesis)
      #expect(inference.usesHeldOutWord != words.isDisjoint(with: Microworld.heldOutWords))
    }
  }

  @Test(.tags(.slow)) func theVocabularyIsSeveralHundredWords() throws {
    let world = try Microworld(MicroworldOptions(seed: 2, corpusBytes: 300_000))
    #expect((500...2000).contains(letters(world.corpus()).count))
  }

  @Test(.tags(.slow)) func writesTheSameBytesTwice() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let options = MicroworldOptions(
      seed: 8, corpusBytes: 20_000, trainingExamples: 20, validationExamples: 10, testExamples: 10)
    let one = try Microworld.write(to: root.appendingPathComponent("a").path, options: options)
    let two = try Microworld.write(to: root.appendingPathComponent("b").path, options: options)
    let names = try FileManager.default.contentsOfDirectory(atPath: one.directory).sorted()
    #expect(names == (try FileManager.default.contentsOfDirectory(atPath: two.directory)).sorted())
    #expect(names.count == 1 + 4 * 3 + 1 + 5)
    for name in names {
      #expect(
        FileManager.default.contentsEqual(
          atPath: "\(one.directory)/\(name)", andPath: "\(two.directory)/\(name)"), "\(name)")
    }
    let corpus = try String(contentsOfFile: one.corpus, encoding: .utf8)
    #expect(corpus.utf8.count >= 20_000)
    #expect(!corpus.contains("\n\n\n") && corpus.hasSuffix(".\n"))

    for name in names where name.hasSuffix(".jsonl") {
      let text = try String(contentsOfFile: "\(one.directory)/\(name)", encoding: .utf8)
      let rows = text.split(separator: "\n")
      #expect(rows.count == (name.contains("train") ? 20 : 10))
      for row in rows {
        let fields = try JSONDecoder().decode([String: String].self, from: Data(row.utf8))
        #expect(fields.values.allSatisfy { !$0.isEmpty })
      }
    }
  }

  private struct Definition: Decodable {
    struct Source: Decodable {
      var folder: String
      var format: String
      var fields: [String: String]
      var groups: [String: String]
    }
    var task: String?
    var suite: String?
    var version: Int
    var source: Source
    var splits: [String: String]
    var inputs: String?
    var through: String?
    var choices: [String]?
  }

  @Test func definitionsFitTheFilesBesideThem() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: root) }
    let files = try Microworld.write(
      to: root,
      options: MicroworldOptions(
        corpusBytes: 100, trainingExamples: 6, validationExamples: 6, testExamples: 6))
    var names: [String] = []
    for path in files.definitions {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let definition = try YAMLDecoder().decode(Definition.self, from: text)
      let name = try #require(definition.task ?? definition.suite)
      #expect(path.hasSuffix("/\(name).yaml"))
      names.append(name)
      for file in definition.splits.values {
        let rows = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8).split(separator: "\n")
        for row in rows {
          let fields = try JSONDecoder().decode([String: String].self, from: Data(row.utf8))
          for column in Array(definition.source.fields.values) + definition.source.groups.values {
            #expect(fields[column] != nil, "\(file) lacks \(column)")
          }
          if let choices = definition.choices { #expect(choices.contains(fields["label"] ?? "")) }
        }
      }
    }
    #expect(names == Microworld.Files.tasks.prefix(2) + ["micro-nli", "micro-en-de", Microworld.Files.suite])
  }

  @Test func refusesImpossibleOptions() {
    for options in [
      MicroworldOptions(artifactStrength: 1.2), MicroworldOptions(artifactStrength: .nan),
      MicroworldOptions(trainingExamples: -1),
    ] {
      #expect(throws: GraftError.self) { try Microworld(options) }
    }
  }

  @Test func aFolderThatCannotBeMadeIsAnError() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try "in the way".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(throws: GraftError.self) { try Microworld.write(to: file) }
  }
}
