import ArgumentParser
import Compute
import Corpus
import Counting
import Families
import Inference
import ModelKit
import Randomness
import Records
import Support

/// `graft generate`
struct GenerateCommand: WritingCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract:
      """
      Let a model answer a text or go on with it: greedily, by beam search, by sampling, or with one of several \
      choices.
      """,
    discussion: """
      A decoder that was only pretrained goes on with the text, and what it writes keeps its leading space; any other \
      model answers it as a prompt (--layout chooses), greedily unless a flag says otherwise. A continuation is not \
      ended by anything, and its tokens are those of transformers' generate. A model of prefix-lm goes on after an \
      end-of-sequence, in which its prefixes ended.

      Example:
        graft generate --checkpoint runs/sst2 'sst2 sentence: a gripping film'
        graft generate --checkpoint runs/en-de --beam 4 --length-penalty 0.6 'translate English to German: Hi'
        graft generate --checkpoint runs/books --sample --top-p 0.9 --seed 7 'The old'
        graft generate --checkpoint runs/reviews --sample --clamp 0.cell:317=1.5 'I'
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.", completion: .checkpoints)
  var checkpoint: String

  @OptionGroup var adapter: BaseArguments

  @Option(help: "Longest answer in tokens, its end counted.")
  var targetLength = SequenceLengths.standard.targets

  @Option(
    help: """
      Longest text in tokens. By default all that the model has positions for beside the answer; a longer text loses \
      its beginning if it is continued, with a note, and is refused if it is a prompt.
      """)
  var inputLength: Int?

  @Option(
    help: """
      How a decoder reads the text: prompt (it ends, and an answer follows) or continuation (it goes on); by default \
      as the model was trained.
      """)
  var layout: TextLayout?

  @OptionGroup(title: "Decoding") var beam: BeamArguments
  @OptionGroup(title: "Decoding") var sampling: SamplingArguments

  @OptionGroup(title: "Decoding") var clamping: ClampArguments

  @Option(parsing: .upToNextOption, help: "Write one of these answers only.")
  var choices: [String] = []

  @Option(
    help: """
      Write answers as JSON to this file, - for standard output: for each text an object with input and answers, each \
      with text, tokens, ended, logProbability and score; of beam search all finished ones, best first.
      """)
  var json: String?

  @Argument(help: "Texts, prefix included: 'sst2 sentence: what a film'.")
  var text: [String]

  func files() -> CommandFiles {
    CommandFiles(.json(json, keys: ["input", "answers"]), reading: [checkpoint, adapter.base])
  }

  func run() throws {
    let strategy = try strategy()
    if NGramModel.isOne(checkpoint) { return try continueByCounts(strategy) }
    let (saved, configuration, tokenizer) = try ModelFolder.open(checkpoint, base: adapter.base)
    let codec = try TextCodec(tokenizer, recognizingSpecialTokens: true).laidOut(for: configuration, layout)
    let lengths = try lengths(configuration, codec)
    let model = try saved.opened(configuration, precision: .f32, shardCount: 1, readers: try ProcessWorld.joined.get())
    let predictor = try Predictor(model: model, codec: codec, lengths: lengths)
    var decoding = DecodingOptions(strategy, maximumTokens: targetLength, needsScores: json != nil)
    decoding.held = try clamping.units(of: try model.generativeBackbone())
    if !choices.isEmpty {
      let encoded = predictor.choices(choices)
      decoding.choices = encoded
      // A choice is written to its end.
      decoding.maximumTokens = max(targetLength, 1 + (encoded.map(\.count).max() ?? 0))
    }
    let answers = try predictor.answers(inputs: text, decoding: decoding)
    if let json { try write(answers, to: json) }
    if json != "-" { for answer in answers { standardOutput(answer.first?.text ?? "") } }
  }

  /// With a model of n-grams, which has no prompts.
  private func continueByCounts(_ strategy: DecodingOptions.Strategy) throws {
    guard choices.isEmpty, layout != .prompt, inputLength == nil, clamping.clamp.isEmpty else {
      throw GraftError(
        .usage, "--choices, --clamp, --input-length and --layout prompt have no bearing on an n-gram model",
        hint: "leave them out; graft score --target ranks texts.")
    }
    guard targetLength > 0 else {
      throw GraftError(.usage, "--target-length \(targetLength) is impossible", hint: "give a positive number.")
    }
    let answerer = NGramAnswerer(try NGramModel(opening: checkpoint), targetLength: targetLength)
    let answers = try answerer.answers(inputs: text, strategy).map { [$0] }
    if let json { try write(answers, to: json) }
    if json != "-" { for answer in answers { standardOutput(answer.first?.text ?? "") } }
  }

  /// - Throws: `.usage` for a prompt that would lose its end unasked, and for impossible lengths.
  private func lengths(
    _ configuration: ModelConfiguration, _ codec: TextCodec
  ) throws(GraftError) -> SequenceLengths {
    // A decoder's positions are shared by text and answer.
    let traits = try configuration.traits()
    let room = (traits.longestSequence ?? .max) - (traits.layout == .encoderDecoder ? 0 : max(0, targetLength))
    let longest = text.map { codec.prompt($0).count }.max() ?? 0
    let lengths = SequenceLengths(
      inputs: inputLength ?? max(1, min(longest, room, SequenceLengths.longest)), targets: targetLength)
    try lengths.validate(for: configuration)
    for text in text {
      let count = codec.prompt(text).count
      guard count > lengths.inputs else { continue }
      let start = "the text of \(count) tokens that begins with '\(text.prefix(24))'"
      if codec.layout == .continuation {
        standardError(
          "note: \(start) is cut: only its last \(lengths.inputs) tokens are read, beside \(targetLength) of the answer"
        )
      } else if inputLength != nil {
        standardError("note: \(start) is cut: only its first \(lengths.inputs) tokens are read")
      } else {
        throw GraftError(
          .usage, "\(start) exceeds the \(lengths.inputs) that the model has room for beside the answer",
          hint: "shorten it, lower --target-length, or cut it with --input-length \(lengths.inputs).")
      }
    }
    return lengths
  }

  private func strategy() throws(GraftError) -> DecodingOptions.Strategy {
    let beams = try beam.strategy()
    guard let sampled = try sampling.strategy() else { return beams }
    guard beam.beam == nil else {
      throw GraftError(.usage, "--beam and --sample exclude each other", hint: "leave one out.")
    }
    return sampled
  }

  private func write(_ answers: [[GeneratedAnswer]], to path: String) throws(GraftError) {
    let records = zip(text, answers).map { input, answers in
      Record(
        input: input,
        answers: answers.map {
          Record.Answer(
            text: $0.text, tokens: $0.hypothesis.tokens.map { Int($0) }, ended: $0.hypothesis.hasEnded,
            logProbability: $0.hypothesis.logProbability, score: $0.hypothesis.score)
        })
    }
    try JSONOutput.write(records, to: path)
  }

  /// What `--json` writes for a text.
  private struct Record: Encodable {
    struct Answer: Encodable {
      var text: String
      var tokens: [Int]
      var ended: Bool
      var logProbability: Double?
      var score: Double?
    }

    var input: String
    var answers: [Answer]
  }
}
