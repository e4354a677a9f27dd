import Compute

/// A zeroed, 64-byte-aligned array of floats at a fixed address, for state that C kernels update in place. What is not
/// written takes no memory.
final class FloatArray: @unchecked Sendable {
  // Owners hand disjoint ranges to threads.
  let values: UnsafeMutableBufferPointer<Float>

  init(count: Int) {
    values = LargeMemory.reserve(Float.self, count: count)
  }

  deinit { LargeMemory.release(values) }

  subscript(range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[range])
  }
}
