import CKernels
import Compute
import Foundation
import Randomness
import Support

/// Skip-gram with negative sampling (Mikolov, Sutskever, Chen, Corrado & Dean, NeurIPS 2013).
///
/// A word's neighbours are the inputs, the word itself and those drawn against it the outputs. What is drawn is shared
/// by the neighbours of a window, whose products are then two of small matrices (Ji, Satish, Li & Dubey, 2016).
///
/// The text is cut into blocks, and so many blocks as there are `lanes` are learned from at once, each on copies of the
/// rows that it touches. Then the differences are added to the rows in the order of the blocks. The lanes are the same
/// in number whatever the threads, and what a block draws depends on its place alone, so that the vectors are the same
/// to the bit.
final class SkipGram: @unchecked Sendable {
  // Blocks write their own lane only, the merging of rows each row from one thread only.
  /// Blocks that are learned from at once: with more, rows grow old; with fewer, threads stand still.
  static let lanes = 4
  /// Words of a block at least, but for the last.
  static let blockSize = 512

  let text: WordText
  let settings: SkipGramSettings
  let width: Int
  let tables: (inputs: UnsafeMutableBufferPointer<Float>, outputs: UnsafeMutableBufferPointer<Float>)
  let negatives: AliasTable
  /// Of 2³², how many times an occurrence of each word stays.
  let kept: [UInt64]
  private let key: RandomKey
  /// The sentences of each block, by where they end.
  private let blocks: [Range<Int>]
  private let workers: [SkipGramLane]
  private let executor: ShardExecutor

  init(_ text: WordText, _ settings: SkipGramSettings) {
    (self.text, self.settings) = (text, settings)
    width = VectorSettings.width(settings.size)
    key = RandomKey(seed: settings.seed).folded("skip-gram")
    let count = text.words.count
    tables = (
      LargeMemory.allocate(Float.self, count: count * width), LargeMemory.allocate(Float.self, count: count * width)
    )
    negatives = AliasTable(text.counts.map { pow(Double($0), settings.samplingPower) })
    kept = Self.kept(text, settings.subsampling)
    var generator = key.folded("first values").generator()
    for word in 0..<count {
      for d in 0..<settings.size {
        tables.inputs[word * width + d] = Float((generator.uniform() - 0.5) / Double(settings.size))
      }
    }
    var blocks: [Range<Int>] = []
    var (first, start) = (0, 0)
    for (sentence, end) in text.ends.enumerated() where end - start >= Self.blockSize {
      blocks.append(first..<sentence + 1)
      (first, start) = (sentence + 1, end)
    }
    if first < text.ends.count { blocks.append(first..<text.ends.count) }
    self.blocks = blocks
    let most = Self.blockSize + WordText.longestSentence
    workers = (0..<Self.lanes).map { [width] _ in
      SkipGramLane(
        words: count, width: width, inputs: min(count, most), outputs: min(count, most * (settings.negatives + 1)),
        settings)
    }
    executor = ShardExecutor(shardCount: min(settings.threads, Self.lanes))
  }

  deinit {
    executor.stop()
    LargeMemory.deallocate(tables.inputs)
    LargeMemory.deallocate(tables.outputs)
  }

  /// The share of occurrences that stays is (√(f / t) + 1) t / f of a word of frequency f, as in the authors' program.
  private static func kept(_ text: WordText, _ threshold: Double) -> [UInt64] {
    let bound = threshold * Double(text.tokens.count)
    return text.counts.map { count in
      guard threshold > 0 else { return 1 << 32 }
      let share = ((Double(count) / bound).squareRoot() + 1) * bound / Double(count)
      return UInt64(min(1, share) * 0x1p32)
    }
  }

  /// - Returns: the mean loss of each epoch.
  func train(_ body: (VectorEpoch) -> Void) {
    for epoch in 0..<settings.epochs {
      var (loss, pairs) = (0.0, 0)
      for first in stride(from: 0, to: blocks.count, by: Self.lanes) {
        let round = first..<min(blocks.count, first + Self.lanes)
        executor.run { [self] thread in
          for lane in stride(from: thread, to: round.count, by: executor.shardCount) {
            learn(from: first + lane, epoch: epoch, in: workers[lane])
          }
        }
        executor.run { [self] thread in merge(round.count, thread: thread) }
        for lane in workers[..<round.count] {
          loss += lane.loss.pointee
          pairs += lane.pairs
          lane.clear()
        }
      }
      body(VectorEpoch(number: epoch + 1, loss: loss / Double(max(1, pairs))))
    }
  }

  private func learn(from block: Int, epoch: Int, in lane: SkipGramLane) {
    let total = Double(text.tokens.count)
    let sentences = blocks[block]
    var start = sentences.lowerBound == 0 ? 0 : text.ends[sentences.lowerBound - 1]
    let progress = (Double(epoch) * total + Double(start)) / (Double(settings.epochs) * total)
    let rate = Float(settings.rate * (1 - progress))
    var generator = key.folded(epoch).folded(block).generator()
    text.tokens.withUnsafeBufferPointer { tokens in
      for end in text.ends[sentences] {
        lane.learn(from: UnsafeBufferPointer(rebasing: tokens[start..<end]), rate: rate, &generator, of: self)
        start = end
      }
    }
  }

  private func merge(_ lanes: Int, thread: Int) {
    let lanes = workers[..<lanes]
    merge(lanes.map(\.inputs), into: tables.inputs, thread)
    merge(lanes.map(\.outputs), into: tables.outputs, thread)
  }

  private func merge(_ copies: [CopiedRows], into table: UnsafeMutableBufferPointer<Float>, _ thread: Int) {
    let threads = executor.shardCount
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: copies.count) { found in
      for (index, copy) in copies.enumerated() {
        for word in copy.words where Int(word) % threads == thread {
          // The first lane that has the row merges those of all.
          guard !copies[..<index].contains(where: { $0.has(word) }) else { continue }
          var count = 0
          for other in copies[index...] where other.has(word) {
            found[count] = UnsafePointer(other.row(ofCopied: word))
            count += 1
          }
          graft_add_differences(
            table.baseAddress! + Int(word) * width, found.baseAddress!, Int32(count), Int64(width))
        }
      }
    }
  }
}
