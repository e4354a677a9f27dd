import CKernels
import Compute

/// The global norm of a gradient, and the factor that clips it. Squares are summed in double per fixed block
/// and the blocks in order, so the result does not depend on how many threads shared the blocks.
public enum GradientNorm {
  /// Floats per block.
  public static let blockSize = GradientMemory.groupSize

  /// How many blocks `count` values fall into, of which the last may be shorter.
  public static func blockCount(for count: Int) -> Int { (count + blockSize - 1) / blockSize }

  /// Writes the sum of squares of each of `blocks` to its place in `sums`.
  /// - Precondition: `sums` holds `blockCount(for: gradients.count)` values.
  public static func sumBlocks(
    _ blocks: Range<Int>, of gradients: UnsafeBufferPointer<Float>,
    into sums: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(
      sums.count == blockCount(for: gradients.count) && blocks.upperBound <= sums.count,
      "the norm of \(gradients.count) gradients takes \(blockCount(for: gradients.count)) block sums")
    for block in blocks {
      let start = block * blockSize
      sums[block] = graft_sum_of_squares(
        min(blockSize, gradients.count - start), gradients.baseAddress! + start)
    }
  }

  /// The norm from all block sums.
  public static func norm(blockSums: some Sequence<Double>) -> Double {
    blockSums.reduce(0, +).squareRoot()
  }

  /// The norm, on the calling thread.
  public static func norm(of gradients: UnsafeBufferPointer<Float>) -> Double {
    var sums = [Double](repeating: 0, count: blockCount(for: gradients.count))
    sums.withUnsafeMutableBufferPointer { sumBlocks(0..<$0.count, of: gradients, into: $0) }
    return norm(blockSums: sums)
  }

  /// The factor, at most 1, that brings `norm` down to `maximum`; 1 if there is no maximum. Not finite where
  /// `norm` is not: callers skip such an update and say so.
  public static func clippingFactor(norm: Double, maximum: Double?) -> Double {
    guard let maximum, !(norm <= maximum) else { return norm.isFinite ? 1 : .nan }
    return norm.isFinite ? maximum / norm : .nan
  }
}
