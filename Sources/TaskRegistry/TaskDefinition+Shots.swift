import Randomness
import Records
import Support

extension TaskDefinition {
  /// A few examples of each class, or of the task if it has no classes the same for all rows, in the order of the
  /// files. Which ones depends on the seed, the task and the rows' numbers alone: more shots have the fewer among them.
  ///
  /// - Parameter count: how many of each class.
  /// - Returns: the examples, and how many there are of each class, which is fewer than asked for where there are no
  ///   more. A task without classes has one, without name.
  /// - Throws: as `examples`.
  public func shots(
    _ count: Int, split: String, data root: DataRoot, seed: UInt64
  ) throws(GraftError) -> (examples: [Example], counts: [(name: String, count: Int)]) {
    let key = RandomKey(seed: seed).folded("shots").folded(name)
    let examples = try examples(split: split, data: root)
    var members = [[(rank: UInt64, index: Int)]](repeating: [], count: classNames.count)
    for (index, example) in examples.enumerated() {
      members[shotClass(of: example)].append((key.folded(example.identifier).order, index))
    }
    let chosen = members.map { $0.sorted { $0 < $1 }.prefix(max(0, count)).map(\.index) }
    return (
      chosen.joined().sorted().map { examples[$0] },
      zip(classNames, chosen).map { (name: $0, count: $1.count) }
    )
  }

  /// The classes that shots are drawn of.
  private var classNames: [String] {
    switch answering {
    case .fixed(let words), .judged(let words, _): words
    case .free, .candidates: [""]
    }
  }

  /// Unlabelled rows count for the first class.
  private func shotClass(of example: Example) -> Int {
    switch answering {
    case .fixed, .judged: example.choice ?? 0
    case .free, .candidates: 0
    }
  }
}
