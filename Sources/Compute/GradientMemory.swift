import Foundation

/// Gradients of one shard, of which most rows of a large vocabulary are 0 in any one step. A block is cleared when the
/// first thing of a step is added to it, so that what a step does not write costs it nothing.
///
/// One thread writes during a step; afterwards several may look, each at groups of its own.
public final class GradientMemory: @unchecked Sendable {
  /// Values of a block: a page.
  public static let blockSize = 1 << 10
  /// Values of a group: as many blocks as a word has bits.
  public static let groupSize = blockSize * 64

  /// As many as the model's parameters. Those of blocks that were not written hold anything until `finish`.
  public let values: UnsafeMutableBufferPointer<Float>
  /// Blocks of each group, as bits, that were written since `begin`.
  private let written: UnsafeMutableBufferPointer<UInt64>
  /// Blocks that may hold something else than 0.
  private let used: UnsafeMutableBufferPointer<UInt64>

  /// Room for `count` gradients that takes no memory until it is written.
  public init(count: Int) {
    values = LargeMemory.reserve(Float.self, count: count)
    let groups = (count + Self.groupSize - 1) / Self.groupSize
    written = .allocate(capacity: groups)
    used = .allocate(capacity: groups)
    written.initialize(repeating: 0)
    used.initialize(repeating: 0)
  }

  deinit {
    LargeMemory.release(values)
    written.deallocate()
    used.deallocate()
  }

  /// Begins a step: nothing is written.
  public func begin() { written.update(repeating: 0) }

  /// The blocks of a group that were written in this step, the first in the lowest bit.
  public func writtenBlocks(ofGroup group: Int) -> UInt64 { written[group] }

  /// Makes gradients ready to be added to.
  public func prepare(_ range: Range<Int>) {
    for block in Self.blocks(touching: range) { prepare(block) }
  }

  /// Makes gradients ready to be written, all of them, without a look at what is there.
  /// - Returns: false if something was added to them before, or they are too few to know; they are then ready to be
  ///   added to.
  public func prepareToOverwrite(_ range: Range<Int>) -> Bool {
    let touched = Self.blocks(touching: range)
    let first = (range.lowerBound + Self.blockSize - 1) / Self.blockSize
    let inner = first..<max(first, range.upperBound / Self.blockSize)
    guard !inner.isEmpty, !inner.contains(where: isWritten) else {
      prepare(range)
      return false
    }
    for block in touched {
      if inner.contains(block) { mark(block) } else { prepare(block) }
    }
    return true
  }

  /// Ends a step for a group: all its blocks that were not written are 0 then.
  /// - Parameter added: blocks that something may be added to from now on.
  public func finish(group: Int, added: UInt64) {
    Self.forEachRun(used[group] & ~written[group], ofGroup: group, within: values.indices) {
      values[$0].update(repeating: 0)
    }
    used[group] = written[group] | added
  }

  /// After `finish`, makes known that gradients of other processes are added to more blocks of a group.
  public func add(_ blocks: UInt64, ofGroup group: Int) { used[group] |= blocks }

  /// Calls `body` with the places of neighbouring blocks of a group, as far as they lie within `range`.
  public static func forEachRun(
    _ blocks: UInt64, ofGroup group: Int, within range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var (rest, start) = (blocks, group * groupSize)
    while rest != 0 {
      let gap = rest.trailingZeroBitCount
      rest >>= gap
      start += gap * blockSize
      let length = (~rest).trailingZeroBitCount
      rest = length < 64 ? rest >> length : 0
      let run = (start..<start + length * blockSize).clamped(to: range)
      if !run.isEmpty { body(run) }
      start += length * blockSize
    }
  }

  /// The values of this step, for tests: 0 where nothing was written.
  public func current(_ index: Int) -> Float { isWritten(index / Self.blockSize) ? values[index] : 0 }

  private static func blocks(touching range: Range<Int>) -> Range<Int> {
    range.lowerBound / blockSize..<(range.upperBound + blockSize - 1) / blockSize
  }

  private func isWritten(_ block: Int) -> Bool { written[block >> 6] >> UInt64(block & 63) & 1 != 0 }

  private func mark(_ block: Int) {
    written[block >> 6] |= 1 << UInt64(block & 63)
    used[block >> 6] |= 1 << UInt64(block & 63)
  }

  private func prepare(_ block: Int) {
    guard !isWritten(block) else { return }
    if used[block >> 6] >> UInt64(block & 63) & 1 != 0 {
      let start = block * Self.blockSize
      values[start..<min(start + Self.blockSize, values.count)].update(repeating: 0)
    }
    mark(block)
  }
}
