import Corpus
import Foundation
import Records
import Scoring
import Support
import TestSupport
import Testing

@testable import Probing

@Suite struct OverlapTests {
  func words(_ text: String) -> [UInt64] { OverlapWords.hashes(text) }

  @Test func normalization() {
    #expect(words("\u{201C}Don\u{2019}t\u{201D} \u{2013} it's CO-OP") == words("dont its co op"))
    #expect(words("a b").count == 2 && words("a b") != words("b a"))
    #expect(words("") == [] && words(" .,'\u{2019}") == [])
    #expect(words("caf\u{E9}") == words("Caf\u{E9}") && words("caf\u{E9}") != words("cafe"))
    // Letters that share their first byte with punctuation.
    #expect(words("\u{2C60}x \u{20AC}").count == 2)
    #expect(Set((0..<1000).flatMap { words("w\($0)") }).count == 1000)
  }

  /// A word is the same however the text is cut into pieces.
  @Test func pieces() {
    let text = Array("It\u{2019}s a \u{201C}dog\u{201D} \u{2014} \u{2C60}!".utf8)
    var whole: [UInt64] = []
    text.withUnsafeBytes { bytes in
      var reader = OverlapWords()
      reader.read(bytes) { whole.append($0) }
      reader.finish { whole.append($0) }
      for cut in 0...bytes.count {
        var reader = OverlapWords()
        var found: [UInt64] = []
        reader.read(UnsafeRawBufferPointer(rebasing: bytes[..<cut])) { found.append($0) }
        reader.read(UnsafeRawBufferPointer(rebasing: bytes[cut...])) { found.append($0) }
        reader.finish { found.append($0) }
        #expect(found == whole, "cut at \(cut)")
      }
    }
    #expect(whole.count == 4)
  }

  func found(_ texts: [String], in others: [String], length: Int = 13) -> [Bool] {
    var overlap = NGramOverlap(texts.map(words), length: length)
    for other in others { overlap.read(words(other)) }
    return overlap.found
  }

  /// What is found is given back by set, example and field, whatever there is of each.
  @Test func sets() throws {
    let overlap = ExampleOverlap(
      [[["a b c", "he is sleeping"], ["x"]], [], [["x y"], ["he is sleeping"]]], length: 13)
    #expect(
      overlap.found(inTexts: ["He is sleeping.", "x y z"]) == [
        [[false, true], [false]], [], [[false], [true]],
      ])
    #expect(overlap.found(inTexts: []).joined().allSatisfy { !$0.contains(true) })
    let folder = try TestFolder()
    let run = "one two three four five six seven eight nine ten eleven twelve thirteen"
    let file = try folder.write("text.txt", "It goes: \(run.uppercased()), and on.")
    let sought = ExampleOverlap([[[run, "and on"]], [["\(run.dropLast(3))x"]]])
    #expect(try sought.found(inFiles: [(file, CorpusOptions())]) == [[[true, false]], [[false]]])
  }

  /// The worked example of `NGramOverlap`.
  @Test func runs() {
    let fourteen = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    let nine = "a b c d e f g h i"
    let texts = [fourteen, nine, "he is sleeping", ""]
    #expect(
      found(texts, in: ["x \(fourteen.dropFirst(4)) x", "0 \(nine) j", "he is sleeping"]) == [
        true, true, true, false,
      ])
    // One word too few, a gap, something more.
    #expect(
      found(
        texts,
        in: [
          "two three four five six seven eight nine ten eleven twelve thirteen", "a b c d x e f g h i",
          "he is sleeping now",
        ])
        == [false, false, false, false])
    #expect(found([nine], in: ["a b c d e f g h", "i"]) == [false])
    #expect(found(["a b c"], in: ["x a b c"], length: 3) == [true])
  }

  /// Rolling sums against a search word by word, on texts of few words, where chance runs are many.
  @Test func rollingAgreesWithSearching() {
    var state: UInt64 = 7
    func draw(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    func text(_ count: Int) -> [UInt64] { (0..<count).map { _ in UInt64(draw(2) + 1) } }
    let texts = (0..<60).map { text(8 + $0 % 8) }
    let others = (0..<4).map { _ in text(60) }
    for length in [9, 11, 13] {
      var overlap = NGramOverlap(texts, length: length)
      for other in others { overlap.read(other) }
      let expected = texts.map { text in
        let run = min(length, text.count)
        return (0...(text.count - run)).contains { start in
          others.contains { other in
            (0...(other.count - run)).contains { other[$0..<($0 + run)] == text[start..<(start + run)] }
          }
        }
      }
      #expect(overlap.found == expected)
      #expect(Set(expected).count == 2)
    }
  }

  static let long = (1...15).map { "word\($0)" }.joined(separator: " ")

  @Test func report() throws {
    let planted = try Planted([
      "train": [
        (Self.long, "he sleeps", "neutral"), ("a cat", "it sits", "entailment"),
        ("a cow", "it eats", "neutral"),
      ],
      "test": [
        ("New: \(Self.long)!", "x y", "neutral"), ("A cat", "It sits.", "neutral"),
        ("no", "no", "entailment"),
        ("no", "no", "entailment"),
      ],
    ])
    var options = Planted.fast
    try planted.folder.write("corpus.txt", "they said no\nno x y and\n\(Self.long)")
    options.corpus = ["\(planted.folder.path)/corpus.txt"]
    let answers = (1...4).map { ("planted/test/\($0)", Prediction(text: "neutral", choice: 1)) }
    options.answers = [
      "test": [AnsweredSplit(name: "m", predictions: Dictionary(uniqueKeysWithValues: answers))]
    ]
    let report = try #require(try OverlapProbe().report(on: planted.input(options)) as? OverlapReport)
    let split = try #require(report.splits.first)
    func touched(_ source: String, _ field: String) -> Int? {
      split.overlaps.first { $0.source == source && $0.field == field }?.touched
    }
    #expect(touched("training", "any") == 2)
    #expect(touched("training", "premise") == 2 && touched("training", "hypothesis") == 1)
    #expect(touched("corpus", "any") == 1 && touched("corpus", "hypothesis") == 0)
    let example = try #require(split.duplicates.first { $0.what == "example" })
    #expect(example.inTraining?.value == 0.25 && example.withOtherLabelOnly == 1)
    #expect(example.repeatedWithinSplit?.value == 0.5)
    let premise = try #require(split.duplicates.first { $0.what == "premise" })
    #expect(premise.inTraining?.value == 0.25 && premise.withOtherLabelOnly == 1)
    #expect(report.subsets[0].subsets["in-training"] == ["planted/test/1", "planted/test/2"])
    #expect(report.subsets[0].subsets["not-in-corpus"]?.count == 3)
    let scores = try #require(split.scores.first { $0.parts.contains { $0.part == "in-training" } })
    #expect(scores.all.score?.value == 0.5)
    #expect(scores.parts.map(\.part) == ["in-training", "not-in-training"])
    #expect(scores.parts.map { $0.score?.value } == [1, 0])
    // An answer is missing.
    options.answers["test"]?[0].predictions["planted/test/3"] = nil
    let error = #expect(throws: GraftError.self) { try OverlapProbe().report(on: planted.input(options)) }
    #expect(error?.code == .badData && error?.message.contains("planted/test/3") == true)
  }
}
