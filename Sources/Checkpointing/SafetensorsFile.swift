import Compute
import Support

/// A safetensors file, memory-mapped: tensors are read on request.
public final class SafetensorsFile: Sendable {
  public let path: String
  /// By name, in the order of UTF-8 bytes.
  public let tensors: [TensorDescription]
  public let metadata: [String: String]
  private let file: MappedFile
  private let indexByName: [String: Int]

  /// - Throws: `.missingInput` if there is no such file; `.badData`, naming the tensor and what is wrong with
  ///   it, if the header does not describe the file exactly.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    file = try MappedFile(path)
    let header = try file.withBytes { (bytes) throws(GraftError) in
      if let kind = ForeignFile(bytes), kind != .safetensors, kind != .empty {
        throw kind.error(path: path, wanted: "a safetensors file")
      }
      return try SafetensorsHeader(bytes, path: path)
    }
    tensors = header.tensors
    metadata = header.metadata
    // The header tells names apart by their bytes, a dictionary of strings by what they are canonically.
    indexByName = Dictionary(header.tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
    guard indexByName.count == tensors.count else {
      throw GraftError(
        .badData, "'\(path)' has a tensor twice: two names differ only in how their letters are composed",
        hint: "rename one of them.")
    }
  }

  public func contains(_ name: String) -> Bool { indexByName[name] != nil }

  /// - Throws: `.badData` with the closest name if the file has no such tensor.
  public func description(of name: String) throws(GraftError) -> TensorDescription {
    guard let index = indexByName[name] else {
      let close = closestName(to: name, in: tensors.lazy.map(\.name))
      throw GraftError(
        .badData, "'\(path)' has no tensor '\(name)'",
        hint: close.map { "the closest is '\($0)'; is this checkpoint of the same architecture?" }
          ?? "is this checkpoint of the same architecture?")
    }
    return tensors[index]
  }

  /// The tensor as floats; 16-bit types are widened.
  /// - Throws: `.badData` if there is no such tensor or its type is not F32, BF16 or F16.
  public func tensor(_ name: String) throws(GraftError) -> LoadedTensor {
    let description = try description(of: name)
    try requireReadable(description)
    let values = [Float](unsafeUninitializedCapacity: description.count) { buffer, count in
      convert(description, into: UnsafeMutableBufferPointer(rebasing: buffer[..<description.count]))
      count = description.count
    }
    return LoadedTensor(shape: description.shape, values: values)
  }

  /// Reads a tensor of exactly this shape into memory the caller has.
  /// - Throws: `.badData` if there is no such tensor, its shape differs, or its type is not F32, BF16 or F16.
  /// - Precondition: `destination` holds as many values as the shape says.
  public func read(
    _ name: String, shape: [Int], into destination: UnsafeMutableBufferPointer<Float>
  ) throws(GraftError) {
    precondition(
      destination.count == shape.reduce(1, *),
      "tensor '\(name)' of shape \(shape) does not fit \(destination.count) values")
    let description = try require(name, shape: shape)
    try requireReadable(description)
    convert(description, into: destination)
  }

  /// The shape of a tensor; nil if the file has none of this name.
  func shape(of name: String) -> [Int]? { indexByName[name].map { tensors[$0].shape } }

  /// - Throws: `.badData` if there is no such tensor or its shape differs.
  @discardableResult
  func require(_ name: String, shape: [Int]) throws(GraftError) -> TensorDescription {
    let description = try description(of: name)
    guard description.shape == shape else {
      throw GraftError(
        .badData, "tensor '\(name)' of '\(path)' has shape \(description.shape), expected \(shape)",
        hint: "the configuration and the weights belong to different models.")
    }
    return description
  }

  private func requireReadable(_ description: TensorDescription) throws(GraftError) {
    guard description.type.isReadable else {
      throw GraftError(
        .badData, "tensor '\(description.name)' of '\(path)' has type \(description.type.rawValue)",
        hint: "weights are read from F32, BF16 and F16; convert the file.")
    }
  }

  private func convert(_ description: TensorDescription, into destination: UnsafeMutableBufferPointer<Float>) {
    file.withBytes {
      convert(UnsafeRawBufferPointer(rebasing: $0[description.range]), description, into: destination)
    }
    // The values are there now; a large model should not be in memory twice.
    file.release(description.range)
  }

  private func convert(
    _ bytes: UnsafeRawBufferPointer, _ description: TensorDescription,
    into destination: UnsafeMutableBufferPointer<Float>
  ) {
    // The format is little-endian, as is every machine Graft runs on; bytes may be unaligned.
    guard description.type.width == 2 else {
      UnsafeMutableRawBufferPointer(destination).copyMemory(from: bytes)
      return
    }
    let blockSize = 1 << 14
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: blockSize) { words in
      for start in stride(from: 0, to: description.count, by: blockSize) {
        let range = start..<min(start + blockSize, description.count)
        let block = UnsafeMutableBufferPointer(rebasing: words[..<range.count])
        UnsafeMutableRawBufferPointer(block).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[2 * range.lowerBound..<2 * range.upperBound]))
        let values = UnsafeMutableBufferPointer(rebasing: destination[range])
        if description.type == .bfloat16 {
          convertFromBFloat16(UnsafeBufferPointer(block), into: values)
        } else {
          for (index, bits) in block.enumerated() { values[index] = Float(halfPrecisionBits: bits) }
        }
      }
    }
  }
}
