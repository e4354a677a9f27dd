import Foundation
import Records

/// Beam search for one input, as transformers' `generate` defines it.
///
/// Of all continuations of the n unfinished answers the best 2n are looked at. Those that end, or reach the limit, and
/// stand among the best n become finished answers, scored by summed log-probability over length to the power of
/// the length penalty; the best n that do not end are the next unfinished ones. The best n finished answers are kept.
struct BeamSearch: DecodingSearch {
  private struct Beam {
    var tokens: [TokenID] = []
    var logProbability = 0.0
    var node = ChoiceTrie.root
  }

  private struct Candidate {
    var logProbability: Double
    var parent: Int
    var token: TokenID

    /// Of equals the earlier beam and the smaller token go first.
    static func isBetter(_ a: Candidate, _ b: Candidate) -> Bool {
      (a.logProbability, b.parent, b.token) > (b.logProbability, a.parent, a.token)
    }
  }

  private let options: BeamOptions
  private let limit: Int
  private let end: TokenID
  private let trie: ChoiceTrie?
  private let rules: TokenRules
  private var running = [Beam()]
  /// Best first.
  private var finished: [Hypothesis] = []
  private var length = 0

  init(_ options: BeamOptions, limit: Int, end: TokenID, trie: ChoiceTrie?, rules: TokenRules) {
    self.options = options
    self.limit = limit
    self.end = end
    self.trie = trie
    self.rules = rules
  }

  var hypotheses: [Hypothesis] { finished }

  mutating func advance(_ rows: [TokenScores]) -> [Continuation] {
    let candidates = best(2 * options.count, of: rows)
    length += 1
    let isLast = length >= limit
    var next: [Candidate] = []
    for (rank, candidate) in candidates.enumerated() {
      if candidate.token != end && !isLast {
        if next.count < options.count { next.append(candidate) }
      } else if rank < options.count {
        finish(candidate)
      }
    }
    // One sort at the end of the step: answers that were there stay before equals.
    finished = finished.enumerated().sorted {
      ($0.element.score ?? 0, $1.offset) > ($1.element.score ?? 0, $0.offset)
    }.prefix(options.count).map(\.element)
    running = next.map { candidate in
      var beam = running[candidate.parent]
      beam.tokens.append(candidate.token)
      beam.logProbability = candidate.logProbability
      if let trie { beam.node = trie.child(of: beam.node, candidate.token) }
      return beam
    }
    return canImprove ? next.map { Continuation(parent: $0.parent, token: $0.token) } : []
  }

  private mutating func finish(_ candidate: Candidate) {
    let hasEnded = candidate.token == end
    finished.append(
      Hypothesis(
        tokens: running[candidate.parent].tokens + (hasEnded ? [] : [candidate.token]), hasEnded: hasEnded,
        logProbability: candidate.logProbability, score: score(candidate.logProbability)))
  }

  private func score(_ logProbability: Double) -> Double {
    logProbability / pow(Double(length), options.lengthPenalty)
  }

  private var canImprove: Bool {
    guard let best = running.first else { return false }
    guard finished.count == options.count, let worst = finished.last?.score else { return true }
    return !options.stopsEarly && score(best.logProbability) > worst
  }

  /// The best `count` continuations of all beams, best first.
  private func best(_ count: Int, of rows: [TokenScores]) -> [Candidate] {
    var heap = BoundedBest<Candidate>(count: count, isBetter: Candidate.isBetter)
    let forced = self.rules.forced(after: length, limit: limit)
    for (parent, (beam, scores)) in zip(running, rows).enumerated() {
      if let forced {
        heap.insert(Candidate(logProbability: beam.logProbability, parent: parent, token: forced))
        continue
      }
      let base =
        beam.logProbability - (rules.shared.map { scores.logNormalizer(without: $0) } ?? scores.logNormalizer)
      if let trie {
        for token in trie.tokens(after: beam.node) {
          heap.insert(
            Candidate(logProbability: base + scores.scaled(token), parent: parent, token: token))
        }
        continue
      }
      // Most tokens fall here: a comparison of their logits with the worst candidate's.
      var bound = bound(heap, base, scores.scale)
      for token in scores.logits.indices
      where scores.logits[token] >= bound && TokenID(token) != self.rules.suppressed {
        let value = base + Double(scores.logits[token]) * Double(scores.scale)
        heap.insert(Candidate(logProbability: value, parent: parent, token: TokenID(token)))
        bound = self.bound(heap, base, scores.scale)
      }
    }
    return heap.sorted
  }

  /// A logit below this cannot be among the candidates; rounded down, so that none is lost to rounding.
  private func bound(_ heap: BoundedBest<Candidate>, _ base: Double, _ scale: Float) -> Float {
    guard let worst = heap.worst else { return -.infinity }
    return Float((worst.logProbability - base) / Double(scale)).nextDown
  }
}
