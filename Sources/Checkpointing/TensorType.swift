import Compute

/// Element types of the safetensors format. Graft computes in `Float`, so it reads the floating ones of 16
/// and 32 bits; the others can be listed but not read.
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
