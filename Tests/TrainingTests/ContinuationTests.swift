import Compute
import Corpus
import Foundation
import ModelKit
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing
import Tokenization

@testable import Inference
@testable import Training

/// What transformers says about texts that a GPT-2, a GPT-NeoX and a Qwen go on with. See
/// continuation/make_continuation_fixtures.py.
struct ContinuationFixture: Decodable {
  struct Generation: Decodable {
    var text: String
    var ids, greedy, beam: [TokenID]
    var score: Double
  }
  struct Score: Decodable {
    var input, target: String
    var ids: [TokenID]
    var logProbabilities: [Double]
  }
  struct File: Decodable {
    var window, stride, tokens: Int
    var total: Double
  }
  struct Lambada: Decodable {
    var right: [Bool]
    var accuracy, perplexity, perplexityPerText: Double
  }
  struct Model: Decodable {
    var generation: [Generation]
    var scores: [Score]
    var files: [File]
    var lambada: Lambada
  }

  var limit: Int
  var text: String
  var models: [String: Model]

  static let folder = RealData.package.appendingPathComponent("Tests/Fixtures")
  static let names = ["gpt2", "gpt2-trained", "gpt-neox", "qwen2-window"]
  static let shared = Result {
    try JSONDecoder().decode(
      ContinuationFixture.self,
      from: Data(contentsOf: folder.appendingPathComponent("continuation/continuation.json")))
  }

  static func path(_ name: String) -> String {
    folder.appendingPathComponent(name == "gpt2-trained" ? "decoding/\(name)" : "huggingface/\(name)").path
  }
}

