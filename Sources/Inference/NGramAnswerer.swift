import Corpus
import Counting
import Foundation
import ModelKit
import Randomness
import Records
import Scoring
import Support
import TaskRegistry

/// Has a model of n-gram counts do what others do: score texts, go on with them, and answer tasks.
///
/// Every line of a text is a sentence. What goes on with a text goes on with its last line, and has no end of its own.
public struct NGramAnswerer: TextScoring, TextLineScoring {
  private let model: NGramModel
  /// Of a model of tokens, what cuts a text in two.
  private let codec: TextCodec?
  private let countsLineEnds: Bool
  private let targetLength: Int
  private let cache: UnigramCache?

  /// - Parameters:
  ///   - targetLength: the most words of an answer that is written.
  ///   - countsLineEnds: of whole files, whether the end of a line is a word.
  ///   - cache: of whole files, what is mixed in of their last words.
  public init(
    _ model: NGramModel, targetLength: Int = SequenceLengths.standard.targets, countsLineEnds: Bool = false,
    cache: UnigramCache? = nil
  ) {
    (self.model, self.cache) = (model, cache)
    (self.targetLength, self.countsLineEnds) = (targetLength, countsLineEnds)
    codec = model.unit.tokenizer.map { tokenizer in
      var codec = TextCodec(tokenizer)
      codec.layout = .continuation
      return codec
    }
  }

  // MARK: Texts

  /// Log-probabilities of targets after an input, or of texts by themselves, in which the ends of sentences count.
  /// - Throws: `.badData` for an empty target.
  public func score(input: String?, targets: [String]) throws(GraftError) -> [ScoredText] {
    try score(input: input, targets: targets, names: [])
  }

  func score(input: String?, targets: [String], names: [String]) throws(GraftError) -> [ScoredText] {
    var result: [ScoredText] = []
    for target in targets {
      let words = if let input { try continuation(input, target) } else { try sentences(target) }
      guard !words.isEmpty else { throw GraftError(.badData, "there is nothing to score in an empty text") }
      let tokens = words.map { word in
        let token = TokenID(word.id)
        return ScoredToken(id: token, token: model.vocabulary.word(word.id), logProbability: word.logProbability)
      }
      let total = tokens.reduce(0) { $0 + $1.logProbability }
      result.append(ScoredText(tokens: tokens, total: total, perByte: total / Double(max(1, target.utf8.count))))
    }
    return result
  }

  private func sentences(_ text: String) throws(GraftError) -> [NGramScorer.Word] {
    var (scorer, result) = (NGramScorer(model), [NGramScorer.Word]())
    for line in text.split(separator: "\n") {
      let ids = try model.unit.ids(String(line), model.vocabulary)
      if !ids.isEmpty { result += scorer.score(ids) }
    }
    return result
  }

  private func continuation(_ input: String, _ target: String) throws(GraftError) -> [NGramScorer.Word] {
    let (read, written) = try parts(input, target)
    var (scorer, state) = (NGramScorer(model), model.start)
    _ = scorer.score(read, &state)
    return scorer.score(written, &state)
  }

  /// The last line of an input and the target as words.
  private func parts(_ input: String, _ target: String) throws(GraftError) -> (read: [WordID], written: [WordID]) {
    let line = input.split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    let (unit, vocabulary) = (model.unit, model.vocabulary)
    guard let codec else { return (try unit.ids(line, vocabulary), try unit.ids(target, vocabulary)) }
    let example = codec.example(line, target)
    return (unit.ids(ofTokens: example.inputs), target.isEmpty ? [] : unit.ids(ofTokens: example.targets))
  }

  public var windows: TextWindows? { nil }

  public func lines(_ text: [UInt8]) throws(GraftError) -> [TextCounts] {
    var (scorer, result, start) = (NGramScorer(model, cache: cache), [TextCounts](), 0)
    while start < text.count {
      let feed = text[start...].firstIndex(of: 0x0A)
      let end = feed.map { $0 + 1 } ?? text.count
      var line = TextCounts(line: text[start..<end])
      if countsLineEnds, feed != nil { line.words += 1 }
      let ids = try model.unit.ids(String(decoding: text[start..<(feed ?? end)], as: UTF8.self), model.vocabulary)
      if !ids.isEmpty {
        let scored = scorer.score(ids)
        line.tokens = scored.count
        line.nats = -scored.reduce(0) { $0 + $1.logProbability }
      }
      result.append(line)
      start = end
    }
    guard result.contains(where: { $0.tokens > 0 }) else {
      throw GraftError(.badData, "there is nothing to score", hint: "the text is empty.")
    }
    return result
  }

