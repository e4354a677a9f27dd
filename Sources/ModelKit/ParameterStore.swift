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
  /// What is added: the bias of a linear layer or of a norm.
  case bias
  /// What turns hidden states into answers: an output embedding of its own, the matrices of a head.
  case head
  /// A factor of what is added to a matrix that stays as it is; see `LowRankAdaptation`.
  case adapter
}

/// One parameter as a model declares it.
public struct ParameterDeclaration: Sendable {
  /// The checkpoint key, such as `encoder.blocks.0.attention.query.weight`.
  public let name: String
  /// Row-major; a linear weight is [outputs, inputs].
  public let shape: [Int]
  /// What it is for, which decides how it is trained.
  public let role: ParameterRole
  /// The block of its stack that it belongs to, counted from 0; nil outside of blocks.
  public let depth: Int?
  /// Whether it belongs to what predicts or answers and may be exchanged while the rest stays: fine-tuning leaves it
  /// out, draws it anew or finds none.
  public let isOfHead: Bool
  /// Whether it is the matrix of a linear layer between hidden states, to which a low-rank pair can be added.
  public let isLinear: Bool
  /// Whether it belongs to the base of an adapter: it stays as it is, and is not saved with the adapter.
  public internal(set) var isFixed = false

  /// - Parameter shape: row-major; its product is the number of values.
  public init(
    name: String, shape: [Int], role: ParameterRole, depth: Int? = nil, isOfHead: Bool = false, isLinear: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.role = role
    self.depth = depth
    self.isOfHead = isOfHead
    self.isLinear = isLinear
  }
}

/// Where one parameter lies in the flat arrays of values, gradients and optimizer moments.
public struct ParameterEntry: Sendable {
  /// The parameter's name, shape and role.
  public let declaration: ParameterDeclaration
  /// Offset of the first value, in floats.
  public let offset: Int

  /// The checkpoint key.
  public var name: String { declaration.name }
  /// Row-major; a linear weight is [outputs, inputs].
  public var shape: [Int] { declaration.shape }
  /// What the parameter is for.
  public var role: ParameterRole { declaration.role }
  /// The block of its stack, counted from 0; nil outside of blocks.
  public var depth: Int? { declaration.depth }
  public var isOfHead: Bool { declaration.isOfHead }
  /// Whether it belongs to the base of an adapter.
  public var isFixed: Bool { declaration.isFixed }
  /// How many values it has.
  public var count: Int { shape.reduce(1, *) }
  /// The places of its values in the flat arrays.
  public var range: Range<Int> { offset..<offset + count }
  /// How many dimensions it has: 2 for a matrix, 1 for a vector.
  public var rank: Int { shape.count }
}

/// All parameters of a model in one contiguous 64-byte-aligned array of `Float`. Gradients and moments are
/// arrays of the same length, so clipping, optimizers and checkpoints are loops over flat memory.
public final class ParameterStore: @unchecked Sendable {
  // Written only between steps by the optimizer or a loader; shards read it concurrently during a step.
  /// In the order of declaration, which is that of memory.
  public let entries: [ParameterEntry]
  /// The values of all parameters, one parameter after another without gaps.
  public let values: UnsafeMutableBufferPointer<Float>
  private let indexByName: [String: Int]

  /// How many values there are in all.
  public var count: Int { values.count }

  /// Parameters of which no more is known than their shapes: what has rows and columns is taken for a matrix, all else
  /// for a bias.
  public convenience init(_ shapes: [(name: String, shape: [Int])]) {
    self.init(
      shapes.map { ParameterDeclaration(name: $0.name, shape: $0.shape, role: $0.shape.count > 1 ? .matrix : .bias) })
  }

  /// Allocates memory for all, all 0.
  /// - Precondition: no name is declared twice.
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
    values = LargeMemory.reserve(Float.self, count: offset)
  }

  deinit { LargeMemory.release(values) }

  /// The parameter called `name`, if the model has it.
  public func entry(named name: String) -> ParameterEntry? { indexByName[name].map { entries[$0] } }

  /// The values of one parameter, row-major; valid as long as the store lives.
  public func values(of entry: ParameterEntry) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[entry.range])
  }
}
