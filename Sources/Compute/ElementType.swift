/// How a value is stored. Raw values are the codes the C kernels use.
public enum ElementType: Int32, Sendable, Hashable {
  /// IEEE 754 single precision.
  case float32 = 0
  /// The upper half of a `float32`.
  case bfloat16 = 1

  /// Bytes of an element.
  @inlinable public var size: Int { self == .float32 ? 4 : 2 }
}

/// A property of the whole run: what the operands of matrix products are. Master weights, gradients,
/// moments, reductions, norms and losses are `f32` under both.
public enum Precision: String, Sendable, CaseIterable, Codable, Hashable {
  /// Operands in single precision.
  case f32
  /// Operands rounded to bfloat16, sums in single precision.
  case bf16

  /// The element type of operands.
  public var operand: ElementType { self == .f32 ? .float32 : .bfloat16 }
}
