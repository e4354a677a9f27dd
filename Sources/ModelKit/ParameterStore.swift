import Compute
import Support

/// What a parameter is for. Optimizers and rules of training tell parameters apart by it.
public enum ParameterRole: String, Sendable, Hashable, CaseIterable {
  /// A table whose rows are looked up by token or segment.
  case embedding
  /// A table of positions or distances.
  case position
  /// A weight between hidden states.
  case matrix
  /// A factor of a normalised state.
  case gain
  case bias
  /// What turns hidden states into answers: an output embedding of its own, the matrices of a head.
  case head
}

/// One parameter as a model declares it.
public struct ParameterDeclaration: Sendable {
  /// The checkpoint key, such as `encoder.blocks.0.attention.query.weight`.
  public let name: String
  /// Row-major; a linear weight is [outputs, inputs].
  public let shape: [Int]
  public let role: ParameterRole
  /// The block of its stack that it belongs to, counted from 0; nil outside of blocks.
  public let depth: Int?
  /// Whether it belongs to what predicts or answers and may be exchanged while the rest stays: fine-tuning leaves it out,
  /// draws it anew or finds none.
  public let isOfHead: Bool

  public init(name: String, shape: [Int], role: ParameterRole, depth: Int? = nil, isOfHead: Bool = false) {
    self.name = name
    self.shape = shape
    self.role = role
    self.depth = depth
    self.isOfHead = isOfHead
  }
}

/// Where one parameter lies in the flat arrays of values, gradients and optimizer moments.
public struct ParameterEntry: Sendable {
  public let declaration: ParameterDeclaration
  /// Offset of the first value, in floats.
  public let offset: Int

  public var name: String { declaration.name }
  public var shape: [Int] { declaration.shape }
  public var role: ParameterRole { declaration.role }
  public var depth: Int? { declaration.depth }
  public var isOfHead: Bool { declaration.isOfHead }
  public var count: Int { shape.reduce(1, *) }
  public var range: Range<Int> { offset..<offset + count }
  public var rank: Int { shape.count }
}

/// All parameters of a model in one contiguous 64-byte-aligned array of `Float`. Gradients and moments are
/// arrays of the same length, so clipping, optimizers and checkpoints are loops over flat memory.
public final class ParameterStore: @unchecked Sendable {
  // Written only between steps by the optimizer or a loader; shards read it concurrently during a step.
  public let entries: [ParameterEntry]
  public let values: UnsafeMutableBufferPointer<Float>
  private let indexByName: [String: Int]

  public var count: Int { values.count }

  /// Parameters of which no more is known than their shapes: what has rows and columns is taken for a matrix, all else
  /// for a bias.
  public convenience init(_ shapes: [(name: String, shape: [Int])]) {
    self.init(
      shapes.map { ParameterDeclaration(name: $0.name, shape: $0.shape, role: $0.shape.count > 1 ? .matrix : .bias) })
  }

  public init(_ declarations: [ParameterDeclaration]) {
    var entries: [ParameterEntry] = []
    var index: [String: Int] = [:]
    var offset = 0
    for declaration in declarations {
      precondition(index[declaration.name] == nil, "parameter '\(declaration.name)' is declared twice")
      index[declaration.name] = entries.count
      let entry = ParameterEntry(declaration: declaration, offset: offset)
      entries.append(entry)
      offset += entry.count
    }
    self.entries = entries
    indexByName = index
    values = LargeMemory.allocate(Float.self, count: offset)
  }

  deinit { LargeMemory.deallocate(values) }

  public func entry(named name: String) -> ParameterEntry? { indexByName[name].map { entries[$0] } }

  public func values(of entry: ParameterEntry) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[entry.range])
  }
}
