import Records
import Support

/// Trains a tokenizer from text that is handed over document by document; only the distinct words and their counts are
/// kept.
///
/// The pair that occurs most often is merged next. Of pairs that occur equally often, the one whose left token has the
/// lower id wins, then the lower right id; of characters or words that occur equally often, the one with the lower
/// bytes. The result therefore depends on the counts alone, not on the order of the text or the number of threads.
///
/// Worked example: "abab abab" has the words `abab` and ` abab`. The pair (a, b) occurs 4 times, (b, a) and
/// (ab, ab) then twice; the merges are `a b`, `ab ab`.
public struct TokenizerTrainer: ~Copyable {
  /// Documents are counted once there are so many bytes of them, by all threads.
  private static let batchSize = 16 << 20

  private let options: TokenizerTrainingOptions
  private let normalizer: (any TextNormalizer)?
  private let rule: WordCounter.Rule
  private var counter = WordCounter()
  private var waiting: [[UInt8]] = []
  private var waitingBytes = 0
  /// How much text was handed over.
  public private(set) var byteCount = 0
  /// How many occurrences of words were forgotten to bound memory; 0 means that the counts are exact.
  public private(set) var forgottenWords: Int64 = 0

  /// - Throws: `.usage` if the options fit no vocabulary.
  public init(options: TokenizerTrainingOptions) throws(GraftError) {
    try options.validate()
    self.options = options
    normalizer = Normalization.normalizer(options.normalization)
    rule =
      switch options.unit {
      case .bpe, .byte: .bytes(options.pattern)
      case .character: .words(CharacterCutter())
      case .word: .words(WhitespaceCutter())
      }
  }

  /// How many different words were counted so far, but for documents that still wait to be.
  public var distinctWords: Int { counter.words.count }

  /// Takes a document, or a piece of one that ends where words end.
  public mutating func add(_ document: [UInt8]) {
    byteCount += document.count
    waitingBytes += document.count
    waiting.append(document)
    if waitingBytes >= Self.batchSize { countWaiting() }
  }

  /// Counts what waits. Every thread counts some documents by itself; the counts are put together in the order of the
  /// text, and whether words are forgotten is asked after that: the threads leave no trace.
  private mutating func countWaiting() {
    let runs = Self.runs(of: waiting, count: 4 * options.threads)
    nonisolated(unsafe) let counters = UnsafeMutablePointer<WordCounter>.allocate(capacity: runs.count)
    defer { counters.deallocate() }
    let (waiting, normalizer, rule) = (waiting, normalizer, rule)
    deal(runs.count, to: options.threads) { next in
      while let number = next() {
        var counter = WordCounter()
        for document in waiting[runs[number]] {
          document.withUnsafeBytes { bytes in
            if let normalized = normalizer?.normalized(bytes) {
              normalized.withUnsafeBytes { counter.count($0, by: rule) }
            } else {
              counter.count(bytes, by: rule)
            }
          }
        }
        (counters + number).initialize(to: counter)
      }
    }
    for number in runs.indices {
      counter.add(contentsOf: counters[number])
      (counters + number).deinitialize(count: 1)
    }
    self.waiting.removeAll(keepingCapacity: true)
    waitingBytes = 0
    if counter.memory > options.memory / 2 {
      forgottenWords += counter.forgetRarest(until: options.memory / 8 * 3)
    }
  }

  /// Neighbouring documents in runs of about equal size.
  private static func runs(of documents: [[UInt8]], count: Int) -> [Range<Int>] {
    let size = documents.reduce(0) { $0 + $1.count } / count + 1
    var runs: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for (index, document) in documents.enumerated() {
      bytes += document.count
      guard bytes >= size || index == documents.count - 1 else { continue }
      runs.append(start..<index + 1)
      (start, bytes) = (index + 1, 0)
    }
    return runs
  }

  /// Makes the vocabulary.
  public consuming func finish(
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    countWaiting()
    if forgottenWords > 0 { progress(.forgotten(occurrences: forgottenWords)) }
    guard counter.words.count > 0 else {
      throw GraftError(.badData, "there is no text to train a tokenizer on")
    }
    let builder = VocabularyBuilder(options: options)
    return Tokenizer(
      options.unit.isByteLevel
        ? builder.byteLevel(words: counter.words, counts: counter.counts, progress: progress)
        : builder.wordLevel(words: counter.words, counts: counter.counts))
  }
}

extension Tokenizer {
  /// Trains on documents in memory. For files, see the Corpus module.
  public static func train(
    documents: some Sequence<String>, options: TokenizerTrainingOptions,
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    try train(documents: documents.lazy.map { Array($0.utf8) }, options: options, progress: progress)
  }

  /// Trains on documents of arbitrary bytes in memory.
  public static func train(
    documents: some Sequence<[UInt8]>, options: TokenizerTrainingOptions,
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    var trainer = try TokenizerTrainer(options: options)
    for document in documents { trainer.add(document) }
    return try trainer.finish(progress: progress)
  }
}
