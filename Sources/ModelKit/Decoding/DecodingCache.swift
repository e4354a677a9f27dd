import Autograd
import Compute
import Records

/// Keys and values of the positions decoded so far, of every layer, so that a new token costs one row instead of
/// its whole sequence. The keys and values of an encoder's states are kept, too: they are computed once per input.
///
/// Rows live in slots of equal size; a row's first successor takes over its slot and only the others are copied.
///
/// Worked example: rows in slots [0 1 2] of four, `select([2, 2, 0])` gives slots [2 1 0]: slot 2 goes to its
/// first successor, its second gets a copy in slot 1, whose row was dropped.
public final class DecodingCache: SequenceState {
  private struct Row {
    var slot: Int
    /// The sequence of the batch it answers.
    let sequence: Int
    var length = 0
    var lastToken: TokenID?
  }

  /// The memory of one layer: rows of keys and values next to each other, 2 · inner elements per position.
  private struct Layer {
    /// [slots, capacity, 2 · inner]
    var memory: UnsafeMutableRawPointer
    /// Tokens a slot has room for; doubled when it is full.
    var capacity: Int
    let inner: Int
    let type: ElementType
    /// Of the encoder's states: [M, 2 · inner].
    var encoder: UnsafeMutableRawPointer?

    var rowBytes: Int { 2 * inner * type.size }

    func slot(_ slot: Int) -> UnsafeMutableRawPointer { memory + slot * capacity * rowBytes }
  }

  private var rows: [Row]
  private var freeSlots: [Int]
  private var layers: [Layer?] = []
  private let slotCount: Int
  private var memoryRows: SequenceRows?
  /// Whether `decode` has been called.
  public private(set) var hasPast = false

  /// - Parameters:
  ///   - sequences: how many the batch has.
  ///   - rowsPerSequence: the most rows that one sequence may have at once.
  public init(sequences: Int, rowsPerSequence: Int = 1) {
    precondition(rowsPerSequence > 0, "a cache of \(rowsPerSequence) rows per sequence")
    slotCount = sequences * rowsPerSequence
    rows = (0..<sequences).map { Row(slot: $0, sequence: $0) }
    freeSlots = Array((sequences..<max(sequences, slotCount)).reversed())
  }

  deinit {
    for layer in layers {
      layer?.memory.deallocate()
      layer?.encoder?.deallocate()
    }
  }

  public var lengths: [Int] { rows.map(\.length) }

  /// The slot of each row; for tests.
  var slots: [Int] { rows.map(\.slot) }

  public func select(_ parents: [Int]) {
    var isUsed = [Bool](repeating: false, count: rows.count)
    for parent in parents { isUsed[parent] = true }
    for (row, used) in zip(rows, isUsed) where !used { freeSlots.append(row.slot) }
    var isTaken = [Bool](repeating: false, count: rows.count)
    var next: [Row] = []
    next.reserveCapacity(parents.count)
    for parent in parents {
      var row = rows[parent]
      if isTaken[parent] {
        guard let slot = freeSlots.popLast() else {
          preconditionFailure("\(parents.count) rows for a cache of \(slotCount) slots")
        }
        copy(row, to: slot)
        row.slot = slot
      }
      isTaken[parent] = true
      next.append(row)
    }
    rows = next
  }

  private func copy(_ row: Row, to slot: Int) {
    for case let layer? in layers {
      layer.slot(slot).copyMemory(from: layer.slot(row.slot), byteCount: row.length * layer.rowBytes)
    }
  }

  /// What block `index` of the stack reads and writes.
  func layer(_ index: Int) -> CachedLayer {
    while layers.count <= index { layers.append(nil) }
    return CachedLayer(cache: self, index: index)
  }

  /// The last token of each row; nil where it has none.
  public var lastTokens: [TokenID?] { rows.map(\.lastToken) }

  /// Counts the tokens of a call once every layer has kept theirs.
  func advance(over new: SequenceRows) {
    precondition(new.lengths.count == rows.count, "\(new.lengths.count) sequences for \(rows.count) cached rows")
    for (i, length) in new.lengths.enumerated() where length > 0 {
      rows[i].length += length
      rows[i].lastToken = new.tokens[new.offsets[i] + length - 1]
    }
    hasPast = true
  }

