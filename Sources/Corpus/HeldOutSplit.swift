import Randomness

/// Divides the tokens of a corpus into training and held-out blocks.
///
/// A block is some thousand tokens long: several short documents, or a span of a long one, so that even a
/// corpus of one novel has a representative held-out part. Which blocks are held out depends on their
/// files' contents and the seed, not on the files' names or order; blocks with equal hashes (a file given
/// twice) go the same way.
enum HeldOutSplit {
  private struct Block {
    var hash: UInt64
    var shard: Int
    var range: Range<Int>
    var isHeldOut = false
  }

  /// - Parameter identities: something that stands for each shard's content.
  static func split(
    _ shards: [TokenShard], identities: [String], fraction: Double, seed: UInt64
  ) -> (training: [TokenStream.Segment], heldOut: [TokenStream.Segment]) {
    let total = shards.reduce(0) { $0 + $1.tokenCount }
    let length = blockLength(total: total, fraction: fraction)
    var blocks: [Block] = []
    let root = RandomKey(seed: seed).folded("held-out")
    for (index, shard) in shards.enumerated() {
      let key = root.folded(identities[index])
      for (number, range) in ranges(of: shard, length: length).enumerated() {
        let bits = key.bits(UInt64(number))
        blocks.append(Block(hash: UInt64(bits.x) | UInt64(bits.y) << 32, shard: index, range: range))
      }
    }
    choose(&blocks, tokens: Int((Double(total) * fraction).rounded()))
    return (segments(blocks.filter { !$0.isHeldOut }), segments(blocks.filter(\.isHeldOut)))
  }

  /// About sixteen blocks should make up the held-out part, but none longer than 4096 tokens or shorter
  /// than 64.
  static func blockLength(total: Int, fraction: Double) -> Int {
    min(4096, max(64, Int(Double(total) * fraction / 16)))
  }

  /// Blocks of about `length` tokens that end where documents end, save in documents longer than that.
  private static func ranges(of shard: TokenShard, length: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    var end = 0
    func close() {
      if end > start { result.append(start..<end) }
      start = end
    }
    for document in 0..<shard.documentCount {
      let next = shard.documentEnd(document)
      if next - start > length { close() }
      let size = next - start
      if size > length {
        let parts = (size + length - 1) / length
        for part in 0..<parts {
          result.append((start + size * part / parts)..<(start + size * (part + 1) / parts))
        }
        start = next
      }
      end = next
    }
    close()
    return result
  }

  /// Holds out the blocks of lowest hash until they have `tokens`; at least one and never all.
  private static func choose(_ blocks: inout [Block], tokens: Int) {
    guard tokens > 0, blocks.count > 1 else { return }
    let order = blocks.indices.sorted { (blocks[$0].hash, $0) < (blocks[$1].hash, $1) }
    var chosen = 0
    var count = 0
    while count < tokens || chosen == 0 || blocks[order[chosen]].hash == blocks[order[chosen - 1]].hash {
      let next = chosen
      if next == order.count - 1 { break }
      blocks[order[next]].isHeldOut = true
      count += blocks[order[next]].range.count
      chosen += 1
    }
  }

  /// Joins blocks that follow each other.
  private static func segments(_ blocks: [Block]) -> [TokenStream.Segment] {
    var result: [TokenStream.Segment] = []
    for block in blocks {
      if let last = result.last, last.shard == block.shard, last.range.upperBound == block.range.lowerBound {
        result[result.count - 1].range = last.range.lowerBound..<block.range.upperBound
      } else {
        result.append(TokenStream.Segment(shard: block.shard, range: block.range))
      }
    }
    return result
  }
}
