import ArgumentParser
import Corpus
import Foundation
import Reporting
import Support
import Tokenization
import Training

/// `graft tokenizer train`
struct TokenizerTrainCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn a vocabulary from text.",
    discussion: """
      Files may be plain text or JSON lines, compressed with gzip or not. The result is a tokenizer.json that
      Hugging Face tokenizers reads too. It depends on the text alone, not on the number of threads.

      Example:
        graft tokenizer train --corpus books/ --vocabulary-size 16384 --output tokenizer.json
        zcat dump.gz | graft tokenizer train --corpus - --memory 1g
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Files, folders (without hidden files, READMEs and what is no text), quoted patterns, also of the folder of the \
      data sets, FIFOs; - for standard input, not gzip.
      """,
      valueName: "path"))
  var corpus: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Tasks whose training prompts, without their answers, are read, too, as `graft pretrain --task-text` does.")
  var taskText: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the tokenizer goes.", valueName: "file"))
  var output = "tokenizer.json"

  @Option(
    help: "What tokens are: \(VocabularyUnit.allValueStrings.joined(separator: ", ")).")
  var unit = VocabularyUnit.bpe

  @Option(help: "Everything counts: 3 special tokens, 256 bytes, merges (or characters, or words), sentinels.")
  var vocabularySize = 8192

  @Option(help: "A pair (or word, or character) that occurs less often gets no token.")
  var minimumFrequency: Int64 = 2

  @Option(help: "How many sentinels <extra_id_0>, <extra_id_1> … there are, which span corruption needs.")
  var sentinels = 100

  @Option(parsing: .upToNextOption, help: "Further special tokens by name.")
  var special: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: """
      What happens to text first, one after the other: \(Normalization.allValueStrings.joined(separator: ", ")). \
      Nothing by default: every byte is kept.
      """)
  var normalization: [Normalization] = []

  @Option(
    help: """
      Where merges stop, in a byte-level tokenizer: \(BytePattern.allValueStrings.joined(separator: ", ")).
      """)
  var pattern = BytePattern.gpt2

  @Option(
    help: ArgumentHelp(
      "What counting may take: 512m, 2g. Beyond it the rarest words are forgotten, and a note says how many.",
      valueName: "size"))
  var memory = MemorySize(bytes: 2 << 30)

  @Option(help: "Threads, without influence on the result; by default as many as cores.")
  var threads: Int?

  @OptionGroup(title: "Screening") var screening: ScreeningArguments
  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments
  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(
      .tokenizer(output), reading: screening.decontaminate,
      corpus: corpus.map { data.root.place(ofCorpus: $0) ?? $0 })
  }

  func run() throws {
    let start = ContinuousClock.now
    guard !(corpus.isEmpty && taskText.isEmpty) else {
      throw GraftError(.usage, "no text to learn from", hint: "give --corpus PATH … or --task-text NAME ….")
    }
    guard taskText.isEmpty || reading.format != .text else {
      throw GraftError(
        .usage, "--task-text is read as JSON lines, which --format text forbids", hint: "leave --format out.")
    }
    let cache = TaskText.defaultCache(besides: output)
    let files =
      try corpus.map(data.corpus)
      + taskText.map { try TaskText.file(task: $0, data: data, cache: cache, field: reading.textField) }
    let progress = TrainingProgressLine()
    let selections = try selections(files)
    let tokenizer = try Tokenizer.train(
      files: files, reading: try reading.options(), options: options, selections: selections
    ) {
      progress.show($0)
    }
    try tokenizer.write(to: output)
    progress.finish("trained in \(NumberText.fixed(start.secondsUntilNow, digits: 1)) s")
    if tokenizer.vocabulary.size < vocabularySize, unit != .byte {
      progress.finish(
        "note: nothing was left that occurs \(minimumFrequency) times, so the vocabulary has "
          + "\(tokenizer.vocabulary.size) tokens, not \(vocabularySize)")
    }
    standardOutput("\(output)\t\(tokenizer.vocabulary.size) tokens\t\(tokenizer.contentHash)")
  }

  /// What is left out of each file; nil for nothing.
  private func selections(_ files: [String]) throws -> [DocumentSelection]? {
    guard let sought = try screening.options(data) else { return nil }
    guard !files.contains(DocumentReader.standardInput) else {
      throw GraftError(
        .usage, "standard input is read once, and --deduplicate and --decontaminate read twice",
        hint: "give --corpus a file.")
    }
    let found = try CorpusScreening.screen(
      [files], reading: try reading.options(), options: sought, cacheDirectory: nil)
    for note in found.report.notes { standardError("note: \(note)") }
    return found.selections[0]
  }

  private var options: TokenizerTrainingOptions {
    var options = TokenizerTrainingOptions(vocabularySize: vocabularySize, sentinelCount: sentinels)
    options.unit = unit
    options.specialTokens = special
    options.normalization = normalization
    options.pattern = pattern
    options.minimumCount = minimumFrequency
    options.memory = memory.bytes
    if let threads { options.threads = threads }
    return options
  }
}

/// One line on standard error that is written over on a terminal, and left out elsewhere.
private final class TrainingProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) != 0
  /// When the present phase began.
  private var began = ContinuousClock.now
  private var isMerging = false

  func show(_ progress: TokenizerTrainingProgress) {
    switch progress {
    case .counting(let bytes, let words, let fraction):
      show("counting: \(bytes >> 20) MiB, \(words) distinct words", fraction)
    case .merging(let merges, let target):
      if !isMerging { (isMerging, began) = (true, .now) }
      show("merging: \(merges) of \(target)", Double(merges) / Double(max(1, target)))
    case .forgotten(let occurrences):
      finish(
        "note: to stay within --memory, \(occurrences) occurrences of the rarest words were forgotten; "
          + "give more memory for exact counts")
    }
  }

  private func show(_ text: String, _ fraction: Double?) {
    guard isTerminal else { return }
    var line = text
    if let fraction, fraction > 0.01, fraction < 1 {
      line += ", \(NumberText.duration(began.secondsUntilNow * (1 - fraction) / fraction)) left"
    }
    StandardError.write("\r\u{1B}[K\(line)")
  }

  func finish(_ text: String) {
    StandardError.write((isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
  }
}
