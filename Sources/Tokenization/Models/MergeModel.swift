import Examples

/// Byte-level BPE (Sennrich et al. 2016; bytes as in Radford et al. 2019): byte ids and merges.
final class MergeModel: TokenModel, @unchecked Sendable {
  // The table is written in `init` only, hence safe to share.
  private let table: PairTable
  /// The id of each byte on its own.
  let byteIDs: [Int32]
  /// Pairs with the token they make, the most urgent first.
  let merges: [(left: TokenID, right: TokenID, result: TokenID)]

  let takesAnyBytes = true

  init(byteIDs: [Int32], merges: [(left: TokenID, right: TokenID, result: TokenID)]) {
    self.byteIDs = byteIDs
    self.merges = merges
    var table = PairTable(capacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      let key = pairKey(merge.left, merge.right)
      table.insert(key, UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merge.result)))
    }
    self.table = table
  }

  /// The rank (upper half) and result (lower half) of merging two tokens; `PairTable.absent` if they do not
  /// merge. Values therefore compare like ranks.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> UInt64 { table.value(pairKey(left, right)) }

  func makeWorker() -> any TokenModelWorker { Worker(model: self) }

  private final class Worker: TokenModelWorker {
    let model: MergeModel
    var merger = WordMerger()

    init(model: MergeModel) { self.model = model }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
      merger.append(word, length, model: model, to: &tokens)
    }
  }
}
