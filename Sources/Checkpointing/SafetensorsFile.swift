import Support

/// A safetensors file, memory-mapped: tensors are read on request.
public final class SafetensorsFile: TensorFile {
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

  public func index(of name: String) -> Int? { indexByName[name] }

  public func read(at index: Int, into destination: UnsafeMutableBufferPointer<Float>) {
    let description = tensors[index]
    file.withBytes {
      description.type.widen(UnsafeRawBufferPointer(rebasing: $0[description.range]), into: destination)
    }
    // The values are there now; a large model should not be in memory twice.
    file.release(description.range)
  }
}
