import Records

/// One answer, token by token: greedy decoding or sampling.
struct SingleSearch: DecodingSearch {
  private let sampler: TokenSampler?
  private let sample: Int
  private let limit: Int
  private let end: TokenID
  private let trie: ChoiceTrie?
  private let rules: TokenRules
  private let needsScores: Bool
  private var tokens: [TokenID] = []
  private var hasEnded = false
  private var logProbability = 0.0
  private var node = ChoiceTrie.root

  /// - Parameters:
  ///   - sampler: nil for the most probable token.
  ///   - sample: names the randomness, with the token's position.
  init(
    sampler: TokenSampler?, sample: Int, limit: Int, end: TokenID, trie: ChoiceTrie?, rules: TokenRules,
    needsScores: Bool
  ) {
    self.sampler = sampler
    self.sample = sample
    self.limit = limit
    self.end = end
    self.trie = trie
    self.rules = rules
    self.needsScores = needsScores || sampler != nil
  }

  mutating func advance(_ rows: [TokenScores]) -> [Continuation] {
    let scores = rows[0]
    let allowed = trie?.tokens(after: node)
    let forced = rules.forced(after: tokens.count, limit: limit)
    let token =
      forced
      ?? sampler?.draw(
        scores, among: allowed, except: rules.suppressed, sample: sample, position: tokens.count)
      ?? scores.best(among: allowed, except: rules.suppressed)
    if needsScores, forced == nil { logProbability += scores.logProbability(token) }
    guard token != end else {
      hasEnded = true
      return []
    }
    tokens.append(token)
    if let trie { node = trie.child(of: node, token) }
    return tokens.count < limit ? [Continuation(parent: 0, token: token)] : []
  }

  var hypotheses: [Hypothesis] {
    let known = needsScores ? logProbability : nil
    return [Hypothesis(tokens: tokens, hasEnded: hasEnded, logProbability: known, score: known)]
  }
}
