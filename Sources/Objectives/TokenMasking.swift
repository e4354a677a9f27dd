import Randomness
import Records
import Support

/// Chooses tokens to be predicted and hides them: a share becomes the mask, a share a random token, the rest stays.
struct TokenMasking: Sendable {
  static let rate = ObjectiveParameter(
    "masking-rate", "fraction of tokens that is predicted", default: 0.15, in: 0.01...0.9)
  static let finalRate = ObjectiveParameter(
    "final-masking-rate", "that fraction at the end of the run, reached on a straight line; 0 for no change",
    default: 0, in: 0...0.9)
  static let maskShare = ObjectiveParameter(
    "mask-share", "of these, how many become the mask", default: 0.8, in: 0...1)
  static let randomShare = ObjectiveParameter(
    "random-share", "of these, how many become a random token", default: 0.1, in: 0...1)
  static let wholeWords = ObjectiveParameter(
    "whole-words", "1 to choose words with all their tokens, 0 to choose tokens", default: 0, in: 0...1)
  static let staticMasks = ObjectiveParameter(
    "static-masks", "0 for fresh masks whenever a text is read, n to choose among n fixed ones (BERT: 10)",
    default: 0, in: 0...1000)

  static let longestSpan = ObjectiveParameter(
    "longest-span", "tokens, or words, that are chosen together at most: 1 to this many", default: 1, in: 1...100)

  private let firstRate, finalRate, maskShare, randomShare: Double
  private var rate: Double
  private let longestSpan: Int
  private let copies: Int
  private let mask: TokenID
  private let words: OrdinaryTokens
  /// Empty where tokens are chosen one by one.
  private let continuesWord: [Bool]

  /// - Parameters:
  ///   - values: an objective's; `maskShare` and `randomShare` are used where it has none.
  ///   - name: the objective, for messages.
  /// - Throws: `.usage` if the shares exceed 1, the vocabulary has no mask, or whole words are wanted and it does not
  ///   say where they begin.
  init(
    _ values: [String: Double], maskShare: Double, randomShare: Double, _ vocabulary: Vocabulary,
    for name: String
  ) throws(GraftError) {
    firstRate = values[Self.rate.name] ?? Self.rate.defaultValue
    let last = values[Self.finalRate.name] ?? 0
    finalRate = last == 0 ? firstRate : last
    rate = firstRate
    self.maskShare = values["mask-share"] ?? maskShare
    self.randomShare = values["random-share"] ?? randomShare
    guard self.maskShare + self.randomShare <= 1 + 1e-9 else {
      throw GraftError(
        .usage, "'mask-share' and 'random-share' add up to \(self.maskShare + self.randomShare)",
        hint: "what is left of 1 stays as it is.")
    }
    copies = Int(values[Self.staticMasks.name] ?? 0)
    longestSpan = Int(values[Self.longestSpan.name] ?? Self.longestSpan.defaultValue)
    guard copies == 0 || longestSpan == 1 else {
      throw GraftError(
        .usage, "'\(Self.staticMasks.name)' and '\(Self.longestSpan.name)' do not go together",
        hint: "spans are drawn anew whenever a text is read.")
    }
    let choosesWords = (values[Self.wholeWords.name] ?? 0) >= 0.5
    guard !choosesWords || !vocabulary.continuesWord.isEmpty else {
      throw GraftError(
        .usage, "the tokenizer does not say where words begin, which '\(Self.wholeWords.name)' needs")
    }
    continuesWord = choosesWords ? vocabulary.continuesWord : []
    mask = try Corruption.mask(of: vocabulary, for: name)
    words = try OrdinaryTokens(vocabulary)
  }

  /// With the rate of when a share of the run is over: from 0.3 to 0.15 it is 0.225 half-way.
  func at(progress: Double) -> TokenMasking {
    var masking = self
    masking.rate = firstRate + (finalRate - firstRate) * progress
    return masking
  }

  /// Inputs, and targets at the chosen positions. Nil if there is nothing to hide.
  ///
  /// A word that does not fit into what is left of the number of predictions is passed over; every token meets its
  /// own fate, in whole words, too (`create_masked_lm_predictions`).
  func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    var random = key.generator()
    var candidates = candidates(tokens)
    if longestSpan > 1 { candidates = spans(of: candidates, &random) }
    guard !candidates.isEmpty else { return nil }
    let places = copies > 0 ? fixedKeys(tokens, copy: random.below(copies)) : []
    if copies > 0 {
      // By the first token's key, which the text around it decides.
      candidates.sort { places[$0.lowerBound].order < places[$1.lowerBound].order }
    } else {
      random.shuffle(&candidates)
    }
    let count = max(1, Int((Double(tokens.count) * rate).rounded(.toNearestOrEven)))
    var inputs = tokens
    var targets = [TokenID](repeating: Batch.ignored, count: tokens.count)
    var chosen = 0
    for word in candidates where chosen + word.count <= count {
      chosen += word.count
      for position in word {
        if copies > 0 { random = places[position].generator() }
        hide(position, &inputs, &targets, &random)
      }
    }
    return TokenExample(inputs: inputs, targets: targets)
  }

  private func hide(
    _ position: Int, _ inputs: inout [TokenID], _ targets: inout [TokenID], _ random: inout KeyedGenerator
  ) {
    targets[position] = inputs[position]
    let fate = random.uniform()
    if fate < maskShare {
      inputs[position] = mask
    } else if fate < maskShare + randomShare {
      inputs[position] = words.draw(&random)
    }
  }

  /// Positions that may be chosen, those of a word together.
  private func candidates(_ tokens: [TokenID]) -> [Range<Int>] {
    var candidates: [Range<Int>] = []
    for position in tokens.indices where words.contains(tokens[position]) {
      let continues = !continuesWord.isEmpty && continuesWord[Int(tokens[position])]
      if continues, let last = candidates.last, last.upperBound == position {
        candidates[candidates.count - 1] = last.lowerBound..<position + 1
      } else {
        candidates.append(position..<position + 1)
      }
    }
    return candidates
  }

  /// Neighbours joined, each time as many as is drawn.
  private func spans(of words: [Range<Int>], _ random: inout KeyedGenerator) -> [Range<Int>] {
    var spans: [Range<Int>] = []
    var left = 0
    for word in words {
      if left > 0, let last = spans.last, last.upperBound == word.lowerBound {
        spans[spans.count - 1] = last.lowerBound..<word.upperBound
        left -= 1
      } else {
        spans.append(word)
        left = random.below(longestSpan)
      }
    }
    return spans
  }

  /// A key per position that depends on the tokens around it and the copy alone, so that a text meets the same mask
  /// wherever the windows cut it.
  private func fixedKeys(_ tokens: [TokenID], copy: Int) -> [RandomKey] {
    let key = RandomKey(seed: 0).folded("static masks").folded(copy)
    return tokens.indices.map { position in
      var local = key
      for neighbour in position - 3...position + 3 {
        local = local.folded(tokens.indices.contains(neighbour) ? Int(tokens[neighbour]) : -1)
      }
      return local
    }
  }
}
