import Foundation
import Randomness
import Records
import Support
import TestSupport
import Testing
import Tokenization

@testable import Corpus

@Suite struct ScreeningTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func screen(
    _ sources: [[String]], _ options: ScreeningOptions, cache: String? = nil, threads: Int? = nil,
    _ change: (inout CorpusOptions) -> Void = { _ in }
  ) throws(GraftError) -> CorpusScreening {
    var reading = CorpusOptions()
    change(&reading)
    return try CorpusScreening.screen(
      sources, reading: reading, options: options, cacheDirectory: cache, threads: threads)
  }

  private func jsonLines(_ name: String, _ texts: [String]) throws -> String {
    var lines = JSONLines()
    for text in texts { try lines.append(["text": text]) }
    let path = "\(folder.path)/\(name)"
    try lines.write(to: path)
    return path
  }

  /// Words of a small vocabulary, so that runs differ but words do not.
  private func words(_ count: Int, _ random: inout KeyedGenerator) -> [String] {
    (0..<count).map { _ in "w\(random.below(500))" }
  }

  private func shingles(_ text: String) -> Set<[UInt64]> {
    let words = OverlapWords.hashes(text)
    guard words.count >= 5 else { return words.isEmpty ? [] : [words] }
    return Set((0...(words.count - 5)).map { Array(words[$0..<($0 + 5)]) })
  }

  private func similarity(_ left: String, _ right: String) -> Double {
    let (left, right) = (shingles(left), shingles(right))
    return Double(left.intersection(right).count) / Double(max(1, left.union(right).count))
  }

  // MARK: Duplicates

  @Test func workedExampleOfBands() {
    #expect(DuplicateFinder.rows(at: 0.8) == 7)
    #expect(DuplicateFinder.rows(at: 1) == 32)
    #expect((2...10).allSatisfy { DuplicateFinder.rows(at: Double($0) / 10) >= 1 })
  }

  /// The share of equal numbers is the similarity of all runs of words, to five standard errors; of short documents,
  /// too.
  @Test func sketchesEstimateTheSimilarity() {
    var random = RandomKey(seed: 1).generator()
    for length in [4, 12, 60, 800] {
      for change in [0, 1, 3, 8] {
        var (errors, count) = (0.0, 0)
        for _ in 0..<12 {
          let left = words(length, &random)
          var right = left
          for _ in 0..<(change * length / 60 + (change > 0 ? 1 : 0)) {
            right[random.below(length)] = "x\(random.below(99))"
          }
          let (a, b) = (left.joined(separator: " "), right.joined(separator: " "))
          let sketches = [a, b].map { text in
            Array(text.utf8).withUnsafeBytes { DocumentSketch($0, isNear: true) }
          }
          let equal = zip(sketches[0].values, sketches[1].values).count { $0 == $1 }
          errors += Double(equal) / Double(DocumentSketch.bins) - similarity(a, b)
          count += 1
        }
        // Bins of short documents repeat each other: their estimates vary more.
        let deviation = 0.5 / Double(min(DocumentSketch.bins, max(1, length - 4))).squareRoot()
        #expect(abs(errors / Double(count)) < 5 * deviation / Double(count).squareRoot(), "\(length), \(change)")
      }
    }
  }

  /// Against brute force: what is clearly similar to an earlier document is found, what clearly is not stays.
  @Test func duplicatesAreThoseOfBruteForce() throws {
    var random = RandomKey(seed: 2).generator()
    var texts: [String] = []
    for _ in 0..<60 {
      let base = words(60 + random.below(200), &random)
      for number in 0..<(1 + random.below(3)) {
        var copy = base
        for _ in 0..<(number == 0 ? 0 : random.below(7)) { copy[random.below(copy.count)] = "x\(random.below(99))" }
        texts.append(copy.joined(separator: " "))
      }
    }
    let path = try jsonLines("a.jsonl", texts)
    let options = ScreeningOptions(deduplication: Deduplication(.near, threshold: 0.7))
    let found = try screen([[path]], options).selections[0][0].dropped
    var (clear, dropped) = (0, 0)
    for (index, text) in texts.enumerated() {
      let most = (0..<index).filter { !found.contains($0) }.map { similarity(texts[$0], text) }.max() ?? 0
      if most > 0.85 {
        #expect(found.contains(index), "\(most)")
        dropped += 1
      }
      if most < 0.55 {
        #expect(!found.contains(index), "\(most)")
        clear += 1
      }
    }
    #expect(clear >= 60 && dropped >= 15)
    // Whatever the number of threads.
    #expect(try screen([[path]], options, threads: 1).selections[0][0].dropped == found)
  }

  @Test func exactDuplicatesAcrossSources() throws {
    let first = try jsonLines("a.jsonl", ["One text.", "Another text.", "One text. "])
    let second = try jsonLines("b.jsonl", ["Another  text.", "another text", "Another text."])
    let exact = try screen([[first], [second]], ScreeningOptions(deduplication: Deduplication(.exact)))
    #expect(exact.selections.map { $0.map(\.dropped) } == [[[2]], [[2]]])
    #expect(exact.report.sources.map(\.exactDuplicates.documents) == [1, 1])
    #expect(exact.report.sources[0].exactDuplicates.bytes == 10 && exact.report.sources[0].read.bytes == 32)
    #expect(exact.report.duplicates.map(\.originalDocument) == [1, 2])
    #expect(exact.report.duplicates[1].file == second && exact.report.duplicates[1].originalFile == first)
    // The same words are near, whatever stands between them.
    let near = try screen([[first], [second]], ScreeningOptions(deduplication: Deduplication(.near)))
    #expect(near.selections.map { $0.map(\.dropped) } == [[[2]], [[0, 1, 2]]])
    #expect(near.report.sources[1].nearDuplicates.documents == 2)
    #expect(throws: (any Error).self) {
      try screen([[first]], ScreeningOptions(deduplication: Deduplication(.near, threshold: 0)))
    }
  }

  @Test func documentsWithoutWordsAreNotNear() throws {
    let path = try jsonLines("a.jsonl", ["...", "!!!", "..."])
    let near = try screen([[path]], ScreeningOptions(deduplication: Deduplication(.near)))
    #expect(near.selections[0][0].dropped == [2])
  }

  // MARK: Evaluation texts

  private let thirteen = "one two three four five six seven eight nine ten eleven twelve thirteen"

  private func evaluations(_ texts: String...) -> [EvaluationTexts] {
    [EvaluationTexts(name: "task/test", examples: texts.map { [$0] })]
  }

  @Test func linesOfSharedWordsAreTakenOut() throws {
    let path = try jsonLines(
      "a.jsonl",
      [
        "Kept line.\nHe said: “One, TWO three four five six seven\neight nine ten eleven twelve thirteen”!\nKept, too.",
        "\(thirteen)",
        "one two three four five six seven eight nine ten eleven twelve and thirteen",
        "Nothing.",
      ])
    var options = ScreeningOptions(evaluations: evaluations("Zero \(thirteen).", "a text of less than eight words"))
    let screened = try screen([[path]], options)
    #expect(screened.selections[0][0].droppedLines == [0: [1, 2]])
    #expect(screened.selections[0][0].dropped == [1])
    let source = screened.report.sources[0]
    #expect(source.contaminated.documents == 2 && source.contaminatedRemoved.documents == 1)
    #expect(source.linesRemoved == 2 && source.contaminatedRemoved.bytes == thirteen.utf8.count)
    #expect(source.lineBytesRemoved == 47 + 42)
    #expect(
      screened.report.evaluations == [
        ScreeningReport.Evaluation(name: "task/test", examples: 2, found: 1, documents: [2])
      ])
    #expect(screened.report.contaminations.first?.line == 2 && screened.report.contaminations.first?.example == 1)
    let text = Array("Kept line.\na\nb\nKept, too.".utf8)
    #expect(screened.selections[0][0].selected(text, document: 0) == Array("Kept line.\nKept, too.".utf8))
    #expect(screened.selections[0][0].selected(text, document: 1) == nil)
    #expect(screened.selections[0][0].selected(text, document: 2) == text)

    options.contaminated = .documents
    #expect(try screen([[path]], options).selections[0][0].dropped == [0, 1])
    options.contaminated = .none
    let counted = try screen([[path]], options)
    #expect(counted.selections[0][0].isEmpty && counted.report.sources[0].contaminated.documents == 2)
  }

  /// Texts of eight to twelve words are sought whole, at any place.
  @Test func shortTextsAreSoughtWhole() throws {
    let path = try jsonLines(
      "a.jsonl", ["so the cat sat on the mat all day long, yes", "the cat sat on the mat all night"])
    let screened = try screen(
      [[path]], ScreeningOptions(evaluations: evaluations("The cat sat on the mat all day.", "sat on the mat all")))
    #expect(screened.selections[0][0].dropped == [0])
    #expect(screened.report.evaluations[0].found == 1)
  }

  /// What stands in more than ten documents is a common phrase; duplicates are not counted for it.
  @Test func commonPhrasesStay() throws {
    let ten = try jsonLines("ten.jsonl", (0..<10).map { "\(thirteen) n\($0)" })
    let eleven = try jsonLines("eleven.jsonl", (0..<11).map { "\(thirteen) n\($0)" })
    let options = ScreeningOptions(evaluations: evaluations(thirteen))
    #expect(try screen([[ten]], options).selections[0][0].dropped.count == 10)
    let common = try screen([[eleven]], options)
    #expect(common.selections[0][0].isEmpty && common.report.commonRuns == 1)
    #expect(common.report.evaluations[0].found == 0)
    let repeated = try jsonLines("repeated.jsonl", (0..<20).map { _ in thirteen })
    let both = ScreeningOptions(deduplication: Deduplication(.exact), evaluations: evaluations(thirteen))
    #expect(try screen([[repeated]], both).selections[0][0].dropped.count == 20)
  }

  // MARK: What is tokenised

  @Test func tokensAreOfWhatIsLeft() throws {
    let tokenizer = try byteTokenizer()
    let path = try jsonLines("a.jsonl", ["First text.", "Line one.\n\(thirteen)", "First text.", "Last."])
    let clean = try jsonLines("b.jsonl", ["Other text."])
    let options = ScreeningOptions(deduplication: Deduplication(.exact), evaluations: evaluations(thirteen))
    var reading = CorpusOptions()
    reading.heldOutFraction = 0
    let screened = try screen([[path], [clean]], options)
    func prepare(_ path: String, _ selections: [DocumentSelection]?) throws -> PreparedCorpus {
      try PreparedCorpus.prepare(
        files: [path], tokenizer: tokenizer, options: reading, cacheDirectory: folder.cache, selections: selections)
    }
    let stream = try prepare(path, screened.selections[0]).training
    let documents = (0..<stream.documentCount).map { stream.tokens(stream.documentRange($0)) }
    #expect(documents == ["First text.", "Line one.", "Last."].map { tokenizer.encode($0) + [1] })
    // What is not touched is the same as without: its tokens stay in the cache, under the same name.
    #expect(try prepare(path, screened.selections[0]).contentHash != prepare(path, nil).contentHash)
    #expect(try prepare(clean, screened.selections[1]).contentHash == prepare(clean, nil).contentHash)
    // Nothing left is an error that says why.
    let error = #expect(throws: GraftError.self) {
      let nothing = try screen([[clean, clean]], options).selections[0]
      return try PreparedCorpus.prepare(
        files: [clean], tokenizer: tokenizer, options: reading, cacheDirectory: folder.cache,
        selections: [nothing[1]])
    }
    #expect(error?.hint?.contains("repeats other text") == true)
  }

  @Test func theOutcomeIsKeptUnderWhatItDependsOn() throws {
    let path = try jsonLines("a.jsonl", ["a b c d e f", "a b c d e f.", "line\n\(thirteen)"])
    func names() throws -> Set<String> {
      Set(try FileManager.default.contentsOfDirectory(atPath: folder.cache).filter { $0.hasSuffix(".screening.json") })
    }
    var options = ScreeningOptions(deduplication: Deduplication(.near), evaluations: evaluations(thirteen))
    let first = try screen([[path]], options, cache: folder.cache)
    let again = try screen([[path]], options, cache: folder.cache)
    #expect(again.report == first.report && again.selections == first.selections)
    #expect(first.selections[0][0].dropped == [1] && first.selections[0][0].droppedLines == [2: [1]])
    #expect(try names().count == 1)
    options.deduplication?.threshold = 0.9
    _ = try screen([[path]], options, cache: folder.cache)
    options.contaminated = .documents
    _ = try screen([[path]], options, cache: folder.cache)
    options.evaluations = evaluations("another text")
    _ = try screen([[path]], options, cache: folder.cache)
    _ = try screen([[path]], options, cache: folder.cache) { $0.cleaning = .markup }
    #expect(try names().count == 5)
    // What is damaged is made again.
    for name in try names() { try folder.write("cache/\(name)", "{}") }
    #expect(try screen([[path]], options, cache: folder.cache).report.evaluations[0].found == 0)
  }

  /// The texts stand for themselves, not their order or names.
  @Test func hashOfEvaluationTexts() {
    let (a, b) = (EvaluationTexts(name: "a", examples: [["x", "y"]]), EvaluationTexts(name: "b", examples: [["xy"]]))
    let hash = ScreeningOptions(evaluations: [a, b]).evaluationHash
    #expect(
      hash == ScreeningOptions(evaluations: [b, EvaluationTexts(name: "c", examples: a.examples)]).evaluationHash)
    #expect(hash != ScreeningOptions(evaluations: [a]).evaluationHash)
  }

  // MARK: Boundaries

  /// In merged windows an end-of-sequence token stands between any two documents, also of different files and forms.
  @Test func documentsAreNeverGluedTogether() throws {
    let tokenizer = try byteTokenizer()
    let forms: [(path: String, boundary: DocumentBoundary, texts: [String])] = [
      (try jsonLines("a.jsonl", ["ab", "cd\n\nef", "g"]), .wholeFile, ["ab", "cd\n\nef", "g"]),
      (try folder.write("b.tsv", "id\ttext\n1\tab\n2\tcd\n"), .wholeFile, ["ab", "cd"]),
      (try folder.write("c.csv", "text,id\n\"a, b\",1\ncd,2\n"), .wholeFile, ["a, b", "cd"]),
      (try folder.write("d.txt", "ab\ncd\n\n\nef\n"), .blankLines, ["ab\ncd", "ef"]),
      (try folder.write("e.txt", "ab\n\ncd"), .wholeFile, ["ab\n\ncd"]),
      (try folder.write("f.json", "[{\"text\": \"ab\"}, \"cd\"]"), .wholeFile, ["ab", "cd"]),
    ]
    for boundary in DocumentBoundary.allCases {
      var options = CorpusOptions()
      options.documentBoundary = boundary
      options.heldOutFraction = 0
      let parts = forms.filter { $0.boundary == boundary || !$0.path.hasSuffix(".txt") }
      let corpus = try PreparedCorpus.prepare(
        files: parts.map(\.path), tokenizer: tokenizer, options: options, cacheDirectory: folder.cache)
      let expected: [TokenID] = parts.flatMap(\.texts).flatMap { (text: String) in tokenizer.encode(text) + [1] }
      #expect(corpus.training.tokens(0..<corpus.training.tokenCount) == expected)
      // Merged windows are the stream, cut.
      let windows = TokenWindows(corpus.training, length: 7, key: RandomKey(seed: 1))
      for index in 0..<windows.windowsPerEpoch {
        #expect(windows.window(at: index) == Array(expected[windows.range(at: index)]))
      }
      // Unmerged ones hold no token after an end.
      let apart = TokenWindows(corpus.training, length: 7, key: RandomKey(seed: 1), merged: false)
      for index in 0..<apart.windowsPerEpoch { #expect(!apart.window(at: index).dropLast().contains(1)) }
    }
  }
}
