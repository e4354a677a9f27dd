import Foundation
import Randomness
import Records

/// Draws tokens.
struct TokenSampler: Sendable {
  let options: SamplingOptions

  /// What may be drawn, by ascending token unless a nucleus was cut out, with probabilities that add up to 1.
  func distribution(
    _ scores: TokenScores, among allowed: [TokenID]?, except suppressed: TokenID? = nil
  ) -> [(token: TokenID, probability: Double)] {
    var kept = (allowed ?? scores.logits.indices.map { TokenID($0) }).filter { $0 != suppressed }.map { token in
      (token: token, probability: scores.scaled(token) / options.temperature)
    }
    if let topK = options.topK, topK < kept.count {
      let threshold = kept.map(\.probability).sorted(by: >)[topK - 1]
      kept.removeAll { $0.probability < threshold }
    }
    let top = kept.map(\.probability).max() ?? 0
    for i in kept.indices { kept[i].probability = exp(kept[i].probability - top) }
    normalize(&kept)
    if options.topP < 1 {
      kept.sort { ($0.probability, $1.token) > ($1.probability, $0.token) }
      // A token stays while those before it have less than the nucleus's probability: the first always does.
      var before = 0.0
      let count = kept.firstIndex { entry in
        defer { before += entry.probability }
        return before >= options.topP
      }
      kept.removeSubrange((count ?? kept.count)...)
      normalize(&kept)
    }
    return kept
  }

  private func normalize(_ entries: inout [(token: TokenID, probability: Double)]) {
    let sum = entries.reduce(0) { $0 + $1.probability }
    for i in entries.indices { entries[i].probability /= sum }
  }

  /// The token at which the distribution's running sum exceeds a uniform number of its own.
  func draw(
    _ scores: TokenScores, among allowed: [TokenID]?, except suppressed: TokenID? = nil, sample: Int, position: Int
  ) -> TokenID {
    var generator = options.key.folded(sample).folded(position).generator()
    let threshold = generator.uniform()
    let entries = distribution(scores, among: allowed, except: suppressed)
    var sum = 0.0
    for entry in entries {
      sum += entry.probability
      if threshold < sum { return entry.token }
    }
    return entries[entries.count - 1].token
  }
}
