import Compute

/// A matrix of activations [rows, columns] in the arena of one tape, and its gradient once one was written.
public final class Tensor {
  /// Rows, those that belong to no sequence among them.
  public let rows: Int
  /// Columns; a row's values lie next to each other.
  public let columns: Int
  /// The element type of the values.
  public let type: ElementType
  /// The values, row after row; valid until the tape begins anew or releases them.
  public let data: UnsafeMutableRawPointer
  /// The element type of the gradient. A tensor that several operations read needs `.float32`, so that their
  /// gradients can be accumulated.
  public let gradientType: ElementType
  /// Memory for the gradient; meaningful only if `hasGradient`.
  public internal(set) var gradient: UnsafeMutableRawPointer?
  /// Whether an operation that reads the tensor has written its gradient.
  public internal(set) var hasGradient = false

  /// Values: rows · columns.
  public var count: Int { rows * columns }

  init(
    rows: Int, columns: Int, type: ElementType, gradientType: ElementType, data: UnsafeMutableRawPointer
  ) {
    self.rows = rows
    self.columns = columns
    self.type = type
    self.gradientType = gradientType
    self.data = data
  }

  /// The values as `Float`, for tests and for reading results.
  public func floats() -> [Float] { Tensor.floats(data, type, count) }

  static func floats(_ pointer: UnsafeMutableRawPointer, _ type: ElementType, _ count: Int) -> [Float] {
    switch type {
    case .float32:
      return Array(UnsafeBufferPointer(start: pointer.assumingMemoryBound(to: Float.self), count: count))
    case .bfloat16:
      let bits = UnsafeBufferPointer(start: pointer.assumingMemoryBound(to: UInt16.self), count: count)
      return bits.map { Float(bitPattern: UInt32($0) << 16) }
    }
  }
}

/// A matrix of parameters: a place in the flat arrays of `ParameterMemory`. Vectors have one row. Matrices that
/// lie next to each other in the store can be used as one, by a handle that spans them.
public struct Parameter: Sendable, Hashable {
  /// Where it begins in the flat arrays, in values.
  public let offset: Int
  /// Rows; 1 for a vector.
  public let rows: Int
  /// Columns; the elements of a vector.
  public let columns: Int

  /// A place of rows · columns values from `offset` on.
  public init(offset: Int, rows: Int, columns: Int) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
  }

  /// Values: rows · columns.
  public var count: Int { rows * columns }

  var range: Range<Int> { offset..<offset + count }

  /// The rows from `first` on.
  /// - Precondition: there are any.
  public func rows(from first: Int) -> Parameter {
    precondition(0..<rows ~= first, "row \(first) of \(rows)")
    return Parameter(offset: offset + first * columns, rows: rows - first, columns: columns)
  }

  /// The handle that spans `parameters`, stacked by rows.
  /// - Precondition: they are adjacent and equally wide.
  public static func stacked(_ parameters: [Parameter]) -> Parameter {
    precondition(!parameters.isEmpty, "nothing to stack")
    for (upper, lower) in zip(parameters, parameters.dropFirst()) {
      precondition(
        upper.columns == lower.columns && upper.offset + upper.count == lower.offset,
        "stacked parameters must be adjacent in the store and equally wide")
    }
    return Parameter(
      offset: parameters[0].offset, rows: parameters.reduce(0) { $0 + $1.rows },
      columns: parameters[0].columns)
  }
}

/// The flat arrays a tape reads parameters from and adds their gradients to.
public struct ParameterMemory: @unchecked Sendable {
  // Values are read-only during a step; gradients belong to one shard.
  /// All parameters, flat, in f32.
  public let values: UnsafePointer<Float>
  /// The values in the operand type of matrix products: the same memory under f32, a bf16 copy under bf16.
  public let operands: UnsafeRawPointer
  /// As many as `values`; nil where nothing is recorded.
  public let gradients: GradientMemory?
  /// Parts of the values that no gradient is needed of, in order and apart from each other. Their gradients are not
  /// written, so that memory which the system backs as it is touched need not be there.
  public var frozen: [Range<Int>] = []
  /// What is added to matrices of linear layers, in the order of the matrices.
  public var lowRankPairs: [LowRankPair] = []

  /// Memory of which nothing is frozen yet.
  public init(
    values: UnsafePointer<Float>, operands: UnsafeRawPointer, gradients: GradientMemory?
  ) {
    self.values = values
    self.operands = operands
    self.gradients = gradients
  }

  /// Whether no gradient of the parameter is needed.
  public func isFrozen(_ parameter: Parameter) -> Bool {
    frozen.contains { $0.lowerBound <= parameter.range.lowerBound && parameter.range.upperBound <= $0.upperBound }
  }

  /// The pairs of a matrix, or of the matrices that it spans.
  func lowRankPairs(of weight: Parameter) -> [LowRankPair] {
    if lowRankPairs.isEmpty { return [] }
    var (low, high) = (0, lowRankPairs.count)
    while low < high {
      let middle = (low + high) / 2
      if lowRankPairs[middle].matrix.offset < weight.offset { low = middle + 1 } else { high = middle }
    }
    return Array(lowRankPairs[low...].prefix { $0.matrix.offset < weight.range.upperBound })
  }
}
