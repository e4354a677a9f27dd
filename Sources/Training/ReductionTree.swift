/// The fixed order in which the gradients of all shards are added: as a binary tree, ((0 + 1) + (2 + 3)) + …, so that
/// neighbours are added before their sum meets the next. It depends on the number of shards alone; which process adds
/// does not change a bit.
///
/// Worked example: of six shards over two processes, the first adds 0 + 1 and the second 4 + 5. What is left of each
/// part of the gradients, 0, 2, 3 and 4, goes to the process that updates that part, which adds 2 + 3, 0 + 2 and 0 + 4.
struct ReductionTree: Sendable {
  /// One addition: the sum at `from` is added to that at `into`.
  struct Addition: Sendable, Hashable {
    var into, from: Int
  }

  /// Those that a process does with its own shards alone, by process.
  let local: [[Addition]]
  /// Those that come after, in order.
  let last: [Addition]
  /// What each process has left after its own additions.
  let roots: [[Int]]

  /// - Parameter shares: the shards of each process, one after another from 0.
  init(shares: [Range<Int>]) {
    let count = shares.last?.upperBound ?? 0
    var local = [[Addition]](repeating: [], count: shares.count)
    var last: [Addition] = []
    var distance = 1
    while distance < count {
      for into in stride(from: 0, to: count - distance, by: 2 * distance) {
        let addition = Addition(into: into, from: into + distance)
        let span = into..<min(into + 2 * distance, count)
        if let owner = shares.firstIndex(where: { $0.contains(into) && $0.upperBound >= span.upperBound }) {
          local[owner].append(addition)
        } else {
          last.append(addition)
        }
      }
      distance *= 2
    }
    (self.local, self.last) = (local, last)
    roots = zip(shares, local).map { share, additions in
      share.filter { shard in !additions.contains { $0.from == shard } }
    }
  }
}
