import CKernels
import Foundation
import Records

/// What a model says about the next token of one sequence: logits [V], to be multiplied by a positive scale.
struct TokenScores {
  let logits: UnsafeBufferPointer<Float>
  let scale: Float

  /// Whether the logits are numbers to choose by.
  var areFinite: Bool { NotFinite.count(logits) == 0 }

  /// The token with the largest logit, the first of equals; among `allowed` if that is not nil, and not `suppressed`.
  func best(among allowed: [TokenID]?, except suppressed: TokenID? = nil) -> TokenID {
    if let allowed {
      var best = allowed[0]
      for token in allowed where logits[Int(token)] > logits[Int(best)] { best = token }
      return best
    }
    let hidden = suppressed.map { Int($0) }
    var best = hidden == 0 ? 1 : 0
    for token in logits.indices where logits[token] > logits[best] && token != hidden { best = token }
    return TokenID(best)
  }

  /// The logarithm of the sum of the exponentials of all scaled logits: log p(t) = scale · logit(t) − this.
  var logNormalizer: Double {
    var state = graft_softmax_row(shift: 0, sum: 0, target: 0)
    var noTarget: Int32 = -1
    // Without memory for exponentials the kernel only reads the logits.
    graft_exponentiate_logits(
      0, UnsafeMutablePointer(mutating: logits.baseAddress!), 1, Int64(logits.count), scale, nil, 0,
      &noTarget, 0, &state, nil, 0)
    return Double(state.shift) + log(Double(state.sum))
  }

  /// The same without one token.
  func logNormalizer(without token: TokenID) -> Double {
    let whole = logNormalizer
    return whole + log1p(-exp(scaled(token) - whole))
  }

  func scaled(_ token: TokenID) -> Double { Double(logits[Int(token)]) * Double(scale) }

  func logProbability(_ token: TokenID) -> Double { scaled(token) - logNormalizer }
}
