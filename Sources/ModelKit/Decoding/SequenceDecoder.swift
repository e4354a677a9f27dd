import Autograd
import Records

/// Lets a model answer batches: it keeps the state of what was read, and one row per answer under way and token is
/// computed.
public struct SequenceDecoder: Sendable {
  private let backbone: any GenerativeBackbone
  private let options: DecodingOptions
  private let end: TokenID
  private let trie: ChoiceTrie?
  private let rules: TokenRules

  /// - Parameter end: the token that ends an answer.
  public init(_ backbone: any GenerativeBackbone, _ options: DecodingOptions, end: TokenID) {
    self.backbone = backbone
    self.options = options
    self.end = end
    trie = options.choices.map { ChoiceTrie($0, end: end) }
    rules = TokenRules(backbone.traits.tokens, isFree: options.choices == nil)
  }

  /// - Parameters:
  ///   - batch: its decoder sequences are what answers continue: the start token, in a decoder with the prompt behind
  ///     it.
  ///   - samples: the number of each sequence among all, which names its randomness.
  /// - Returns: for each sequence at least one answer, best first; none where a token's score is NaN or infinite.
  /// - Precondition: no decoder sequence is empty.
  public func callAsFunction(_ batch: Batch, samples: [Int], on tape: Tape) -> [[Hypothesis]] {
    let prompts = batch.decoder.lengths
    precondition(prompts.allSatisfy { $0 > 0 } && samples.count == prompts.count, "answers need a beginning")
    guard options.maximumTokens > 0, !prompts.isEmpty else {
      return prompts.map { _ in [Hypothesis(tokens: [], hasEnded: false)] }
    }
    let limits = prompts.map(limit)
    var searches = zip(limits, samples).map { makeSearch(limit: $0, sample: $1) }
    let state = backbone.makeState(sequences: prompts.count, rowsPerSequence: options.rowsPerSequence)
    if !options.held.isEmpty {
      guard let carried = state as? any CarriedState else { preconditionFailure("a state without units to hold") }
      carried.hold(options.held)
    }
    let memory = backbone.encode(batch.encoder, recomputing: false, on: tape)
    let mark = tape.arena.mark
    var output = backbone.decode(batch.decoder, memory: memory, state: state, recomputing: false, on: tape)
    var last = zip(output.rows.offsets, prompts).map { Int32($0 + $1 - 1) }
    /// The searches that go on, and how many rows each has.
    var active = searches.indices.map { (search: $0, rows: 1) }
    /// The searches that met a score which is not finite: whatever they would choose is no answer.
    var hasFailed = [Bool](repeating: false, count: searches.count)
    while true {
      let scores = scores(output, at: last, on: tape)
      var parents: [Int] = []
      var tokens = TokenSequences()
      var next: [(search: Int, rows: Int)] = []
      var first = 0
      for (index, rows) in active {
        let own = Array(scores[first..<first + rows])
        hasFailed[index] = !own.allSatisfy(\.areFinite)
        let continuations = hasFailed[index] ? [] : searches[index].advance(own)
        for continuation in continuations {
          parents.append(first + continuation.parent)
          tokens.append([continuation.token])
        }
        if !continuations.isEmpty { next.append((index, continuations.count)) }
        first += rows
      }
      tape.arena.release(to: mark)
      guard !next.isEmpty else { break }
      active = next
      state.select(parents)
      output = backbone.decode(tokens, memory: memory, state: state, recomputing: false, on: tape)
      last = output.rows.offsets.map { Int32($0) }
    }
    return zip(searches, hasFailed).map { $1 ? [] : $0.hypotheses }
  }

  /// As many tokens as were asked for and the model has positions, at least one.
  private func limit(prompt: Int) -> Int {
    max(1, min(options.maximumTokens, (backbone.traits.longestSequence ?? .max) - prompt))
  }

  private func makeSearch(limit: Int, sample: Int) -> any DecodingSearch {
    func single(_ sampler: TokenSampler?) -> SingleSearch {
      SingleSearch(
        sampler: sampler, sample: sample, limit: limit, end: end, trie: trie, rules: rules,
        needsScores: options.needsScores
      )
    }
    switch options.strategy {
    case .greedy: return single(nil)
    case .sampling(let options): return single(TokenSampler(options: options))
    case .beam(let options): return BeamSearch(options, limit: limit, end: end, trie: trie, rules: rules)
    }
  }

  /// What the model says about the token after each of `rows`; lives until the arena is released.
  private func scores(_ output: BackboneOutput, at rows: [Int32], on tape: Tape) -> [TokenScores] {
    let logits = output.logits(at: rows, on: tape)
    let values = UnsafePointer(logits.data.assumingMemoryBound(to: Float.self))
    return rows.indices.map { row in
      TokenScores(
        logits: UnsafeBufferPointer(start: values + row * logits.columns, count: logits.columns),
        scale: Float(output.vocabularyHead.scale))
    }
  }
}
