/// Values as JSON, one behind the other, or chosen from those of a dictionary.
struct ParquetValues {
  private var text: [UInt8] = []
  private var ends: [Int] = []
  private var chosen: [UInt32]?

  var count: Int { chosen?.count ?? ends.count }

  mutating func add(_ write: (inout [UInt8]) -> Void) {
    write(&text)
    ends.append(text.count)
  }

  func append(_ index: Int, to result: inout [UInt8]) {
    let place = chosen.map { Int($0[index]) } ?? index
    result.append(contentsOf: text[(place > 0 ? ends[place - 1] : 0)..<ends[place]])
  }

  func chosen(_ indices: [UInt32]) -> ParquetValues {
    var result = self
    result.chosen = indices
    return result
  }
}

/// Writes the values of a column as JSON.
struct ParquetRenderer {
  let form: ParquetNode.Form
  /// Whether some value was no text.
  private(set) var hasBytes = false

  init(_ leaf: ParquetNode.Leaf) { form = leaf.form }

  func boolean(_ value: Bool, to text: inout [UInt8]) { text.append(contentsOf: (value ? "true" : "false").utf8) }

  func integer(_ value: Int64, bits: Int, to text: inout [UInt8]) {
    switch form {
    case .decimal(let scale): decimal(Int128(value), scale, to: &text)
    case .unsigned where bits == 32: text.append(contentsOf: "\(UInt32(truncatingIfNeeded: value))".utf8)
    case .unsigned: text.append(contentsOf: "\(UInt64(bitPattern: value))".utf8)
    default: text.append(contentsOf: "\(value)".utf8)
    }
  }

  /// JSON has neither infinity nor what is no number.
  func number<Number: BinaryFloatingPoint & CustomStringConvertible>(_ value: Number, to text: inout [UInt8]) {
    text.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
  }

  /// A text; null for bytes that are none.
  mutating func bytes(_ value: UnsafeRawBufferPointer, to text: inout [UInt8]) {
    if case .decimal(let scale) = form, value.count <= 16, !value.isEmpty {
      // Big-endian, in two's complement.
      let start: Int128 = value[0] >= 0x80 ? -1 : 0
      return decimal(value.reduce(start) { $0 << 8 | Int128($1) }, scale, to: &text)
    }
    guard UTF8Decoding.firstInvalid(in: value) == nil else {
      hasBytes = true
      text.append(contentsOf: "null".utf8)
      return
    }
    Self.quote(value, to: &text)
  }

  /// Bytes that are UTF-8, as a string of JSON.
  static func quote(_ value: some Sequence<UInt8>, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for byte in value {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        text.append(UInt8(ascii: "\\"))
        text.append(byte)
      case 0..<0x20:
        text.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }

  private func decimal(_ value: Int128, _ scale: Int, to text: inout [UInt8]) {
    guard scale > 0, scale <= 64 else { return text.append(contentsOf: "\(value)".utf8) }
    var digits = String(value.magnitude)
    if digits.utf8.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits }
    text.append(contentsOf: "\(value < 0 ? "-" : "")\(digits.dropLast(scale)).\(digits.suffix(scale))".utf8)
  }
}
