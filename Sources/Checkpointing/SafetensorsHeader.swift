import Support

/// The header of a safetensors file, with everything checked that a damaged or hostile file could get wrong.
///
/// Layout: the header's length in bytes as a little-endian `UInt64`; the header, a JSON object that maps each
/// tensor's name to `dtype`, `shape` and `data_offsets` (counted from the end of the header), with
/// string-to-string `__metadata__`; the tensors' bytes, without gaps.
struct SafetensorsHeader {
  /// By name, in the order of UTF-8 bytes.
  var tensors: [TensorDescription] = []
  var metadata: [String: String] = [:]

  /// The reference implementation's limit.
  static let maximumLength = 100_000_000
  static let metadataKey = "__metadata__"

  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(GraftError) {
    guard bytes.count >= 8 else {
      throw Self.damaged(path, "it has \(bytes.count) bytes where its header's length takes 8")
    }
    let declared = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard declared >= 2, declared <= UInt64(Self.maximumLength) else {
      throw Self.damaged(path, "its header claims a length of \(declared) bytes")
    }
    let length = Int(declared)
    guard length <= bytes.count - 8 else {
      throw Self.damaged(path, "its header of \(length) bytes is cut off at \(bytes.count - 8)")
    }
    let root: JSONValue
    do {
      root = try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<8 + length]))
    } catch {
      throw Self.damaged(path, "its header is not JSON: \(error.message), at byte \(8 + error.offset)")
    }
    guard case .object(let members) = root.kind else {
      throw Self.damaged(path, "its header is \(root.kind.name), not an object")
    }
    let data = 8 + length..<bytes.count
    for (name, value) in members {
      if name == Self.metadataKey {
        metadata = try Self.metadata(value, path: path)
      } else {
        tensors.append(try Self.tensor(named: name, value, data: data, path: path))
      }
    }
    try checkCoverage(of: data, path: path)
    tensors.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  static func damaged(_ path: String, _ reason: String) -> GraftError {
    GraftError(
      .badData, "'\(path)' is not a usable safetensors file: \(reason)",
      hint: "it may be cut off or damaged; copy or save it again, or use the previous checkpoint.")
  }

  private static func metadata(_ value: JSONValue, path: String) throws(GraftError) -> [String: String] {
    guard case .object(let members) = value.kind else {
      throw damaged(path, "'\(metadataKey)' is \(value.kind.name), not an object")
    }
    var result: [String: String] = [:]
    for (key, value) in members {
      guard case .string(let text) = value.kind else {
        throw damaged(path, "'\(metadataKey)' holds \(value.kind.name) under '\(key)', not a string")
      }
      result[key] = text
    }
    return result
  }

  private static func tensor(
    named name: String, _ value: JSONValue, data: Range<Int>, path: String
  ) throws(GraftError) -> TensorDescription {
    func fail(_ reason: String) -> GraftError { damaged(path, "tensor '\(name)': \(reason)") }
    guard case .object(let members) = value.kind else { throw fail("\(value.kind.name), not an object") }
    var type: TensorType?
    var shape: [Int]?
    var offsets: [Int]?
    for (key, field) in members {
      switch key {
      case "dtype":
        guard case .string(let text) = field.kind else { throw fail("'dtype' is \(field.kind.name)") }
        guard let known = TensorType(rawValue: text) else { throw fail("unknown dtype '\(text)'") }
        type = known
      case "shape": shape = integers(field)
      case "data_offsets": offsets = integers(field)
      default: throw fail("unknown field '\(key)'")
      }
    }
    guard let type else { throw fail("no 'dtype'") }
    guard let shape else { throw fail("'shape' is not a list of sizes") }
    guard let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw fail("'data_offsets' is not a pair of rising offsets")
    }
    var size = type.width
    for extent in shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: extent)
      if overflows { throw fail("shape \(shape) overflows") }
      size = product
    }
    guard offsets[1] <= data.count else {
      throw fail("its bytes end at \(offsets[1]) and the data at \(data.count)")
    }
    guard offsets[1] - offsets[0] == size else {
      throw fail("shape \(shape) of \(type.rawValue) takes \(size) bytes, not \(offsets[1] - offsets[0])")
    }
    return TensorDescription(
      name: name, type: type, shape: shape,
      range: data.lowerBound + offsets[0]..<data.lowerBound + offsets[1])
  }

  /// nil unless the value is a list of whole numbers from 0 up.
  private static func integers(_ value: JSONValue) -> [Int]? {
    guard case .array(let elements) = value.kind else { return nil }
    var result: [Int] = []
    for element in elements {
      guard case .number(let number) = element.kind, number >= 0, number < 0x1p53,
        let integer = Int(exactly: number)
      else { return nil }
      result.append(integer)
    }
    return result
  }

  /// Every byte of the data belongs to exactly one tensor.
  private func checkCoverage(of data: Range<Int>, path: String) throws(GraftError) {
    var end = data.lowerBound
    let ordered = tensors.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for tensor in ordered {
      guard tensor.range.lowerBound == end else {
        let what = tensor.range.lowerBound < end ? "overlaps the one before it" : "leaves a gap before it"
        throw Self.damaged(path, "tensor '\(tensor.name)' \(what)")
      }
      end = tensor.range.upperBound
    }
    guard end == data.upperBound else {
      throw Self.damaged(path, "\(data.upperBound - end) bytes at its end belong to no tensor")
    }
  }
}
