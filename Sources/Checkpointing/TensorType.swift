import Compute

/// Element types by their names in the safetensors format. Graft computes in `Float`, so it reads the floating ones of
/// 16 and 32 bits; the others can be listed but not read.
public enum TensorType: String, Sendable, Hashable, CaseIterable {
  case bool = "BOOL"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case int8 = "I8"
  case uint8 = "U8"
  case bfloat16 = "BF16"
  case float16 = "F16"
  case int16 = "I16"
  case uint16 = "U16"
  case float32 = "F32"
  case int32 = "I32"
  case uint32 = "U32"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// That of values which are written in a precision.
  public init(_ precision: Precision) { self = precision == .bf16 ? .bfloat16 : .float32 }

  /// Bytes per element.
  public var width: Int {
    switch self {
    case .bool, .float8e4m3, .float8e5m2, .int8, .uint8: 1
    case .bfloat16, .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Whether elements can be read into `Float`.
  public var isReadable: Bool { self == .float32 || self == .bfloat16 || self == .float16 }
}

extension TensorType {
  /// Elements as floats; those of 16 bits are widened.
  /// - Precondition: the type is readable, and there are as many elements as `destination` holds.
  func widen(_ bytes: UnsafeRawBufferPointer, into destination: UnsafeMutableBufferPointer<Float>) {
    // The formats are little-endian, as is every machine Graft runs on; bytes may be unaligned.
    guard width == 2 else {
      UnsafeMutableRawBufferPointer(destination).copyMemory(from: bytes)
      return
    }
    let blockSize = 1 << 14
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: blockSize) { words in
      for start in stride(from: 0, to: destination.count, by: blockSize) {
        let range = start..<min(start + blockSize, destination.count)
        let block = UnsafeMutableBufferPointer(rebasing: words[..<range.count])
        UnsafeMutableRawBufferPointer(block).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[2 * range.lowerBound..<2 * range.upperBound]))
        let values = UnsafeMutableBufferPointer(rebasing: destination[range])
        if self == .bfloat16 {
          convertFromBFloat16(UnsafeBufferPointer(block), into: values)
        } else {
          for (index, bits) in block.enumerated() { values[index] = Float(halfPrecisionBits: bits) }
        }
      }
    }
  }
}
