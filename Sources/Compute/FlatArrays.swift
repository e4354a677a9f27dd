import CKernels

/// Rounds `source` to bfloat16 (nearest, ties to even).
/// - Precondition: equal lengths.
public func convertToBFloat16(
  _ source: UnsafeBufferPointer<Float>, into destination: UnsafeMutableBufferPointer<UInt16>
) {
  precondition(source.count == destination.count, "\(source.count) values into \(destination.count)")
  guard let from = source.baseAddress, let to = destination.baseAddress else { return }
  graft_convert(
    ElementType.float32.rawValue, from, ElementType.bfloat16.rawValue, to, Int64(source.count))
}

/// Widens bfloat16, which is exact.
/// - Precondition: equal lengths.
public func convertFromBFloat16(
  _ source: UnsafeBufferPointer<UInt16>, into destination: UnsafeMutableBufferPointer<Float>
) {
  precondition(source.count == destination.count, "\(source.count) values into \(destination.count)")
  guard let from = source.baseAddress, let to = destination.baseAddress else { return }
  graft_convert(
    ElementType.bfloat16.rawValue, from, ElementType.float32.rawValue, to, Int64(source.count))
}

/// destination[range] += source[range].
public func add(
  _ source: UnsafeMutableBufferPointer<Float>, to destination: UnsafeMutableBufferPointer<Float>,
  _ range: Range<Int>
) {
  precondition(range.upperBound <= source.count && source.count == destination.count, "range \(range)")
  guard let from = source.baseAddress, let to = destination.baseAddress else { return }
  graft_add(to + range.lowerBound, from + range.lowerBound, Int64(range.count))
}
