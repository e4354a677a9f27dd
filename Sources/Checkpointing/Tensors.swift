/// One tensor of a file: what it is and where its bytes lie.
public struct TensorDescription: Sendable, Hashable {
  public internal(set) var name: String
  public let type: TensorType
  /// Row-major; empty for a scalar.
  public let shape: [Int]
  /// The bytes within which its elements lie, counted from the start of the file.
  public let range: Range<Int>

  public var count: Int { shape.reduce(1, *) }
}

/// Floats with their shape, read into memory of their own.
public struct LoadedTensor: Sendable, Hashable {
  public var shape: [Int]
  /// Row-major.
  public var values: [Float]

  /// - Precondition: as many values as the shape says.
  public init(shape: [Int], values: [Float]) {
    precondition(
      shape.reduce(1, *) == values.count, "a tensor of shape \(shape) was given \(values.count) values")
    self.shape = shape
    self.values = values
  }
}

/// A tensor to be written: a view of floats that someone else keeps alive.
public struct TensorSource: @unchecked Sendable {
  // The values are only read.
  public let name: String
  public let shape: [Int]
  public let values: UnsafeBufferPointer<Float>
  /// `float32`, or `bfloat16` to write the values rounded (nearest, ties to even).
  public let type: TensorType

  /// - Precondition: as many values as the shape says; `type` is `float32` or `bfloat16`.
  public init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>, type: TensorType = .float32) {
    precondition(
      shape.reduce(1, *) == values.count,
      "tensor '\(name)' of shape \(shape) was given \(values.count) values")
    precondition(type == .float32 || type == .bfloat16, "tensors are written as float32 or bfloat16")
    self.name = name
    self.shape = shape
    self.values = values
    self.type = type
  }
}
