import Compute
import Records

/// How the examples of a step are dealt to shards and their micro-batches.
struct BatchDealing: Sendable {
  let shards: Int
  let microBatches: Int
  let order: SampleOrder

  /// The examples of `dealt[shard][microBatch]`.
  func callAsFunction(_ examples: [TokenExample]) -> [[[TokenExample]]] {
    switch order {
    case .independent: evenly(examples)
    case .lanes(let count, _):
      lanes(count).map { shard in shard.map { Array(examples[$0]) } }
    }
  }

  /// Which of `count` lanes a micro-batch of a shard has in every step: `lanes[shard][microBatch]`.
  ///
  /// Worked example: of seven lanes the first of two shards has [0] and [1 2] in its two micro-batches, the second [3
  /// 4] and [5 6].
  func lanes(_ count: Int) -> [[Range<Int>]] {
    (0..<shards).map { shard in
      (0..<microBatches).map {
        ShardExecutor.slice(count, shard: shard * microBatches + $0, of: shards * microBatches)
      }
    }
  }

  /// By falling length, back and forth, so that all get about equally many tokens.
  private func evenly(_ examples: [TokenExample]) -> [[[TokenExample]]] {
    let pieces = shards * microBatches
    func length(_ i: Int) -> Int { examples[i].inputs.count + examples[i].targets.count }
    let order = examples.indices.sorted { (length($0), $1) > (length($1), $0) }
    var dealt = [[TokenExample]](repeating: [], count: pieces)
    for (turn, index) in order.enumerated() {
      let (round, seat) = turn.quotientAndRemainder(dividingBy: pieces)
      dealt[round % 2 == 0 ? seat : pieces - 1 - seat].append(examples[index])
    }
    return (0..<shards).map { shard in (0..<microBatches).map { dealt[$0 * shards + shard] } }
  }
}