@Suite(.tags(.slow)) struct ContinuationTests {
  private func open(_ name: String) throws -> (
    model: ShardedModel, codec: TextCodec, expected: ContinuationFixture.Model
  ) {
    let (saved, configuration, tokenizer) = try ModelFolder.open(ContinuationFixture.path(name))
    let model = try saved.opened(configuration, precision: .f32, shardCount: 2)
    let codec = try TextCodec(tokenizer).laidOut(for: configuration, nil)
    return (model, codec, try #require(try ContinuationFixture.shared.get().models[name]))
  }

  /// The same ids as transformers' `generate`, and each answer behind its prompt is the whole text.
  @Test(arguments: ContinuationFixture.names) func generatesWhatTransformersDoes(_ name: String) throws {
    let (model, codec, expected) = try open(name)
    let limit = try ContinuationFixture.shared.get().limit
    let predictor = try Predictor(model: model, codec: codec, lengths: SequenceLengths(inputs: 50, targets: limit))
    let texts = expected.generation.map(\.text)
    for text in expected.generation { #expect(codec.prompt(text.text) == text.ids) }
    for (strategy, isBeam) in [(DecodingOptions.Strategy.greedy, false), (.beam(BeamOptions(count: 4)), true)] {
      let answers = try predictor.answers(
        inputs: texts, decoding: DecodingOptions(strategy, maximumTokens: limit, needsScores: true))
      for (answer, wanted) in zip(answers, expected.generation) {
        let best = answer[0].hypothesis
        let ids = best.tokens + (best.hasEnded ? [codec.vocabulary.endOfSequence] : [])
        #expect(ids == (isBeam ? wanted.beam : wanted.greedy), "\(wanted.text)")
        if isBeam { #expect(abs((best.score ?? 0) - wanted.score) < 1e-3) }
        let whole = codec.tokenizer.decodeText(wanted.ids + best.tokens)
        if !whole.contains("\u{FFFD}") { #expect(wanted.text + answer[0].text == whole) }
      }
    }
  }

  @Test(arguments: ContinuationFixture.names) func scoresWhatTransformersDoes(_ name: String) throws {
    var (model, codec, expected) = try open(name)
    codec.spacesTargets = false
    let scorer = try TextScorer(model: model, codec: codec)
    for wanted in expected.scores {
      let found = try scorer.score(
        input: wanted.input.isEmpty ? nil : wanted.input, targets: [wanted.target])[0]
      #expect(found.tokens.map(\.id) == wanted.ids, "\(wanted.input)|\(wanted.target)")
      for (token, value) in zip(found.tokens, wanted.logProbabilities) {
        #expect(abs(token.logProbability - value) < 1e-3)
      }
    }
  }

  /// Last-word accuracy and perplexity of rows in LAMBADA's form.
  @Test(arguments: ContinuationFixture.names) func lambadaIsWhatTransformersSays(_ name: String) throws {
    let (model, codec, expected) = try open(name)
    let folder = try TestFolder()
    try FileManager.default.createDirectory(atPath: "\(folder.path)/lambada", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: ContinuationFixture.folder.appendingPathComponent("continuation/lambada/lambada_openai.jsonl.gz").path,
      toPath: "\(folder.path)/lambada/lambada_openai.jsonl.gz")
    let evaluation = try Evaluator(
      model: model, codec: codec, lengths: SequenceLengths(inputs: 56, targets: 8)
    ).evaluate(try RealData.catalog().task(named: "lambada"), split: "test", data: DataRoot(folder.path))
    func value(_ metric: String) -> Double? {
      evaluation.report.metrics.first { $0.name == metric }?.value
    }
    #expect(value("accuracy") == expected.lambada.accuracy)
    #expect(abs((value("perplexity") ?? 0) / expected.lambada.perplexity - 1) < 1e-3)
    #expect(abs((value("perplexity-per-text") ?? 0) / expected.lambada.perplexityPerText - 1) < 1e-2)
    #expect(evaluation.cutExamples == 0)
  }

  /// The strided recipe of transformers' documentation; every token counts once.
  @Test(arguments: ContinuationFixture.names) func filesAreScoredAsInTransformers(_ name: String) throws {
    let (model, codec, expected) = try open(name)
    let text = try ContinuationFixture.shared.get().text
    for wanted in expected.files where wanted.stride > 1 {
      let scorer = try TextFileScorer(model: model, codec: codec, length: wanted.window, stride: wanted.stride)
      let rates = TextRates(lines: try scorer.lines(Array(text.utf8)))
      #expect(rates.counts.tokens == wanted.tokens)
      #expect(rates.counts.bytes == text.utf8.count)
      #expect(rates.counts.characters == text.unicodeScalars.count)
      #expect(rates.counts.words == text.split(whereSeparator: \.isWhitespace).count)
      #expect(abs(rates.counts.nats + wanted.total) < 1e-4 * rates.counts.nats)
      #expect(rates.bitsPerByte?.interval != nil)
    }
  }

  /// Windows hold every token once, after enough others.
  @Test(arguments: [(4, 2), (4, 4), (5, 1), (64, 7)]) func windowsCoverATextOnce(_ length: Int, _ stride: Int) {
    for count in 1...70 {
      let windows = TextWindows(length: length, stride: stride).windows(count: count, context: 0)
      #expect(windows.flatMap { Array($0.scored) } == Array(0..<count))
      for (held, scored) in windows {
        #expect(held.count <= length && held.upperBound == scored.upperBound)
        #expect(held.lowerBound == 0 || scored.lowerBound - held.lowerBound >= length - stride)
      }
    }
  }

  /// A short text moved through by one token is the text by itself.
  @Test func strideOneIsFullContext() throws {
    let (model, codec, _) = try open("gpt2-trained")
    let text = "The cat sees the dog."
    let whole = try TextScorer(model: model, codec: codec).score(input: nil, targets: [text])[0].total
    let lines = try TextFileScorer(model: model, codec: codec, length: nil, stride: 1).lines(Array(text.utf8))
    #expect(abs(lines[0].nats + whole) < 1e-3 && lines.count == 1)
  }

  /// The space before a target is the target's first character, however it is written.
  @Test func boundariesAreThoseOfTheWholeText() throws {
    let (_, codec, _) = try open("gpt2")
    for (prompt, target, whole) in [
      ("He asked for", "Mercy", "He asked for Mercy"), ("He asked for", " Mercy", "He asked for Mercy"),
      ("He asked for ", "Mercy", "He asked for Mercy"), ("It was", ".", "It was."), ("", "Mercy", "Mercy"),
    ] {
      let example = codec.example(prompt, target)
      #expect(example.inputs + example.targets == codec.tokenizer.encode(whole))
      if !prompt.isEmpty {
        #expect(codec.tokenizer.decodeText(example.inputs).hasSuffix(" ") == false)
      }
      #expect(!(example.inputs + example.targets).contains(codec.vocabulary.endOfSequence))
      #expect(example.omitsStart && example.isContinuation)
    }
    let prompt = TextCodec(codec.tokenizer).example("say", "yes")
    let end = codec.vocabulary.endOfSequence
    #expect(prompt.inputs.last == end && prompt.targets.last == end && !prompt.isContinuation)
  }

  /// What trained a model decides how it reads texts, and its folder says so.
  @Test func trainingIsRemembered() throws {
    let pretrained = TextReading?.none.pretrained(by: "causal-lm", supervised: ["sst2"])
    #expect(pretrained.layout(ofTask: "lambada", wanted: nil) == .continuation)
    #expect(pretrained.layout(ofTask: "sst2", wanted: nil) == .prompt)
    #expect(TextReading?.none.pretrained(by: "prefix-lm", supervised: []).endsPrompts == true)
    let catalog = try RealData.catalog()
    let tuned = TextReading?.some(pretrained)
      .finetuned(on: [try catalog.task(named: "story-cloze"), try catalog.task(named: "rte")])
    #expect(tuned.layout(ofTask: "rte", wanted: .continuation) == .prompt)
    #expect(tuned.layout(ofTask: "story-cloze", wanted: .continuation) == .continuation)
    #expect(tuned.layout(ofTask: "other", wanted: nil) == .prompt)
    #expect(tuned.layout(ofTask: "lambada", wanted: .continuation) == .continuation)
  }

  @Test func aPretrainedDecoderGoesOn() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = laboratory.plan("gpt")
    plan.settings.steps = 1
    try laboratory.pretrain(plan, "\(folder.path)/run")
    let (_, configuration, tokenizer) = try ModelFolder.open("\(folder.path)/run")
    #expect(configuration.reading == TextReading(.continuation))
    let codec = try TextCodec(tokenizer).laidOut(for: configuration, nil)
    // As its windows stood in pretraining: the start token, the text, no end.
    let example = codec.example("The cat", "sees")
    let batch = DecoderConverter(
      vocabulary: tokenizer.vocabulary, lengths: SequenceLengths(inputs: 20, targets: 20)
    ).batch([example])
    #expect(batch.decoder.tokens == [tokenizer.vocabulary.start] + tokenizer.encode("The cat sees").dropLast())
  }

  /// An input that is too long loses its beginning where it is continued, its end where it is a prompt.
  @Test func cutsKeepTheEnd() throws {
    let (model, codec, _) = try open("gpt2")
    let long = String(repeating: "the cat ", count: 40)
    let predictor = try Predictor(model: model, codec: codec, lengths: SequenceLengths(inputs: 32, targets: 4))
    let totals = try predictor.logProbabilities(inputs: [long + "a", long + "the dog a"], candidates: ["cat"])
    #expect(totals[0][0] != totals[1][0])
    let converter = DecoderConverter(
      vocabulary: codec.vocabulary, lengths: SequenceLengths(inputs: 3, targets: 4))
    #expect(converter.batch([codec.promptExample([5, 6, 7, 8], targets: [9])]).decoder.tokens == [6, 7, 8])
  }
}
