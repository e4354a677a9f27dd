/// A zeroed, 64-byte-aligned array of floats at a fixed address, for state that C kernels update in place.
final class FloatArray: @unchecked Sendable {
  // Owners hand disjoint ranges to threads.
  let values: UnsafeMutableBufferPointer<Float>

  init(count: Int) {
    let padded = max(count, 16)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: padded * 4, alignment: 64)
    values = UnsafeMutableBufferPointer(
      start: raw.initializeMemory(as: Float.self, repeating: 0, count: padded), count: count)
  }

  deinit { UnsafeMutableRawPointer(values.baseAddress!).deallocate() }

  subscript(range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[range])
  }
}
