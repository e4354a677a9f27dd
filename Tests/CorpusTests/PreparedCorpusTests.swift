import Foundation
import Records
import Support
import Synchronization
import TestSupport
import Testing
import Tokenization

@testable import Corpus

@Suite struct PreparedCorpusTests {
  let folder: TestFolder
  let tokenizer: Tokenizer

  init() throws {
    folder = try TestFolder()
    tokenizer = try byteTokenizer()
  }

  private func prepare(
    _ files: [String], _ change: (inout CorpusOptions) -> Void = { _ in },
    events: ((CorpusProgress) -> Void)? = nil
  ) throws(GraftError) -> PreparedCorpus {
    var options = CorpusOptions()
    change(&options)
    return try PreparedCorpus.prepare(
      files: files, tokenizer: tokenizer, options: options, cacheDirectory: folder.cache,
      progress: { events?($0) })
  }

  /// All tokens of a stream as bytes; documents follow each other without anything between.
  private func bytes(_ stream: TokenStream) -> [UInt8] {
    tokenizer.decode(stream.tokens(0..<stream.tokenCount), skippingSpecialTokens: true)
  }

  /// All files that have to be mended are named at once, also where a tokenizer is learned.
  @Test func everyBadFileIsNamed() throws {
    let latin = Array("caf".utf8) + [0xE9]
    let files = [
      try folder.write("a.txt", "good"), try folder.write("b.txt", latin), try folder.write("c.txt", "good, too"),
      try folder.write("d.txt", latin), try folder.write("e.jsonl", "{\"text\": \n"),
    ]
    let errors = [
      #expect(throws: GraftError.self) { try prepare(files) },
      #expect(throws: GraftError.self) {
        try Tokenizer.train(
          files: files, reading: CorpusOptions(),
          options: TokenizerTrainingOptions(vocabularySize: 340, sentinelCount: 8))
      },
    ]
    for error in errors {
      let text = error?.message ?? ""
      #expect(text.contains("b.txt' is not UTF-8") && text.contains("these cannot be read either: "), "\(text)")
      #expect(text.hasSuffix("d.txt', '\(files[4])'"), "\(text)")
    }
    let alone = #expect(throws: GraftError.self) { try prepare(Array(files.prefix(3))) }
    #expect(alone?.message.contains("either") == false)
    #expect(try prepare(Array(files.prefix(4))) { $0.invalidUTF8 = .windows1252 }.files.count == 4)
  }

  /// Twelve bytes as two documents: 5 + 1 and 4 + 1 tokens with end-of-sequence.
  @Test func workedExample() throws {
    let corpus = try prepare([folder.write("a.txt", "ab cd\n\nefgh\n")]) {
      $0.documentBoundary = .blankLines
      $0.heldOutFraction = 0
    }
    let stream = corpus.training
    #expect(stream.tokenCount == 11)
    #expect(stream.documentCount == 2)
    #expect(stream.byteCount == 9)
    #expect(corpus.textByteCount == 9)
    #expect([stream.documentRange(0), stream.documentRange(1)] == [0..<6, 6..<11])
    #expect(stream.tokens(0..<11) == tokenizer.encode("ab cd") + [1] + tokenizer.encode("efgh") + [1])
    #expect(stream.byteCount(of: 4..<8) == 3)
    #expect(stream.tokens(5..<5).isEmpty)
    #expect(corpus.heldOut.tokenCount == 0)
  }

  /// Two processes with one cache: each makes the tokens of its files, and all are there then.
  @Test func aCacheIsFilledInParts() throws {
    let files = try (0..<3).map { try folder.write("text-\($0).txt", "text \($0)\n") }
    func made(_ part: Int) throws -> [String] {
      var made: Set<String> = []
      try PreparedCorpus.fillCache(
        files: files, tokenizer: tokenizer, options: CorpusOptions(), cacheDirectory: folder.cache, part: part, of: 2
      ) { if case .tokenizing(let file, _, _, _) = $0 { made.insert(file) } }
      return made.sorted()
    }
    #expect(try made(1) == [files[1]])
    #expect(try made(0) == [files[0], files[2]])
    var events: [CorpusProgress] = []
    let corpus = try prepare(files, { $0.heldOutFraction = 0 }, events: { events.append($0) })
    #expect(events.count == 3)
    for event in events { if case .cached = event {} else { Issue.record("\(event) is not from the cache") } }
    #expect(corpus.training.documentCount == 3)
  }

  @Test(.tags(.slow)) func wideVocabulariesTakeFourBytes() throws {
    let wide = try Tokenizer.train(
      documents: ["a"], options: TokenizerTrainingOptions(vocabularySize: 70_259, sentinelCount: 70_000))
    let path = try folder.write("a.txt", "some text")
    var options = CorpusOptions()
    options.heldOutFraction = 0
    let corpus = try PreparedCorpus.prepare(
      files: [path], tokenizer: wide, options: options, cacheDirectory: folder.cache)
    #expect(corpus.training.tokens(0..<10) == wide.encode("some text") + [1])
  }

  @Test func theCacheIsUsedAndFollowsEveryChange() throws {
    let path = try folder.write("a.txt", "some text\n\nand more\n")
    let log = Mutex<[String]>([])
    func run(_ change: (inout CorpusOptions) -> Void = { _ in }) throws -> (hash: String, last: String?) {
      log.withLock { $0 = [] }
      let corpus = try prepare([path], change) { event in
        log.withLock {
          switch event {
          case .cached: $0.append("cached")
          case .tokenizing: $0.append("tokenizing")
          case .rebuilding: $0.append("rebuilding")
          }
        }
      }
      return (corpus.contentHash, log.withLock { $0.joined(separator: " ") })
    }
    let first = try run()
    #expect(first.last == "tokenizing")
    #expect(try run() == (first.hash, "cached"))
    // Held-out options divide the same shard anew.
    let other = try run { $0.heldOutSeed = 1 }
    #expect(other.last == "cached" && other.hash != first.hash)
    #expect(try run { $0.documentBoundary = .blankLines }.last?.hasPrefix("tokenizing") == true)
    try folder.write("a.txt", "other text\n")
    let changed = try run()
    #expect(changed.last == "tokenizing" && changed.hash != first.hash)
    // The old text is still there.
    try folder.write("a.txt", "some text\n\nand more\n")
    #expect(try run() == (first.hash, "cached"))
  }

  @Test(.tags(.slow)) func damagedShardsAreMadeAnew() throws {
    let path = try folder.write("a.txt", "some text")
    let expected = try prepare([path]).contentHash
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder.cache).first)
    let shard = folder.cache + "/" + name
    let good = try Array(Data(contentsOf: URL(fileURLWithPath: shard)))
    var damages: [[UInt8]] = [[], Array(good.dropLast()), Array(good.dropFirst(8))]
    for position in stride(from: 0, to: good.count, by: 5) {
      var bytes = good
      bytes[position] ^= 0x80
      damages.append(bytes)
    }
    for damage in damages {
      try Data(damage).write(to: URL(fileURLWithPath: shard))
      let reasons = Mutex<[String]>([])
      let corpus = try prepare([path]) {
        if case .rebuilding(_, let reason) = $0 { reasons.withLock { $0.append(reason) } }
      }
      #expect(corpus.contentHash == expected)
      #expect(reasons.withLock { $0.count } == 1)
      #expect(try Array(Data(contentsOf: URL(fileURLWithPath: shard))) == good)
    }
  }

  private func prepare(
    _ files: [String], events: @escaping (CorpusProgress) -> Void
  ) throws(GraftError) -> PreparedCorpus {
    try prepare(files, { _ in }, events: events)
  }

  private func novel(_ lines: Int, _ seed: Int) -> String {
    (0..<lines).map { "Line \($0) of novel \(seed) says \(($0 &* 7919 &+ seed) % 10_007)." }
      .joined(separator: "\n")
  }

  /// Cuts fall inside lines, whose halves may well be alike.
  private func isWholeLine(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: Array("Line ".utf8)) && line.last == UInt8(ascii: ".")
  }

  @Test(.tags(.slow)) func heldOutAndTrainingArePartsOfTheWhole() throws {
    let texts = (0..<3).map { novel(2000, $0) }
    let paths = try texts.enumerated().map { try folder.write("n\($0.offset).txt", $0.element) }
    let all = try prepare(paths) { $0.heldOutFraction = 0 }.training
    for fraction in [0.01, 0.1, 0.5] {
      let corpus = try prepare(paths) { $0.heldOutFraction = fraction }
      #expect(corpus.training.tokenCount + corpus.heldOut.tokenCount == all.tokenCount)
      #expect(corpus.training.byteCount + corpus.heldOut.byteCount == all.byteCount)
      #expect(all.byteCount == texts.reduce(0) { $0 + $1.utf8.count })
      let share = Double(corpus.heldOut.tokenCount) / Double(all.tokenCount)
      #expect(share >= fraction && share < fraction * 1.2 + 0.001, "\(share)")
      // The lines of this text are all different: whole lines of one part must not be in the other.
      let training = Set(bytes(corpus.training).split(separator: 0x0A))
      let heldOut = Set(bytes(corpus.heldOut).split(separator: 0x0A))
      let shared = training.intersection(heldOut).filter(isWholeLine)
      #expect(shared.isEmpty, "\(shared.count)")
      #expect(heldOut.count > 10)
    }
  }

  @Test func heldOutIsChosenByContent() throws {
    let first = try folder.write("first.txt", novel(2000, 1))
    let second = try folder.write("second.txt", novel(2000, 2))
    let forwards = try prepare([first, second]) { $0.heldOutFraction = 0.1 }
    let backwards = try prepare([second, first]) { $0.heldOutFraction = 0.1 }
    func documents(_ stream: TokenStream) -> Set<[TokenID]> {
      Set((0..<stream.documentCount).map { stream.tokens(stream.documentRange($0)) })
    }
    #expect(documents(forwards.heldOut) == documents(backwards.heldOut))
    #expect(documents(forwards.training) == documents(backwards.training))
    let seeded = try prepare([first, second]) {
      $0.heldOutFraction = 0.1
      $0.heldOutSeed = 5
    }
    #expect(bytes(seeded.heldOut) != bytes(forwards.heldOut))
    // A file given twice is held out at the same places, so nothing of it leaks.
    let twice = try prepare([first, first]) { $0.heldOutFraction = 0.1 }
    let training = Set(bytes(twice.training).split(separator: 0x0A))
    let heldOut = Set(bytes(twice.heldOut).split(separator: 0x0A))
    #expect(training.intersection(heldOut).count(where: isWholeLine) == 0)
  }

  @Test func shortDocumentsAreHeldOutWhole() throws {
    let text = (0..<3000).map { "Document \($0)." }.joined(separator: "\n\n")
    let corpus = try prepare([folder.write("a.txt", text)]) {
      $0.documentBoundary = .blankLines
      $0.heldOutFraction = 0.05
    }
    #expect(corpus.training.documentCount + corpus.heldOut.documentCount == 3000)
    for stream in [corpus.training, corpus.heldOut] {
      for document in 0..<stream.documentCount {
        let tokens = stream.tokens(stream.documentRange(document))
        #expect(tokens.last == 1 && !tokens.dropLast().contains(1))
      }
    }
  }

  @Test(.tags(.slow)) func byteCountsOfRangesAddUp() throws {
    let path = try folder.write("a.txt", novel(3000, 4))
    let stream = try prepare([path]) { $0.heldOutFraction = 0.1 }.training
    for _ in 0..<200 {
      let low = Int.random(in: 0..<stream.tokenCount)
      let high = Int.random(in: low...min(stream.tokenCount, low + 20_000))
      let expected = tokenizer.decode(stream.tokens(low..<high), skippingSpecialTokens: true).count
      #expect(stream.byteCount(of: low..<high) == expected)
    }
  }

  @Test func cleaningIsCachedWithItsReport() throws {
    let path = try folder.write("a.txt", "This line has five words. So has this one. Good.\nshort\n")
    for _ in 0..<2 {
      let corpus = try prepare([path]) {
        $0.cleaning = .c4
        $0.heldOutFraction = 0
      }
      #expect(corpus.cleaningReport?[.lineEndMark] == 1)
      #expect(bytes(corpus.training) == Array("This line has five words. So has this one. Good.".utf8))
    }
    let error = #expect(throws: GraftError.self) {
      try prepare([folder.write("b.txt", "nothing")]) { $0.cleaning = .c4 }
    }
    #expect(error?.hint?.contains("dropped every document") == true)
  }

  @Test func repeatedLinesAreDroppedAcrossFiles() throws {
    let first = try folder.write("a.txt", "One line.\nTwo lines.")
    let second = try folder.write("b.txt", "two lines.\nThree lines.")
    let corpus = try prepare([first, second]) {
      $0.cleaning = CleaningOptions(rules: [.lineDuplicate])
      $0.heldOutFraction = 0
    }
    #expect(bytes(corpus.training) == Array("One line.\nTwo lines.Three lines.".utf8))
    #expect(corpus.files.count == 2)
  }

  @Test func nothingIsLeftWhenReadingFails() throws {
    let path = try folder.write("bad.txt", [0x61, 0xFF])
    #expect(throws: GraftError.self) { try prepare([path]) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.cache).isEmpty)
  }
}
