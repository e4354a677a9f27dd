import ArgumentParser
import Foundation
import Support
import Tokenization
import WordVectors

/// How vectors are learned.
enum VectorMethod: String, CaseIterable, ExpressibleByArgument {
  case skipGram = "skip-gram"
  case glove
}

/// `graft vectors train`
struct VectorsTrainCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn vectors of words from text: skip-gram with negative sampling, or GloVe.",
    discussion: """
      A line is a sentence. Words are what stands between spaces, as it stands: put text in lower case and cut marks off \
      before; or they are the tokens of a tokenizer. The same seed gives the same file, whatever the number of threads.

      The file is in word2vec's format, the most frequent word first; graft pretrain takes it as --embeddings.

      Example:
        graft vectors train --corpus books.txt --output books.vectors
        graft vectors train --corpus books.txt --method glove --size 50 --output books-glove.vectors
        graft vectors train --corpus books.txt --tokenizer tokenizer.json --size 256 --output tokens.vectors
      """)

  @Option(parsing: .upToNextOption, help: "Files of text, gzip or not; - for standard input.")
  var corpus: [String]

  @Option(help: "How vectors are learned: skip-gram, glove.")
  var method = VectorMethod.skipGram

  @Option(help: "Vectors of the tokens of this tokenizer (a tokenizer.json, or a folder with one) instead of words.")
  var tokenizer: String?

  @Option(help: "Numbers of a vector.")
  var size = SkipGramSettings().size

  @Option(help: "Words to either side, at most (default: 5 for skip-gram, 10 for glove).")
  var window: Int?

  @Option(help: "A word that occurs less often is left out.")
  var minimumCount = 5

  @Option(help: "Passes over the text, or over the counts of glove (default: 5 for skip-gram, 25 for glove).")
  var epochs: Int?

  @Option(
    help: """
      Rate at the beginning, which falls to 0 in a line (skip-gram, default: 0.025), or of AdaGrad throughout (glove, \
      default: 0.05).
      """)
  var learningRate: Double?

  @Option(help: "skip-gram: words drawn against each one that occurs (default: 5).")
  var negatives: Int?

  @Option(help: "skip-gram: the frequency above which occurrences are left out; 0 for none (default: 0.001).")
  var subsampling: Double?

  @Option(help: "skip-gram: the power of its frequency with which a word is drawn (default: 0.75).")
  var samplingPower: Double?

  @Option(help: "glove: counts from here on have weight 1 (default: 100).")
  var xMax: Double?

  @Option(help: "glove: smaller counts have their share of --x-max to this power (default: 0.75).")
  var alpha: Double?

  @Option(help: "Threads; by default as many as there are processors.")
  var threads: Int?

  @Option(help: "Decides first values and what is drawn.")
  var seed: UInt64 = 0

  @Option(help: "How the file is written: text, binary.")
  var format = WordVectorFormat.text

  @Option(name: .shortAndLong, help: "The file of the vectors.")
  var output: String

  @OptionGroup var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(
      .wordVectors(output), reading: [tokenizer], corpus: corpus.map { data.root.place(ofCorpus: $0) ?? $0 })
  }

  private var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// - Throws: `.usage` for an option of the other method.
  private func refuse(_ options: [(name: String, isGiven: Bool)]) throws(GraftError) {
    guard let option = options.first(where: { $0.isGiven }) else { return }
    throw GraftError(
      .usage, "--\(option.name) means nothing to \(method.rawValue)",
      hint: "leave it out, or take --method \(method == .glove ? VectorMethod.skipGram.rawValue : "glove").")
  }

  private func skipGramSettings() throws(GraftError) -> SkipGramSettings {
    try refuse([("x-max", xMax != nil), ("alpha", alpha != nil)])
    var settings = SkipGramSettings()
    (settings.size, settings.threads, settings.seed) = (size, threadCount, seed)
    settings.window = window ?? settings.window
    settings.negatives = negatives ?? settings.negatives
    settings.subsampling = subsampling ?? settings.subsampling
    settings.samplingPower = samplingPower ?? settings.samplingPower
    settings.epochs = epochs ?? settings.epochs
    settings.rate = learningRate ?? settings.rate
    try settings.validate()
    return settings
  }

  private func gloveSettings() throws(GraftError) -> GloVeSettings {
    try refuse([
      ("negatives", negatives != nil), ("subsampling", subsampling != nil), ("sampling-power", samplingPower != nil),
    ])
    var settings = GloVeSettings()
    (settings.size, settings.threads, settings.seed) = (size, threadCount, seed)
    settings.window = window ?? settings.window
    settings.greatestCount = xMax ?? settings.greatestCount
    settings.power = alpha ?? settings.power
    settings.epochs = epochs ?? settings.epochs
    settings.rate = learningRate ?? settings.rate
    try settings.validate()
    return settings
  }

  func run() throws {
    guard minimumCount >= 1 else {
      throw GraftError(.usage, "--minimum-count \(minimumCount) is impossible", hint: "1 keeps every word.")
    }
    // Before the text is read.
    let skipGram = method == .skipGram ? try skipGramSettings() : nil
    let glove = method == .glove ? try gloveSettings() : nil
    let start = ContinuousClock.now
    let text = try WordText(
      try data.files(ofCorpora: corpus), minimumCount: minimumCount,
      tokenizer: try tokenizer.map { try Tokenizer(contentsOf: $0) })
    try text.requireWritable()
    standardError(
      "\(text.wordsRead) words, of which \(text.tokens.count) are in a vocabulary of \(text.words.count);"
        + " read in \(NumberText.fixed(start.secondsUntilNow, digits: 1)) s")
    let begun = ContinuousClock.now
    let say = { (epoch: VectorEpoch) in
      standardError("epoch \(epoch.number): loss \(NumberText.fixed(epoch.loss, digits: 4))")
    }
    let vectors =
      if let skipGram { try WordVectors.skipGram(text, skipGram, say) } else {
        try WordVectors.glove(text, glove ?? GloVeSettings(), say)
      }
    let seconds = begun.secondsUntilNow
    let words = Double(text.tokens.count) * Double(skipGram?.epochs ?? glove?.epochs ?? 1)
    standardError(
      "trained in \(NumberText.fixed(seconds, digits: 2)) s, \(NumberText.abbreviated(words / seconds)) words a second")
    try vectors.write(to: output, format)
    standardOutput("\(output)\t\(vectors.count) words, \(vectors.size) numbers each")
  }
}
