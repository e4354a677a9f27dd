import Autograd
import Records

/// What a model expects at one place of a text.
public struct TokenOutlook: Sendable, Hashable, Codable {
  /// A token and its log-probability in nats.
  public struct Alternative: Sendable, Hashable, Codable {
    /// The token.
    public var token: TokenID
    /// Its log-probability, in nats.
    public var logProbability: Double
  }

  /// Log-probability of the token that stands there, in nats.
  public var logProbability: Double
  /// The likeliest tokens there, best first; of equals the one with the lower number first.
  public var likeliest: [Alternative]
}

extension BackboneOutput {
  /// Rows whose logits are in memory at once: 64 · V floats.
  private static let outlookRows = 64

  /// What is expected after the token at each of `rows`.
  /// - Parameters:
  ///   - targets: what stands there, one for each row.
  ///   - count: how many of the likeliest tokens are wanted.
  public func outlooks(at rows: [Int32], of targets: [TokenID], count: Int, on tape: Tape) -> [TokenOutlook] {
    var result: [TokenOutlook] = []
    for first in stride(from: 0, to: rows.count, by: Self.outlookRows) {
      let range = first..<min(first + Self.outlookRows, rows.count)
      let mark = tape.arena.mark
      let logits = logits(at: Array(rows[range]), on: tape)
      let values = UnsafePointer(logits.data.assumingMemoryBound(to: Float.self))
      for (row, target) in targets[range].enumerated() {
        let scores = TokenScores(
          logits: UnsafeBufferPointer(start: values + row * logits.columns, count: logits.columns),
          scale: Float(vocabularyHead.scale))
        let normalizer = scores.logNormalizer
        result.append(
          TokenOutlook(
            logProbability: scores.scaled(target) - normalizer,
            likeliest: scores.best(count).map {
              TokenOutlook.Alternative(token: $0, logProbability: scores.scaled($0) - normalizer)
            }))
      }
      tape.arena.release(to: mark)
    }
    return result
  }
}

extension TokenScores {
  /// The `count` tokens with the largest logits, best first; of equals the lower number first.
  fileprivate func best(_ count: Int) -> [TokenID] {
    guard count > 0 else { return [] }
    var best = BoundedBest<TokenID>(count: min(count, logits.count)) { logits[Int($0)] > logits[Int($1)] }
    for token in logits.indices { best.insert(TokenID(token)) }
    return best.sorted
  }
}
