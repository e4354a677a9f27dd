import Records

/// Which tokens an answer must or must not have, by rules of the model; as transformers' `generate` has them, a token
/// that is forced costs an answer nothing, and one that is left out keeps its share of the probability unless the model
/// says otherwise. An answer that is one of some choices is so in full, whatever the rules.
///
/// Worked example: with the first token 3, the last 1 and a limit of 4, answers are 3, two tokens and 1, or end before.
struct TokenRules: Sendable, Hashable {
  private let tokens: TextTokens
  /// What is never written.
  let suppressed: TokenID?
  /// What is never written and whose probability the others share.
  var shared: TokenID? { tokens.sharesSuppressed ? suppressed : nil }

  /// - Parameter isFree: whether answers may be any; else there are no rules.
  init(_ tokens: TextTokens, isFree: Bool) {
    self.tokens = isFree ? tokens : TextTokens()
    suppressed = self.tokens.suppressed
  }

  /// The token that an answer of `length` tokens goes on with, whatever the model says; nil for any.
  func forced(after length: Int, limit: Int) -> TokenID? {
    if length == 0, let first = tokens.first { return first }
    return length == limit - 1 ? tokens.last : nil
  }
}
