import Corpus
import ModelKit
import Records
import Scoring
import Support
import Tokenization

/// How a text that is longer than a model's positions is read.
public struct TextWindows: Sendable, Hashable {
  /// Tokens that the model sees at most.
  public var length: Int
  /// How far a window moves on: so many tokens are scored in each but the first.
  public var stride: Int

  public init(length: Int, stride: Int) {
    self.length = length
    self.stride = stride
  }

  /// For a sequence of `count` tokens the tokens that each window holds, and those of them that it scores, which are
  /// the last; the first `context` tokens are never scored.
  ///
  /// Worked example: 10 tokens in windows of 4 that move by 2 are 0–4 (all scored), 2–6 (4–6), 4–8 (6–8), 6–10 (8–10).
  func windows(count: Int, context: Int) -> [(held: Range<Int>, scored: Range<Int>)] {
    var result: [(held: Range<Int>, scored: Range<Int>)] = []
    var (first, done) = (0, context)
    while done < count {
      let end = min(first + length, count)
      if end > done { result.append((first..<end, done..<end)) }
      (first, done) = (first + stride, max(done, end))
    }
    return result
  }
}

/// What gives whole texts of any length probabilities, line by line.
public protocol TextLineScoring {
  /// How texts longer than the model's positions are read; nil where there is no such limit.
  var windows: TextWindows? { get }
  /// What a text has in each of its lines.
  /// - Throws: `.badData` for a text without words.
  func lines(_ text: [UInt8]) throws(GraftError) -> [TextCounts]
}

/// Log-probabilities of whole texts of any length under a decoder: each token once, after at least
/// length − stride tokens unless the text has fewer before it (the evaluation of Baevski and Auli 2019).
public struct TextFileScorer: TextLineScoring {
  private let scorer: TextScorer
  private let reading: TextWindows
  /// Whether each text begins with the start token, which then predicts its first token; else that is not scored.
  private let scoresFirst: Bool
  private let countsLineEnds: Bool
  private let memory: ScoringMemory

  /// - Parameters:
  ///   - windows: nil for all positions of the model, moved on by half of them.
  ///   - scoresFirst: false to leave out the first token of each text, which nothing precedes.
  ///   - countsLineEnds: whether the end of a line is a word, as in the published counts of PTB and WikiText.
  ///   - memory: what is made of the text before; an adaptation changes `model`.
  /// - Throws: `.usage` for a model that does not read from left to right, and impossible windows.
  public init(
    model: ShardedModel, codec: TextCodec, length: Int?, stride: Int?, scoresFirst: Bool = true,
    countsLineEnds: Bool = false, memory: ScoringMemory = ScoringMemory()
  ) throws(GraftError) {
    let (configuration, traits) = (model.backbone.configuration, model.backbone.traits)
    guard traits.layout.isOneSequence else {
      throw GraftError(
        .usage,
        "a \(configuration.family) model gives no probability to a text from its beginning to its end"
          + (traits.writes
            ? ": what it writes depends on what it read" : ": it sees what is before and behind a token"),
        hint: traits.writes
          ? "score a `target:` after an `input:`, or take a decoder."
          : "`graft score --target TEXT` gives the pseudo-log-likelihood of short texts; or take a decoder.")
    }
    let positions = traits.longestSequence ?? SequenceLengths.longest
    let length = length ?? positions
    guard (2...positions).contains(length) else {
      throw GraftError(
        .usage, "`window:` \(length) is impossible", hint: "the model has \(positions) positions; 2 is least.")
    }
    let stride = stride ?? max(1, length / 2)
    guard (1...length).contains(stride) else {
      throw GraftError(
        .usage, "`stride:` \(stride) is impossible", hint: "give 1 to the window, which is \(length) tokens.")
    }
    scorer = try TextScorer(model: model, codec: codec)
    reading = TextWindows(length: length, stride: stride)
    self.scoresFirst = scoresFirst
    self.countsLineEnds = countsLineEnds
    self.memory = memory
  }

