import CKernels

/// What gradients are rounded to before those of two shards are added, and what they travel between processes as. The
/// bits depend on it, and not on which process adds: under `bf16` both operands of every addition are rounded.
public enum GradientTraffic: String, Sendable, Codable, CaseIterable {
  /// Four bytes a value, as they are.
  case f32
  /// Two bytes a value; sums are f32.
  case bf16

  /// Bytes of a value on its way.
  public var size: Int { self == .f32 ? 4 : 2 }

  /// destination[range] += source[range], rounded before. What was rounded stays so.
  public func add(
    _ source: UnsafeMutableBufferPointer<Float>, to destination: UnsafeMutableBufferPointer<Float>, _ range: Range<Int>
  ) {
    round(source, range)
    round(destination, range)
    Compute.add(source, to: destination, range)
  }

  /// Rounds values in place.
  private func round(_ values: UnsafeMutableBufferPointer<Float>, _ range: Range<Int>) {
    guard self == .bf16 else { return }
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: GradientMemory.blockSize) { rounded in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: rounded.count) {
        let count = min(rounded.count, range.upperBound - start)
        let place = values.baseAddress! + start
        graft_convert(
          ElementType.float32.rawValue, place, ElementType.bfloat16.rawValue, rounded.baseAddress!, Int64(count))
        graft_convert(
          ElementType.bfloat16.rawValue, rounded.baseAddress!, ElementType.float32.rawValue, place, Int64(count))
      }
    }
  }

  /// Writes values as they travel.
  public func pack(_ values: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawPointer) {
    guard let from = values.baseAddress else { return }
    let type = self == .f32 ? ElementType.float32 : .bfloat16
    graft_convert(ElementType.float32.rawValue, from, type.rawValue, bytes, Int64(values.count))
  }

  /// Reads values that travelled.
  public func unpack(_ bytes: UnsafeRawPointer, into values: UnsafeMutableBufferPointer<Float>) {
    guard let to = values.baseAddress else { return }
    let type = self == .f32 ? ElementType.float32 : .bfloat16
    graft_convert(type.rawValue, bytes, ElementType.float32.rawValue, to, Int64(values.count))
  }
}
