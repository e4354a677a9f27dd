import ArgumentParser
import Compute
import Counting
import Experiments
import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Reporting
import Support
import Training

/// `graft score`
struct ScoreCommand: WritingCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Log-probability of texts and whole files under a model, per token, word and byte.",
    discussion: """
      An encoder-decoder scores a target after --input, end-of-sequence included, and so does a decoder that was \
      fine-tuned; a decoder that was only pretrained goes on with the input as one text (--layout chooses), and \
      without --input scores the text by itself; an encoder predicts every token from all others \
      (pseudo-log-likelihood, Salazar et al. 2020). Names of special tokens in a text, such as <extra_id_0>, are these \
      tokens. Several targets are ranked: which label word, which sentence of a pair.

      Whole files of any length are scored by a decoder in windows that move on by --stride tokens: every token once, \
      after at least --window minus --stride others where the text has them; with a stride as long as the window each \
      window stands by itself. A model that Graft pretrained has the start token before each window, as in training, \
      one of transformers before the file only. A file takes some 40 bytes of memory for each of its own. A model of \
      n-grams (graft ngram train) has no windows: each line is a sentence, whose end counts.

      Example:
        graft score --checkpoint gpt2 --input 'The cat sees' --target ' the dog' ' a tree'
        graft score --checkpoint gpt2 --file ptb.test.txt --stride 512 --line-ends
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.", completion: .checkpoints)
  var checkpoint: String

  @OptionGroup var adapter: BaseArguments

  @Option(help: "What the model reads before the target.")
  var input: String?

  @Option(parsing: .upToNextOption, help: "Texts to score.")
  var target: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Files to score as whole texts, gzip or not; - for standard input.")
  var file: [String] = []

  @Option(help: "With --file: how many tokens a window moves on; half a window by default.")
  var stride: Int?

  @Option(help: "With --file: tokens that the model sees; all its positions by default.")
  var window: Int?

  @Flag(help: "With --file: the end of a line is a word, too, as in published counts of PTB and WikiText.")
  var lineEnds = false

  @Flag(
    inversion: .prefixedNo,
    help: """
      With --file: score the first token, after the start token; else it is only what others follow, as in the \
      recipe of transformers' documentation.
      """)
  var first = true

  @OptionGroup(title: "Memory") var memory: MemoryArguments

  @Option(
    help: """
      How a decoder reads the input: prompt (it ends, and a target follows) or continuation (input and target are one \
      text, as typed); by default as the model was trained.
      """)
  var layout: TextLayout?

  @Option(
    help: """
      Write the scores as JSON to this file, - for standard output: an object for one target, else a list; rates \
      with intervals for files.
      """)
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .score, .fileScores, keys: ["tokens", "total", "perByte"], ["window", "stride", "files"]),
      reading: [checkpoint, adapter.base] + file)
  }

  func run() throws {
    guard target.isEmpty != file.isEmpty else {
      throw GraftError(
        .usage, target.isEmpty ? "there is nothing to score" : "--target and --file exclude each other",
        hint: "give texts with --target, or whole files with --file.")
    }
    try memory.check()
    guard !file.isEmpty || !memory.isGiven else {
      throw GraftError(.usage, "--cache and --dynamic are for --file", hint: "leave them out.")
    }
    let world = try ProcessWorld.joined.get()
    guard world.size == 1 || !memory.isGiven else {
      throw GraftError(
        .usage,
        "what --cache and --dynamic remember goes through a text from its beginning and is not dealt over"
          + " processes, and \(world.size) of them were started",
        hint: "run it without mpirun.")
    }
    if NGramModel.isOne(checkpoint) { return try scoreByCounts() }
    let (saved, configuration, tokenizer) = try ModelFolder.open(checkpoint, base: adapter.base)
    var codec = TextCodec(tokenizer, recognizingSpecialTokens: true)
    codec = try codec.laidOut(for: configuration, layout)
    // Scored as typed: a space that is not there may be meant.
    codec.spacesTargets = false
    if !file.isEmpty { return try scoreFiles(saved, configuration, codec) }
    guard stride == nil, window == nil, !lineEnds, first else {
      throw GraftError(
        .usage, "--stride, --window, --line-ends and --no-first are for --file", hint: "leave them out.")
    }
    let model = try saved.opened(configuration, precision: .f32, shardCount: 1, readers: world)
    try write(try TextScorer(model: model, codec: codec).score(input: input, targets: target))
  }

  /// With a model of n-grams, which has no windows.
  private func scoreByCounts() throws {
    guard stride == nil, window == nil, first, layout == nil else {
      throw GraftError(
        .usage, "--stride, --window, --no-first and --layout have no bearing on an n-gram model",
        hint: "leave them out.")
    }
    let model = try NGramModel(opening: checkpoint)
    let answerer = NGramAnswerer(model, countsLineEnds: lineEnds)
    let cache = try memory.unigramCache()
    guard file.isEmpty else {
      return try scoreFiles(
        answerer, remembering: cache.map { NGramAnswerer(model, countsLineEnds: lineEnds, cache: $0) })
    }
    try write(try answerer.score(input: input, targets: target))
  }

  private func write(_ scores: [ScoredText]) throws {
    if let json {
      if scores.count == 1 {
        try JSONOutput.write(scores[0], to: json)
      } else {
        try JSONOutput.write(scores, to: json)
      }
    }
    guard json != "-" else { return }
    if scores.count == 1 { show(scores[0]) } else { rank(scores) }
  }

  private func scoreFiles(
    _ saved: SavedModel, _ configuration: ModelConfiguration, _ codec: TextCodec
  ) throws(GraftError) {
    guard layout == nil else {
      throw GraftError(.usage, "--layout is for --target: a file is read as one text", hint: "leave it out.")
    }
    var codec = codec
    codec.layout = .continuation
    let shards = ProcessInfo.processInfo.activeProcessorCount
    let laidOut = codec
    func scorer(_ model: ShardedModel, _ memory: ScoringMemory) throws(GraftError) -> TextFileScorer {
      try TextFileScorer(
        model: model, codec: laidOut, length: window, stride: stride, scoresFirst: first, countsLineEnds: lineEnds,
        memory: memory)
    }
    let cache = try memory.neuralCache()
    let model = try saved.opened(
      configuration, precision: .f32, shardCount: shards, readers: try ProcessWorld.joined.get())
    let plain = try scorer(model, ScoringMemory())
    var remembering: TextFileScorer?
    if let rate = memory.dynamic {
      let adaptation = try DynamicEvaluation(
        saved, configuration, rate: rate, decay: memory.dynamicDecay ?? 0, shardCount: shards)
      remembering = try scorer(adaptation.model, ScoringMemory(cache: cache, adaptation: adaptation))
    } else if let cache {
      remembering = try scorer(model, ScoringMemory(cache: cache))
    }
    try scoreFiles(plain, remembering: remembering)
  }

  private func scoreFiles(
    _ scorer: some TextLineScoring, remembering: (some TextLineScoring)?
  ) throws(GraftError) {
    guard input == nil else {
      throw GraftError(.usage, "--input is for --target: a file is read as one text", hint: "leave it out.")
    }
    guard file.count(where: { $0 == "-" }) < 2 else {
      throw GraftError(.usage, "standard input can be read once", hint: "give - once.")
    }
    let results = try FileScoring(
      scorer: scorer, remembering: remembering, world: try ProcessWorld.joined.get()
    ).results(file)
    if let json { try JSONOutput.write(results, to: json) }
    guard json != "-" else { return }
    if let windows = scorer.windows {
      standardOutput("windows of \(windows.length) tokens that move on by \(windows.stride)")
    }
    standardOutput(FileScoring.table(results).plainText, terminator: "")
  }

  private func show(_ score: ScoredText) {
    var table = Table([.init("token"), .init("id", .right), .init("nats", .right)])
    for token in score.tokens {
      table.append([token.token, "\(token.id)", NumberText.fixed(token.logProbability, digits: 3)])
    }
    table.append(["total", "", NumberText.fixed(score.total, digits: 3)])
    table.append(["per byte", "", NumberText.fixed(score.perByte, digits: 3)])
    standardOutput(table.plainText, terminator: "")
  }

  private func rank(_ scores: [ScoredText]) {
    var table = Table([
      .init("target"), .init("tokens", .right), .init("nats", .right), .init("per token", .right),
      .init("per byte", .right),
    ])
    for (text, score) in zip(target, scores).sorted(by: { $0.1.total > $1.1.total }) {
      table.append([
        text, "\(score.tokens.count)", NumberText.fixed(score.total, digits: 3),
        NumberText.fixed(score.total / Double(score.tokens.count), digits: 3),
        NumberText.fixed(score.perByte, digits: 3),
      ])
    }
    standardOutput(table.plainText, terminator: "")
  }
}
