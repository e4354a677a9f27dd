import Foundation
import Scoring
import Support

/// A unigram cache: what was said lately is said again (Kuhn & De Mori 1990). A word's probability is
/// (1 - weight) p + weight · its share of the last words, ends of sentences among them.
public struct UnigramCache: Sendable, Hashable {
  /// Of the cache, from 0 to below 1.
  public var weight: Double
  /// How many words it remembers.
  public var size: Int

  /// - Throws: `.usage` for impossible values.
  public init(weight: Double, size: Int) throws(GraftError) {
    guard weight >= 0, weight < 1, size > 0 else {
      throw GraftError(
        .usage, "a cache of \(size) words with weight \(weight) is impossible",
        hint: "give a weight from 0 to below 1, such as 0.1, and at least one word.")
    }
    (self.weight, self.size) = (weight, size)
  }
}

/// How probable texts are by an n-gram model.
public struct NGramScorer: Sendable {
  public let model: NGramModel
  private let cache: UnigramCache?
  /// What the cache remembers, the oldest word at `next` once it is full.
  private var remembered: [WordID] = []
  private var counts: [WordID: Int] = [:]
  private var next = 0

  /// - Parameter cache: nil for none; it is filled by what is scored, over the ends of sentences and files.
  public init(_ model: NGramModel, cache: UnigramCache? = nil) {
    (self.model, self.cache) = (model, cache)
  }

  /// A word of a scored sentence.
  public struct Word: Sendable, Hashable {
    public var id: WordID
    /// In nats.
    public var logProbability: Double
    /// Words of the longest n-gram that was known and ended in it; 1 where only the word itself was.
    public var length: Int
  }

  /// The words of a sentence, its end the last.
  public mutating func score(_ sentence: [WordID]) -> [Word] {
    var state = model.start
    return score(sentence + [NGramVocabulary.end], &state)
  }

  /// Words one after the other; none is added.
  public mutating func score(_ words: [WordID], _ state: inout NGramModel.State) -> [Word] {
    words.map { word in
      var length = 0
      let own = model.logProbability(of: word, &state, length: &length)
      return Word(id: word, logProbability: cached(word, own), length: length)
    }
  }

  private mutating func cached(_ word: WordID, _ own: Double) -> Double {
    guard let cache else { return own }
    var result = own
    if !remembered.isEmpty {
      let share = Double(counts[word] ?? 0) / Double(remembered.count)
      result = log((1 - cache.weight) * exp(own) + cache.weight * share)
    }
    counts[word, default: 0] += 1
    if remembered.count < cache.size {
      remembered.append(word)
    } else {
      let old = remembered[next]
      counts[old] = (counts[old] ?? 1) - 1
      remembered[next] = word
      next = (next + 1) % cache.size
    }
    return result
  }
}

/// What a text came to under an n-gram model.
public struct NGramScores: Sendable, Hashable, Codable {
  /// Lines with words.
  public var sentences = 0
  /// Without ends of sentences.
  public var words = 0
  /// Of these, those that the model does not know, `<unk>` in the text included.
  public var unknown = 0
  /// Minus the sum of all logarithms, ends of sentences included.
  public var nats = 0.0
  /// The part of `nats` that unknown words have.
  public var unknownNats = 0.0
  /// How many words and ends had a longest known n-gram of 1, 2, … words.
  public var lengths: [Int] = []

  public init() {}

  /// Per word and end of sentence: the figure that is published of PTB and WikiText.
  public var perplexity: Double { exp(nats / Double(max(1, words + sentences))) }
  /// The same without unknown words.
  public var perplexityOfKnown: Double {
    exp((nats - unknownNats) / Double(max(1, words + sentences - unknown)))
  }

  mutating func add(_ scored: [NGramScorer.Word]) {
    sentences += 1
    words += scored.count - 1
    for word in scored {
      nats -= word.logProbability
      if word.id == NGramVocabulary.unknown {
        unknown += 1
        unknownNats -= word.logProbability
      }
      lengths += [Int](repeating: 0, count: max(0, word.length - lengths.count))
      lengths[word.length - 1] += 1
    }
  }
}

extension NGramScorer {
  /// Scores a file, a sentence a line.
  /// - Throws: as reading throws; `.badData` for a file without a word.
  public mutating func scores(ofFile path: String) throws(GraftError) -> NGramScores {
    var result = NGramScores()
    var scorer = self
    try model.unit.forEachSentence(of: path, model.vocabulary) { result.add(scorer.score($0)) }
    self = scorer
    guard result.sentences > 0 else { throw .nothingToCount([path]) }
    return result
  }
}
