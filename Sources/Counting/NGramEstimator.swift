import Foundation
import Support

/// The n-grams of one length with their probabilities, as a trie takes them.
struct NGramLevel {
  /// The last word of each; empty for words themselves, whose number is their place.
  var words: [WordID] = []
  /// Where the longer ones that begin with each start in the next level; empty for the longest.
  var children: [UInt32] = []
  /// log10 of the probability of the last word after the others.
  var logarithms: [Float] = []
  /// log10 of what is left for shorter n-grams after each; empty for the longest.
  var backoffs: [Float] = []

  /// log10 of nothing, as ARPA files have it.
  static let never: Float = -99

  static func logarithm(_ probability: Float) -> Float { probability > 0 ? min(0, log10(probability)) : never }
}

/// Makes probabilities of counts.
///
/// For every context h and word w, with a(hw) the count, what a discount leaves of it and the rest r(h) of all counts
/// after h: p(w | h) = kept(a(hw)) / Σ a(hx) + r(h) / Σ a(hx) · p(w | h without its first word), and below words
/// stands the uniform distribution over all that can be predicted.
struct NGramEstimator {
  private let counts: NGramCounts
  /// The counts that probabilities are made of, by length.
  private let used: [[UInt32]]
  private let discounts: [LevelDiscount]

  /// - Parameters:
  ///   - used: by length, for every n-gram.
  ///   - discounts: by length.
  init(_ counts: NGramCounts, used: [[UInt32]], discounts: [LevelDiscount]) {
    (self.counts, self.used, self.discounts) = (counts, used, discounts)
  }

  /// The counts of Kneser-Ney smoothing: of the longest n-grams, and of those that begin a sentence, how often they
  /// occur; of all others how many words they occur after (Heafield et al. 2013, equation 2).
  static func continuationCounts(_ counts: NGramCounts) -> [[UInt32]] {
    var result: [[UInt32]] = []
    var starting = Int(NGramVocabulary.start)..<Int(NGramVocabulary.start) + 1
    for (index, level) in counts.levels.enumerated() {
      guard index + 1 < counts.levels.count else {
        result.append(level.counts)
        break
      }
      var adjusted = [UInt32](repeating: 0, count: level.counts.count)
      for suffix in counts.levels[index + 1].suffixes { adjusted[Int(suffix)] += 1 }
      if index > 0 { for node in starting { adjusted[node] = level.counts[node] } }
      starting = Int(level.children[starting.lowerBound])..<Int(level.children[starting.upperBound])
      result.append(adjusted)
    }
    result[0][Int(NGramVocabulary.start)] = 0
    return result
  }

  /// How often each n-gram occurs; `<s>`, which is never predicted, never.
  static func plainCounts(_ counts: NGramCounts) -> [[UInt32]] {
    var result = counts.levels.map(\.counts)
    result[0][Int(NGramVocabulary.start)] = 0
    return result
  }

  /// - Parameter cutOffs: by length, the greatest number of occurrences that leaves an n-gram out; ascending, 0 for
  /// words.
  func levels(cutOffs: [Int]) -> [NGramLevel] {
    let size = counts.levels[0].counts.count
    var result: [NGramLevel] = []
    // Of words: the root is their context.
    let total = used[0].reduce(0) { $0 + Double($1) }
    let left = used[0].reduce(0) { $0 + Double($1) - discounts[0].kept($1) }
    let uniform = 1 / Double(size - 1)
    var probabilities = used[0].map { Float((discounts[0].kept($0) + left * uniform) / total) }
    probabilities[Int(NGramVocabulary.start)] = 0
    result.append(NGramLevel(logarithms: probabilities.map(NGramLevel.logarithm)))
    for index in 1..<counts.levels.count {
      let (level, cut) = (counts.levels[index], UInt32(clamping: cutOffs[index]))
      var own = [Float](repeating: 0, count: level.words.count)
      let parents = counts.levels[index - 1]
      var backoffs = [Float](repeating: 1, count: parents.counts.count)
      for parent in backoffs.indices {
        let range = Int(parents.children[parent])..<Int(parents.children[parent + 1])
        if range.isEmpty { continue }
        var (total, left) = (0.0, 0.0)
        for node in range {
          let count = used[index][node]
          total += Double(count)
          left += level.counts[node] <= cut ? Double(count) : Double(count) - discounts[index].kept(count)
        }
        let backoff = left / total
        backoffs[parent] = Float(backoff)
        for node in range where level.counts[node] > cut {
          own[node] = Float(
            discounts[index].kept(used[index][node]) / total
              + backoff * Double(probabilities[Int(level.suffixes[node])]))
        }
      }
      result[index - 1].backoffs = backoffs.map(NGramLevel.logarithm)
      result[index - 1].children = parents.children
      result.append(NGramLevel(words: level.words, logarithms: own.map(NGramLevel.logarithm)))
      probabilities = own
    }
    return cutOffs.allSatisfy { $0 == 0 } ? result : pruned(result, cutOffs)
  }

