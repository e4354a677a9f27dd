import Foundation
import Randomness
import Support
import TestSupport
import Testing

@testable import WordVectors

@Suite struct TrainingTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func error(_ body: () throws -> Void) -> GraftError? {
    do { try body() } catch { return error as? GraftError }
    return nil
  }

  /// Sentences of one of three topics, whose words are near no others; 'the' is near all.
  private func topics(_ sentences: Int) throws -> WordText {
    var generator = RandomKey(seed: 9).generator()
    var lines = ""
    for _ in 0..<sentences {
      let topic = ["a", "b", "c"][generator.below(3)]
      lines += (0..<12).map { $0 % 4 == 0 ? "the" : "\(topic)\(generator.below(8))" }.joined(separator: " ") + "\n"
    }
    return try WordText([folder.write("topics.txt", lines)], minimumCount: 1)
  }

  private func settings(threads: Int) -> SkipGramSettings {
    var settings = SkipGramSettings()
    (settings.size, settings.window, settings.epochs, settings.threads) = (20, 3, 3, threads)
    settings.rate = 0.1
    return settings
  }

  /// How many of the three words nearest to each have its topic.
  private func shareOfTopic(_ vectors: WordVectors) throws -> Double {
    let space = try Neighbourhood(vectors)
    var (right, all) = (0, 0)
    for row in 0..<vectors.count where vectors.word(row) != "the" {
      for found in space.nearest(to: [(row, 1)], 3) {
        right += found.word.first == vectors.word(row).first ? 1 : 0
        all += 1
      }
    }
    return Double(right) / Double(all)
  }

  @Test func wordsAndSentences() throws {
    let path = try folder.write("a.txt", "b a a\u{0}\tb\r\n\n c a\n")
    let text = try WordText([path, path], minimumCount: 3)
    #expect(text.words == [Array("a".utf8), Array("b".utf8)] && text.counts == [6, 4])
    #expect(text.tokens == [1, 0, 0, 1, 0, 1, 0, 0, 1, 0] && text.ends == [4, 5, 9, 10] && text.wordsRead == 12)
    let failure = error { _ = try WordText([path], minimumCount: 4) }
    #expect(failure?.code == .badData && failure?.message.contains("4 times") == true)
  }

  @Test func aLongLineIsCut() throws {
    let line = String(repeating: "a ", count: 2500)
    let text = try WordText([folder.write("a.txt", "\(line)\n\(line)")], minimumCount: 1)
    #expect(text.ends == [1000, 2000, 2500, 3500, 4500, 5000])
  }

  /// 2²⁰ draws stay within five standard deviations of their share.
  @Test func numbersAreDrawnByWeight() {
    let weights = [5.0, 1, 1, 0.25, 12]
    let table = AliasTable(weights)
    var generator = RandomKey(seed: 4).generator()
    var counts = [Double](repeating: 0, count: weights.count)
    let draws = Double(1 << 20)
    for _ in 0..<1 << 20 { counts[Int(table.draw(&generator))] += 1 }
    for (count, weight) in zip(counts, weights) {
      let share = weight / weights.reduce(0, +)
      #expect(abs(count / draws - share) < 5 * (share * (1 - share) / draws).squareRoot())
    }
  }

  /// √(f / t) + 1 of t / f: a word of all occurrences and a rare one.
  @Test func frequentWordsAreLeftOut() throws {
    let text = try WordText([folder.write("a.txt", String(repeating: "a ", count: 999) + "b")], minimumCount: 1)
    var settings = settings(threads: 1)
    settings.subsampling = 0.01
    let kept = SkipGram(text, settings).kept
    let share = ((0.999 / 0.01).squareRoot() + 1) * 0.01 / 0.999
    #expect(abs(Double(kept[0]) / 0x1p32 - share) < 1e-9 && kept[1] == 1 << 32)
    settings.subsampling = 0
    #expect(SkipGram(text, settings).kept == [1 << 32, 1 << 32])
  }

  @Test func skipGramFindsTopicsWhateverTheThreads() throws {
    let text = try topics(900)
    var losses: [Double] = []
    let vectors = try WordVectors.skipGram(text, settings(threads: 1)) { losses.append($0.loss) }
    #expect(losses.count == 3 && losses[2] < losses[1] && losses[1] < losses[0] && losses[0] < 6 * log(2))
    #expect(try shareOfTopic(vectors) > 0.95)
    for threads in 2...5 {
      var others: [Double] = []
      let other = try WordVectors.skipGram(text, settings(threads: threads)) { others.append($0.loss) }
      #expect(other.values.map(\.bitPattern) == vectors.values.map(\.bitPattern), "\(threads) threads")
      #expect(others == losses)
    }
    var other = settings(threads: 2)
    other.seed = 1
    #expect(try WordVectors.skipGram(text, other).values != vectors.values)
  }

  @Test func gloveFindsTopicsWhateverTheThreads() throws {
    let text = try topics(300)
    var settings = GloVeSettings()
    (settings.size, settings.window, settings.epochs) = (20, 3, 10)
    var losses: [Double] = []
    let vectors = try WordVectors.glove(text, settings) { losses.append($0.loss) }
    #expect(losses.count == 10 && zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    #expect(try shareOfTopic(vectors) > 0.95)
    for threads in [2, 3, 9] {
      settings.threads = threads
      let other = try WordVectors.glove(text, settings)
      #expect(other.values.map(\.bitPattern) == vectors.values.map(\.bitPattern), "\(threads) threads")
    }
  }

  @Test func whatIsImpossibleIsSaid() throws {
    let text = try topics(2)
    for change: (inout SkipGramSettings) -> Void in [
      { $0.size = 0 }, { $0.window = 0 }, { $0.negatives = 0 }, { $0.epochs = 0 }, { $0.rate = -1 }, { $0.threads = 0 },
      { $0.subsampling = 1 },
    ] {
      var settings = SkipGramSettings()
      change(&settings)
      #expect(error { _ = try WordVectors.skipGram(text, settings) }?.code == .usage)
    }
    var settings = GloVeSettings()
    settings.greatestCount = 0
    #expect(error { _ = try WordVectors.glove(text, settings) }?.code == .usage)
  }

  /// Text, and binary with and without line feeds after rows; keys are bytes.
  @Test func filesThatAreBroken() throws {
    let good = "2 2\na 1 2\n\u{e9} 3 -4e-1\n"
    let vectors = try WordVectors(opening: folder.write("good", good))
    #expect(vectors.values == [1, 2, 3, -0.4] && vectors.word(1) == "é")
    var latin = Array("1 1\n".utf8)
    latin += [0xE9, 0x20, 0x31, 0x0A]
    #expect(try WordVectors(opening: folder.write("latin", latin)).bytes(0) == [0xE9])
    for (name, text, says) in [
      ("empty", "", "begin"), ("glove", "a 1 2\nb 1 2\n", "begin"), ("many", "9999999 9999999\n", "begin"),
      ("twice", "2 1\na 1\na 2\n", "twice"), ("word", "2 2\na 1 2\nb 1 x\n", "'x'"),
      ("more", good + "x 1 2\n", "more"),
      ("short", "2 2\na 1 2\nb 1\n", "1 numbers"),
      ("nan", "1 1\na nan\n", "finite"), ("end", "2 2\na 1 2\n\n", "missing"),
      ("cut", "1 4\na \u{1}\u{1}\u{1}", "ends"),
    ] {
      let path = try folder.write(name, text)
      let failure = error { _ = try WordVectors(opening: path) }
      let message = failure?.message ?? "read"
      #expect(failure?.code == .badData && message.contains(says), "\(name): \(message)")
    }
    let spaced = WordVectors(words: [Array("a b".utf8)], size: 1, values: [1])
    #expect(error { try spaced.write(to: "\(self.folder.path)/x", .text) }?.code == .badData)
  }

  @Test func questionsAndPairsThatAreBroken() throws {
    let questions = try folder.write("questions", "a b c d\n: x\na b c\n")
    #expect(error { _ = try WordAnalogies(contentsOf: questions) }?.location?.line == 3)
    let pairs = try folder.write("pairs", "word1,word2,score\na,b,1\na b c\n")
    #expect(error { _ = try WordSimilarities(contentsOf: pairs) }?.location?.line == 3)
    #expect(try WordSimilarities(contentsOf: folder.write("good", "word1,word2,score\na,b,1\n# x\n")).pairs.count == 1)
  }
}
