import Autograd
import ModelKit
import Records
import Support

/// Candidates that follow one prompt, which a decoder then reads once.
extension Predictor {
  /// Log-probability of the targets of each row's candidates: `scores[i][c]`. The prompt of a row is read once, its
  /// state kept, and every candidate goes on from it. Nil for an encoder-decoder, which encodes inputs once anyway, and
  /// if a row's candidates follow different prompts.
  func sharedScores(_ rows: [[TokenExample]]) throws(GraftError) -> [[Double]]? {
    guard backbone.layout.isOneSequence, rows.contains(where: { $0.count > 1 }), rows.allSatisfy(Self.sharePrompt)
    else { return nil }
    // As the converter cuts them.
    let targets = rows.map { row in
      row.map { converter.batch([$0]).targets.filter { $0 != Batch.ignored } }
    }
    let most = rows.map(\.count).max() ?? 1
    let groups = inputGroups(rows.map { $0.first?.inputs ?? [] }, of: max(1, model.textsAtOnce / most))
    let batches = groups.map { group in
      converter.batch(
        group.compactMap { index in
          guard var prompt = rows[index].first else { return nil }
          // A single target stands for the answer and is not read.
          prompt.targets = [codec.vocabulary.endOfSequence]
          return prompt
        })
    }
    let backbone = backbone
    let found = try model.map(batches) { index, batch, tape in
      Predictor.sharedScores(batch, groups[index].map { targets[$0] }, most, backbone, tape)
    }
    var result = [[Double]](repeating: [], count: rows.count)
    for (group, scores) in zip(groups, found) {
      for (index, row) in zip(group, scores) { result[index] = row }
    }
    return result
  }

  private static func sharePrompt(_ row: [TokenExample]) -> Bool {
    guard let first = row.first else { return false }
    return row.allSatisfy { example in
      example.inputs == first.inputs && example.omitsStart == first.omitsStart && !example.targets.isEmpty
        && example.isContinuation == first.isContinuation
    }
  }

  /// - Parameters:
  ///   - batch: the prompts.
  ///   - targets: of each prompt's candidates.
  ///   - most: as many candidates as a prompt has at most.
  private static func sharedScores(
    _ batch: Batch, _ targets: [[[TokenID]]], _ most: Int, _ backbone: any GenerativeBackbone, _ tape: Tape
  ) -> [[Double]] {
    let state = backbone.makeState(sequences: targets.count, rowsPerSequence: most)
    let prompts = backbone.decode(batch.decoder, memory: nil, state: state, recomputing: false, on: tape)
    var scores = targets.map { [Double](repeating: 0, count: $0.count) }
    var (rows, firsts, owners): ([Int32], [TokenID], [(prompt: Int, candidate: Int)]) = ([], [], [])
    var (parents, rest) = ([Int](), TokenSequences())
    var followers: [(prompt: Int, candidate: Int)] = []
    for (prompt, candidates) in targets.enumerated() {
      let last = Int32(prompts.rows.offsets[prompt] + prompts.rows.lengths[prompt] - 1)
      for (candidate, tokens) in candidates.enumerated() {
        rows.append(last)
        firsts.append(tokens[0])
        owners.append((prompt, candidate))
        guard tokens.count > 1 else { continue }
        parents.append(prompt)
        rest.append(tokens.dropLast())
        followers.append((prompt, candidate))
      }
    }
    for (owner, loss) in zip(owners, prompts.losses(at: rows, of: firsts, on: tape)) {
      scores[owner.prompt][owner.candidate] -= Double(loss)
    }
    guard !parents.isEmpty else { return scores }
    state.select(parents)
    let output = backbone.decode(rest, memory: nil, state: state, recomputing: false, on: tape)
    var (places, wanted, owner): ([Int32], [TokenID], [(prompt: Int, candidate: Int)]) = ([], [], [])
    for (sequence, follower) in followers.enumerated() {
      for (position, token) in targets[follower.prompt][follower.candidate].dropFirst().enumerated() {
        places.append(Int32(output.rows.offsets[sequence] + position))
        wanted.append(token)
        owner.append(follower)
      }
    }
    for (owner, loss) in zip(owner, output.losses(at: places, of: wanted, on: tape)) {
      scores[owner.prompt][owner.candidate] -= Double(loss)
    }
    return scores
  }
}