  /// Goes on with texts, to the end of their sentences at most.
  /// - Parameter strategy: greedy, or sampling by a temperature.
  /// - Throws: `.usage` for what counts have no way to do.
  public func answers(
    inputs: [String], _ strategy: DecodingOptions.Strategy = .greedy
  ) throws(GraftError) -> [GeneratedAnswer] {
    var (temperature, key) = (0.0, RandomKey(seed: 0))
    switch strategy {
    case .greedy: break
    case .sampling(let options) where options.topK == nil && options.topP == 1:
      (temperature, key) = (options.temperature, options.key)
    default:
      throw GraftError(
        .usage, "an n-gram model writes the likeliest words, or draws them by a `temperature:`",
        hint: "leave out `beam:`, `top-k:` and `top-p:`.")
    }
    var result: [GeneratedAnswer] = []
    for (index, input) in inputs.enumerated() {
      let read = try parts(input, "").read
      let sample = model.sample(after: read, temperature: temperature, longest: targetLength, key: key.folded(index))
      result.append(
        GeneratedAnswer(
          text: model.unit.text(sample.words, model.vocabulary),
          hypothesis: Hypothesis(
            tokens: sample.words.map { TokenID($0) }, hasEnded: sample.hasEnded,
            logProbability: sample.logProbability, score: sample.logProbability)))
    }
    return result
  }

  // MARK: Tasks

  /// - Throws: as opening the model; `.usage` for options that mean nothing here.
  init(opening path: String, _ options: AnswerOptions, targetLength: Int) throws(GraftError) {
    guard options.layout != .prompt, options.labels == nil, options.scoring != .masked else {
      throw GraftError(
        .usage, "an n-gram model goes on with texts, from left to right",
        hint: "leave out `layout:`, `labels:` and `scoring:`.")
    }
    self.init(try NGramModel(opening: path), targetLength: targetLength)
  }

  /// Whether the likeliest word at every place of the target, after the right ones before it, is the right one: then
  /// the answer is the target, else these words. Has the log-probabilities of the target, too.
  private func reading(of example: Example) throws(GraftError) -> Prediction {
    let (read, written) = try parts(example.inputs, example.targets)
    var (scorer, state) = (NGramScorer(model), model.start)
    _ = scorer.score(read, &state)
    var (likeliest, logProbabilities): ([WordID], [Double]) = ([], [])
    for word in written {
      let distribution = model.distribution(state)
      likeliest.append(WordID(distribution.indices.max { distribution[$0] < distribution[$1] } ?? 0))
      logProbabilities += scorer.score([word], &state).map(\.logProbability)
    }
    // A word that the model does not know is not written by it.
    let isRight = likeliest == written && !written.contains(NGramVocabulary.unknown)
    let text = isRight ? example.targets : model.unit.text(likeliest, model.vocabulary)
    return Prediction(text: text, logProbabilities: logProbabilities)
  }

  /// - Throws: as `score` and `answers`.
  func predictions(
    _ examples: [Example], task: TaskDefinition, _ options: AnswerOptions
  ) throws(GraftError) -> [Prediction] {
    if task.output == .preference { return try preferences(examples) }
    guard task.choicesVary || task.choices != nil, options.mode == .rank || task.isForRankingOnly else {
      var result: [Prediction] = []
      if task.layout == .continuation {
        for example in examples { result.append(try reading(of: example)) }
        return result
      }
      for (example, answer) in zip(examples, try answers(inputs: examples.map(\.inputs), options.strategy)) {
        var prediction = Prediction(text: answer.text)
        if task.readsLogProbabilities { prediction.logProbabilities = try reading(of: example).logProbabilities }
        result.append(prediction)
      }
      return result
    }
    var result: [Prediction] = []
    for example in examples {
      let choices = task.choices ?? []
      let candidates = example.candidates ?? choices.map { Candidate(inputs: example.inputs, targets: $0) }
      var scores: [[NGramScorer.Word]] = []
      for candidate in candidates { scores.append(try continuation(candidate.inputs, candidate.targets)) }
      let sums = scores.map { $0.reduce(0) { $0 + $1.logProbability } }
      var prediction = Prediction(candidates.map(\.targets), scores: sums)
      prediction.choiceScoresPerToken = zip(sums, scores).map { $0 / Double(max(1, $1.count)) }
      prediction.choiceScoresPerByte = zip(sums, candidates).map { $0 / Double(max(1, $1.targets.utf8.count)) }
      result.append(prediction)
    }
    return result
  }
}