  /// Without the n-grams that are cut off, whose parents may be, too.
  private func pruned(_ levels: [NGramLevel], _ cutOffs: [Int]) -> [NGramLevel] {
    var result = [NGramLevel](repeating: NGramLevel(), count: levels.count)
    // The n-grams of the level above that are kept.
    var kept = Array(levels[0].logarithms.indices)
    result[0].logarithms = levels[0].logarithms
    for index in levels.indices {
      if index + 1 < levels.count {
        result[index].backoffs = kept.map { levels[index].backoffs[$0] }
      }
      guard index + 1 < levels.count else { break }
      var next: [Int] = []
      for parent in kept {
        result[index].children.append(UInt32(next.count))
        let range = Int(levels[index].children[parent])..<Int(levels[index].children[parent + 1])
        next += range.filter { counts.levels[index + 1].counts[$0] > cutOffs[index + 1] }
      }
      result[index].children.append(UInt32(next.count))
      result[index + 1].words = next.map { levels[index + 1].words[$0] }
      result[index + 1].logarithms = next.map { levels[index + 1].logarithms[$0] }
      kept = next
    }
    return result
  }
}

/// The weights of a mixture of orders, found on held-out text.
enum MixtureWeights {
  /// By expectation maximisation (Jelinek & Mercer 1980): by length, the weight of what the n-grams of this length say
  /// against that of all shorter ones together.
  /// - Parameter sentences: words without `<s>` and `</s>`.
  static func fit(_ counts: NGramCounts, on sentences: [[WordID]]) -> [Double] {
    let order = counts.levels.count
    let used = NGramEstimator.plainCounts(counts)
    let words = used[0].reduce(0) { $0 + Double($1) }
    let uniform = 1 / Double(used[0].count - 1)
    // For each held-out word the relative frequency by length; NaN where the context was never seen.
    var rows: [Double] = []
    for sentence in sentences {
      let history = [NGramVocabulary.start] + sentence
      for (place, word) in (sentence + [NGramVocabulary.end]).enumerated() {
        rows.append(words > 0 ? Double(used[0][Int(word)]) / words : .nan)
        for length in 1..<max(1, order) {
          rows.append(frequency(of: word, after: history.prefix(place + 1).suffix(length), length, counts))
        }
      }
    }
    var weights = [Double](repeating: 0.5, count: order)
    for _ in 0..<100 {
      var (chosen, reached) = ([Double](repeating: 0, count: order), [Double](repeating: 0, count: order))
      for row in stride(from: 0, to: rows.count, by: order) {
        // From the shortest to the longest, then what of the word's probability each accounts for.
        var probabilities = [uniform]
        for length in 0..<order {
          let (frequency, before) = (rows[row + length], probabilities[length])
          probabilities.append(
            frequency.isNaN ? before : weights[length] * frequency + (1 - weights[length]) * before)
        }
        var share = 1.0
        for length in (0..<order).reversed() where !rows[row + length].isNaN {
          let own = share * weights[length] * rows[row + length] / probabilities[length + 1]
          chosen[length] += own
          reached[length] += share
          share -= own
        }
      }
      let next = zip(chosen, reached).map { $1 > 0 ? $0 / $1 : 0 }
      let change = zip(next, weights).map { abs($0 - $1) }.max() ?? 0
      weights = next
      if change < 1e-6 { break }
    }
    return weights
  }

  private static func frequency(
    of word: WordID, after context: ArraySlice<WordID>, _ length: Int, _ counts: NGramCounts
  ) -> Double {
    guard context.count == length, let first = context.first else { return .nan }
    var node = Int(first)
    for (level, next) in context.dropFirst().enumerated() {
      guard let child = counts.child(of: node, in: level, next) else { return .nan }
      node = child
    }
    let range = counts.range(of: node, in: length - 1)
    guard !range.isEmpty else { return .nan }
    let total = range.reduce(0.0) { $0 + Double(counts.levels[length].counts[$1]) }
    return counts.child(of: node, in: length - 1, word).map { Double(counts.levels[length].counts[$0]) / total } ?? 0
  }
}
