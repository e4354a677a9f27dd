import Foundation
import Randomness
import Support
import TestSupport
import Testing
import Tokenization

@testable import Counting

@Suite struct NGramModelTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func error(_ body: () throws -> Void) -> GraftError? {
    do { try body() } catch { return error as? GraftError }
    return nil
  }

  /// The worked example of `NGramCounts`.
  @Test func countsOfTwoSentences() {
    let (a, b): (WordID, WordID) = (3, 4)
    let (start, end) = (NGramVocabulary.start, NGramVocabulary.end)
    let counts = NGramCounts([start, a, b, end, start, a, end], vocabularySize: 5, order: 2)
    #expect(counts.levels[0].counts == [0, 2, 2, 2, 1])
    #expect(counts.levels[1].words == [a, end, b, end])
    #expect(counts.levels[1].counts == [2, 1, 1, 1])
    #expect(counts.levels[0].children == [0, 0, 1, 1, 3, 4])
    #expect(NGramEstimator.continuationCounts(counts)[0] == [0, 0, 2, 1, 1])
  }

  /// On a text of a few words no discount can be estimated, which is said.
  @Test func aTinyTextHasFixedDiscounts() throws {
    let path = try folder.write("tiny.txt", "a b\n\n  \na\n")
    var options = NGramTrainingOptions()
    options.order = 2
    var notes: [String] = []
    let model = try NGramModel.train([path], options) { notes.append($0) }
    #expect(notes.count == 2 && notes[0].contains("1-grams"))
    #expect(model.description.parts[0].parameters == [[0.5, 1, 1.5], [0.5, 1, 1.5]])
    // p(a) = (1 - 1/2) / 4 + (1/2 + 1/2 + 1) / 4 · 1/4, of the 4 continuations </s> 2, a 1, b 1 and of 4 words.
    #expect(abs(model.distribution(model.start)[3] - ((2 - 1) / 2 + 0.5 * 0.25)) < 1e-6)
  }

  @Test func uniformIsUniform() throws {
    let path = try folder.write("a.txt", "a b c\n")
    var options = NGramTrainingOptions()
    options.smoothing = .uniform
    let model = try NGramModel.train([path], options)
    // The end, the unknown word and three others.
    for (word, found) in model.distribution(model.start).enumerated() {
      #expect(abs(found - (WordID(word) == NGramVocabulary.start ? 0 : 0.2)) < 1e-6)
    }
  }

  @Test func rareWordsBecomeUnknown() throws {
    let path = try folder.write("a.txt", "a a b\na c <unk>\n")
    var options = NGramTrainingOptions()
    options.order = 1
    options.minimumCount = 2
    let model = try NGramModel.train([path], options)
    #expect(model.vocabulary.count == 4 && model.vocabulary.word(3) == "a")
    #expect(try model.unit.ids("a b <unk>", model.vocabulary) == [3, 0, 0])
    // The words of one model for another text.
    var others = NGramTrainingOptions()
    others.vocabulary = model
    let other = try NGramModel.train([try folder.write("b.txt", "a d a\n")], others)
    #expect(other.vocabulary.hasSameWords(as: model.vocabulary))
  }

  @Test func tokensOfATokenizerAreCounted() throws {
    let text = try folder.write("a.txt", "the cat sees\nthe dog sees\n")
    let tokenizer = try Tokenizer.train(
      documents: ["the cat sees\nthe dog sees"],
      options: TokenizerTrainingOptions(vocabularySize: 280, sentinelCount: 0))
    var options = NGramTrainingOptions()
    options.order = 3
    options.tokenizer = tokenizer
    let model = try NGramModel.train([text], options)
    try model.write(to: "\(folder.path)/model")
    let again = try NGramModel(opening: "\(folder.path)/model")
    let ids = try again.unit.ids("the cat", again.vocabulary)
    #expect(again.unit.text(ids, again.vocabulary) == "the cat")
    #expect(again.vocabulary.count == tokenizer.vocabulary.size + 1)
    let drawn = again.sample(longest: 40, key: RandomKey(seed: 1))
    #expect(drawn == again.sample(longest: 40, key: RandomKey(seed: 1)))
    let other = try Tokenizer.train(
      documents: ["nobody nobody"], options: TokenizerTrainingOptions(vocabularySize: 261, sentinelCount: 0))
    try other.write(to: "\(folder.path)/model")
    #expect(error { _ = try NGramModel(opening: "\(folder.path)/model") }?.code == .badData)
  }

  /// A greedy sample is the most probable word each time, and random ones have the model's frequencies.
  @Test func samplesFollowTheModel() throws {
    let path = try folder.write("a.txt", String(repeating: "a\n", count: 30) + String(repeating: "b\n", count: 10))
    var options = NGramTrainingOptions()
    options.order = 2
    let model = try NGramModel.train([path], options)
    #expect(model.sample(temperature: 0, longest: 5, key: RandomKey(seed: 0)).words == [3])
    let first = (0..<2000).map { model.sample(longest: 1, key: RandomKey(seed: 1).folded($0)).words.first }
    let share = Double(first.count { $0 == 3 }) / 2000
    #expect(abs(share - model.distribution(model.start)[3]) < 0.03)
  }

  /// Worked example: after `a b` and two ends, in a cache of 3 with weight 1/2, an end has 1/2 p + 1/2 · 2/3.
  @Test func aCacheRemembersTheLastWords() throws {
    let path = try folder.write("a.txt", "a b c\n")
    var options = NGramTrainingOptions()
    options.smoothing = .uniform
    let model = try NGramModel.train([path], options)
    var scorer = NGramScorer(model, cache: try UnigramCache(weight: 0.5, size: 3))
    let scored = try ["a", "b", "b"].map { scorer.score(try model.unit.ids($0, model.vocabulary)) }
    let probabilities = scored.joined().map { exp($0.logProbability) }
    // a </s> b </s> b </s>
    let expected = [0.2, 0.1, 0.1, 0.1 + 0.5 / 3, 0.1 + 0.5 / 3, 0.1 + 0.5 / 3]
    for (found, wanted) in zip(probabilities, expected) { #expect(abs(found - wanted) < 1e-6) }
    #expect(error { _ = try UnigramCache(weight: 1, size: 3) }?.code == .usage)
  }

  @Test func whatIsImpossibleIsRefused() throws {
    let path = try folder.write("a.txt", "a b c\n")
    let empty = try folder.write("empty.txt", " \n\n")
    func refusal(_ change: (inout NGramTrainingOptions) -> Void, _ file: String) -> Support.ExitCode? {
      var options = NGramTrainingOptions()
      change(&options)
      return error { _ = try NGramModel.train([file], options) }?.code
    }
    #expect(refusal({ $0.order = 0 }, path) == .usage)
    #expect(refusal({ $0.cutOffs = [1] }, path) == .usage)
    #expect(refusal({ $0.cutOffs = [0, 2, 1] }, path) == .usage)
    #expect(refusal({ $0.smoothing = .mixture }, path) == .usage)
    #expect(refusal({ _ in }, empty) == .badData)
    #expect(refusal({ _ in }, try folder.write("s.txt", "a <s> b\n")) == .badData)
    #expect(error { _ = try NGramModel(opening: folder.path) }?.code == .missingInput)
  }

  /// Whatever is changed in a file, or cut off it, it is refused or read as numbers; nothing leads out of it.
  @Test func damagedFilesAreRefused() throws {
    let model = try NGramModel.train([NGramFixture.train], NGramTrainingOptions())
    try model.write(to: "\(folder.path)/model")
    let whole = Array(try folder.bytes("model/ngrams.bin"))
    var generator = RandomKey(seed: 1).generator()
    for round in 0..<60 {
      var bytes = whole
      if round % 3 == 0 {
        bytes.removeLast(1 + generator.below(bytes.count))
      } else {
        for _ in 0...generator.below(3) { bytes[generator.below(bytes.count)] = UInt8(generator.below(256)) }
      }
      try folder.write("model/ngrams.bin", bytes)
      guard let read = try? NGramModel(opening: "\(folder.path)/model") else { continue }
      _ = try NGramFixture.scores(read)
      _ = read.distribution(read.start)
    }
  }

  @Test func damagedARPAFilesAreRefusedByLine() throws {
    let whole = try String(contentsOfFile: NGramFixture.arpa, encoding: .utf8)
    func refusal(_ text: String) throws -> GraftError? {
      let path = try folder.write("damaged.arpa", text)
      return error { _ = try NGramModel(opening: path) }
    }
    #expect(try refusal("a text\nof two lines\n")?.code == .badData)
    #expect(try refusal(String(whole.prefix(whole.count / 2)))?.code == .badData)
    #expect(try refusal(whole.replacingOccurrences(of: "\t<s> w0\t", with: "\t<s> w0 w0\t"))?.location?.line != nil)
    #expect(try refusal(whole.replacingOccurrences(of: "\t<s> w0\t", with: "\t<s> nobody\t"))?.location?.line != nil)
    #expect(try refusal(whole.replacingOccurrences(of: "ngram 2=", with: "ngram 2=1"))?.code == .badData)
  }
}
