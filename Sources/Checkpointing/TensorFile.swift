import Support

/// A file of named tensors, memory-mapped: values are read on request.
public protocol TensorFile: Sendable {
  var path: String { get }
  /// By name, in the order of UTF-8 bytes.
  var tensors: [TensorDescription] { get }
  /// Texts about the file as a whole, by key.
  var metadata: [String: String] { get }
  /// The place of a tensor in `tensors`; nil if there is none of this name.
  func index(of name: String) -> Int?
  /// Reads a tensor as floats; 16-bit types are widened.
  /// - Precondition: its type is readable, and `destination` holds as many values as its shape says.
  func read(at index: Int, into destination: UnsafeMutableBufferPointer<Float>)
}

extension TensorFile {
  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { index(of: name) != nil }

  /// - Throws: `.badData` with the closest name if the file has no such tensor.
  public func description(of name: String) throws(GraftError) -> TensorDescription {
    tensors[try place(of: name)]
  }

  /// The tensor as floats; 16-bit types are widened.
  /// - Throws: `.badData` if there is no such tensor or its type is not F32, BF16 or F16.
  public func tensor(_ name: String) throws(GraftError) -> LoadedTensor {
    let index = try place(of: name)
    let description = tensors[index]
    try requireReadable(description)
    let values = [Float](unsafeUninitializedCapacity: description.count) { buffer, count in
      read(at: index, into: UnsafeMutableBufferPointer(rebasing: buffer[..<description.count]))
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
    try requireReadable(try require(name, shape: shape))
    read(at: try place(of: name), into: destination)
  }

  /// The shape of a tensor; nil if the file has none of this name.
  func shape(of name: String) -> [Int]? { index(of: name).map { tensors[$0].shape } }

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

  private func place(of name: String) throws(GraftError) -> Int {
    guard let index = index(of: name) else {
      let close = closestName(to: name, in: tensors.lazy.map(\.name))
      throw GraftError(
        .badData, "'\(path)' has no tensor '\(name)'",
        hint: close.map { "the closest is '\($0)'; is this checkpoint of the same architecture?" }
          ?? "is this checkpoint of the same architecture?")
    }
    return index
  }

  private func requireReadable(_ description: TensorDescription) throws(GraftError) {
    guard description.type.isReadable else {
      throw GraftError(
        .badData, "tensor '\(description.name)' of '\(path)' has type \(description.type.rawValue)",
        hint: "weights are read from F32, BF16 and F16; convert the file.")
    }
  }
}