  public var windows: TextWindows? { reading }

  /// Log-probability of each token of a sequence in nats; NaN for a first one that is not scored.
  /// - Throws: `.internalError` naming a token with a score that is not finite.
  public func logProbabilities(_ ids: [TokenID]) throws(GraftError) -> [Double] {
    var result = [Double](repeating: .nan, count: ids.count)
    let vocabulary = scorer.codec.vocabulary
    // Own models had the start token before every window, those of transformers before a text at most.
    let startsWindows = !scorer.codec.omitsStart
    let start = scoresFirst && scorer.codec.omitsStart ? [vocabulary.start] : []
    let sequence = start + ids
    let parts = reading.windows(count: sequence.count, context: scoresFirst ? start.count : 1)
    memory.adaptation?.begin()
    var cache = memory.cache.map(NeuralCache.init)
    // What is scored with a model that learns from it has been learnt from when the next window is read.
    let together = memory.adaptation == nil ? 2 * TextScorer.batchSize * scorer.model.readers.size : 1
    for group in Swift.stride(from: 0, to: parts.count, by: together) {
      let parts = parts[group..<min(group + together, parts.count)]
      let examples = parts.map { part in
        var example = TokenExample(
          inputs: Array(sequence[part.held.lowerBound..<part.scored.lowerBound]),
          targets: Array(sequence[part.scored]))
        example.isContinuation = true
        example.omitsStart = !startsWindows
        return example
      }
      for (part, reading) in zip(parts, try scorer.readings(examples, needsStates: cache != nil)) {
        var scores = reading.losses.map { -Double($0) }
        if let place = scores.firstIndex(where: { !$0.isFinite }) {
          throw .notFinite("score", of: "token \(part.scored.lowerBound + place - start.count)")
        }
        if let mixed = cache?.mixed(
          scores, Array(sequence[part.scored]), states: reading.states, on: scorer.model)
        {
          scores = mixed
        }
        for (position, score) in zip(part.scored, scores) { result[position - start.count] = score }
      }
      if let adaptation = memory.adaptation {
        for batch in scorer.batches(examples) { try adaptation.adapt(to: batch) }
      }
    }
    return result
  }

  /// What a text has in each of its lines. A token belongs to the line in which it begins.
  /// - Throws: `.badData` for a text without tokens.
  public func lines(_ text: [UInt8]) throws(GraftError) -> [TextCounts] {
    let tokens = text.withUnsafeBytes { bytes in
      scorer.codec.tokenizer.makeEncoder().encodeWithOffsets(bytes)
    }
    guard tokens.count > (scoresFirst ? 0 : 1) else {
      throw GraftError(.badData, "there is nothing to score", hint: "the text is empty.")
    }
    let scores = try logProbabilities(tokens.map(\.id))
    var result: [TextCounts] = []
    var (next, start) = (0, 0)
    while start < text.count {
      let feed = text[start...].firstIndex(of: 0x0A)
      let end = feed.map { $0 + 1 } ?? text.count
      var line = TextCounts(line: text[start..<end])
      if countsLineEnds, feed != nil { line.words += 1 }
      while next < tokens.count, tokens[next].range.lowerBound < end || end == text.count {
        if !scores[next].isNaN || next > 0 || scoresFirst {
          line.nats -= scores[next]
          line.tokens += 1
        }
        next += 1
      }
      result.append(line)
      start = end
    }
    return result
  }

}

extension TextCounts {
  /// Everything but tokens and their probabilities of one line, its end included.
  public init(line: ArraySlice<UInt8>) {
    self.init(bytes: line.count, lines: 1)
    var isInWord = false
    for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
      characters += 1
      let isSpace = scalar.properties.isWhitespace
      if !isSpace, !isInWord { words += 1 }
      isInWord = !isSpace
    }
  }
}