  fileprivate func append(_ projected: Tensor, _ new: SequenceRows, column: Int, layer index: Int) {
    precondition(
      new.lengths.count == rows.count, "\(new.lengths.count) sequences for \(rows.count) cached rows")
    let longest = zip(rows, new.lengths).map { $0.length + $1 }.max() ?? 0
    let layer = room(for: longest, inner: (projected.columns - column) / 2, projected.type, layer: index)
    let bytes = layer.rowBytes
    for (i, row) in rows.enumerated() {
      let target = layer.slot(row.slot) + row.length * bytes
      for position in 0..<new.lengths[i] {
        let source = ((new.offsets[i] + position) * projected.columns + column) * projected.type.size
        (target + position * bytes).copyMemory(from: projected.data + source, byteCount: bytes)
      }
    }
  }

  /// The layer with room for `length` tokens in every slot.
  private func room(for length: Int, inner: Int, _ type: ElementType, layer index: Int) -> Layer {
    if let layer = layers[index], layer.capacity >= length { return layer }
    let capacity = max(length + 16, 2 * (layers[index]?.capacity ?? 0))
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, slotCount * capacity * 2 * inner * type.size), alignment: 64)
    var layer = Layer(memory: memory, capacity: capacity, inner: inner, type: type)
    if let old = layers[index] {
      for row in rows {
        layer.slot(row.slot).copyMemory(from: old.slot(row.slot), byteCount: row.length * old.rowBytes)
      }
      layer.encoder = old.encoder
      old.memory.deallocate()
    }
    layers[index] = layer
    return layer
  }

  fileprivate func keepMemory(_ keysAndValues: Tensor, _ memoryRows: SequenceRows, layer index: Int) {
    let bytes = keysAndValues.count * keysAndValues.type.size
    let kept = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes), alignment: 64)
    kept.copyMemory(from: keysAndValues.data, byteCount: bytes)
    self.memoryRows = memoryRows
    layers[index]?.encoder?.deallocate()
    layers[index]?.encoder = kept
  }

  /// The positions that each token of the call under way sees, up to itself.
  fileprivate func positions(of new: SequenceRows, window: Int?, layer index: Int) -> [CachedPositions] {
    guard let layer = layers[index] else { preconditionFailure("layer \(index) has kept nothing") }
    return zip(rows, new.lengths).flatMap { row, length in
      let base = layer.slot(row.slot)
      return (0..<length).map { token in
        let end = row.length + token + 1
        let count = min(end, window ?? end)
        let keys = base + (end - count) * layer.rowBytes
        return CachedPositions(
          keys: keys, values: keys + layer.inner * layer.type.size, stride: 2 * layer.inner, count: count)
      }
    }
  }

  fileprivate func memoryPositions(of new: SequenceRows, layer index: Int) -> [CachedPositions] {
    guard let layer = layers[index], let encoder = layer.encoder, let memoryRows else {
      preconditionFailure("layer \(index) has kept no encoder states")
    }
    return zip(rows, new.lengths).flatMap { row, length in
      let base = encoder + memoryRows.offsets[row.sequence] * layer.rowBytes
      let positions = CachedPositions(
        keys: base, values: base + layer.inner * layer.type.size, stride: 2 * layer.inner,
        count: memoryRows.lengths[row.sequence])
      return [CachedPositions](repeating: positions, count: length)
    }
  }
}

/// One layer of a `DecodingCache`.
public struct CachedLayer {
  fileprivate let cache: DecodingCache
  fileprivate let index: Int

  /// Whether there are earlier positions.
  var hasPast: Bool { cache.hasPast }

  /// Keeps the keys and values of `rows`, which lie in `projected` from `column` on.
  func append(_ projected: Tensor, _ rows: SequenceRows, column: Int) {
    cache.append(projected, rows, column: column, layer: index)
  }

  /// Keeps what the encoder's states were projected to.
  func keepMemory(_ keysAndValues: Tensor, _ rows: SequenceRows) {
    cache.keepMemory(keysAndValues, rows, layer: index)
  }

  /// - Parameter window: how many positions a token sees, itself the last; nil for all.
  func positions(of rows: SequenceRows, window: Int?) -> [CachedPositions] {
    cache.positions(of: rows, window: window, layer: index)
  }
  func memoryPositions(of rows: SequenceRows) -> [CachedPositions] {
    cache.memoryPositions(of: rows, layer: index)
  }
}
