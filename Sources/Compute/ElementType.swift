/// How a value is stored. Raw values are the codes the C kernels use.
public enum ElementType: Int32, Sendable, Hashable {
  case float32 = 0
  case bfloat16 = 1

  @inlinable public var size: Int { self == .float32 ? 4 : 2 }
}

/// A property of the whole run: what the operands of matrix products are. Master weights, gradients,
/// moments, reductions, norms and losses are `f32` under both.
public enum Precision: String, Sendable, CaseIterable, Codable, Hashable {
  case f32
  case bf16

  public var operand: ElementType { self == .f32 ? .float32 : .bfloat16 }
}
