/// A value in Thrift's compact protocol, which the headers of Parquet are written in, as a tree.
indirect enum ThriftValue {
  case boolean(Bool)
  /// Of 8 to 64 bits.
  case integer(Int64)
  case double(Double)
  case binary(UnsafeRawBufferPointer)
  case list([ThriftValue])
  /// Fields by their number.
  case structure([Int: ThriftValue])

  /// A field of a structure; nil for any other value.
  subscript(_ field: Int) -> ThriftValue? {
    if case .structure(let fields) = self { fields[field] } else { nil }
  }

  var integer: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
  var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
  var list: [ThriftValue]? { if case .list(let values) = self { values } else { nil } }
  var text: String? { if case .binary(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil } }

  /// The number of the field that a union is of.
  var variant: Int? { if case .structure(let fields) = self { fields.keys.first } else { nil } }
}

/// Reads values of Thrift's compact protocol from bytes that outlive it.
struct ThriftReader {
  /// Deeper structures than any header has; no file shall exhaust the stack.
  private static let deepest = 32

  var bytes: ParquetBytes

  /// A structure, as every header is.
  mutating func structure(depth: Int = 0) throws(GraftError) -> ThriftValue {
    guard depth < Self.deepest else { throw bytes.damage("its header nests too deeply") }
    var fields: [Int: ThriftValue] = [:]
    var number = 0
    while true {
      let head = try bytes.byte()
      let kind = head & 0x0F
      if kind == 0 { return .structure(fields) }
      let step = Int(head >> 4)
      number = step == 0 ? Int(truncatingIfNeeded: try bytes.zigzag()) : number + step
      fields[number] =
        switch kind {
        case 1: .boolean(true)
        case 2: .boolean(false)
        default: try value(kind, depth: depth + 1)
        }
    }
  }

  private mutating func value(_ kind: UInt8, depth: Int) throws(GraftError) -> ThriftValue {
    guard depth < Self.deepest else { throw bytes.damage("its header nests too deeply") }
    switch kind {
    case 1, 2: return .boolean(try bytes.byte() == 1)
    case 3: return .integer(Int64(Int8(bitPattern: try bytes.byte())))
    case 4, 5, 6: return .integer(try bytes.zigzag())
    case 7: return .double(Double(bitPattern: try bytes.fixed(UInt64.self)))
    case 8: return .binary(try bytes.take(Int(clamping: try bytes.varint())))
    case 9, 10:
      let head = try bytes.byte()
      let count = head >> 4 == 15 ? Int(clamping: try bytes.varint()) : Int(head >> 4)
      // An element is a byte at least.
      guard count <= bytes.count else { throw bytes.damage("a list of its header is longer than the header") }
      var elements: [ThriftValue] = []
      for _ in 0..<count { elements.append(try value(head & 0x0F, depth: depth + 1)) }
      return .list(elements)
    case 11:
      let count = Int(clamping: try bytes.varint())
      guard count <= bytes.count else { throw bytes.damage("a map of its header is longer than the header") }
      guard count > 0 else { return .list([]) }
      let kinds = try bytes.byte()
      for _ in 0..<count {
        _ = try value(kinds >> 4, depth: depth + 1)
        _ = try value(kinds & 0x0F, depth: depth + 1)
      }
      // No field that is looked at is a map.
      return .list([])
    case 12: return try structure(depth: depth)
    default: throw bytes.damage("its header has a field of unknown kind \(kind)")
    }
  }
}
