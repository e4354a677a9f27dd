import Autograd
import Randomness

/// How a parameter's first values are drawn.
public enum Initializer: Sendable, Hashable {
  /// All the same.
  case constant(Double)
  /// Normal with mean 0, keyed by the parameter's name.
  case normal(standardDeviation: Double)
  /// Equal parts after one another, each of one value.
  case parts([Double])
}

/// Collects the parameters that a model's `init` declares; the order of declaration is the order in memory,
/// so layers that declare neighbours can use them as one matrix (`Parameter.stacked`).
public final class ParameterDeclarations {
  /// In the order of declaration.
  public fileprivate(set) var all: [ParameterDeclaration] = []
  /// The names of those that belong to heads.
  public var namesOfHeads: Set<String> { Set(all.filter(\.isOfHead).map(\.name)) }
  fileprivate(set) var initializers: [Initializer] = []
  fileprivate var next = 0

  /// No parameters yet.
  public init() {}

  /// How many values the declared parameters have.
  public var count: Int { next }

  /// Allocates the store and leaves all values 0, for those that come from a file.
  public func makeEmptyStore() -> ParameterStore { ParameterStore(all) }

  /// Allocates the store and draws the first values. Each parameter's stream is keyed by its name, so adding a
  /// layer does not change the others.
  public func makeStore(key: RandomKey) -> ParameterStore {
    let store = ParameterStore(all)
    for (entry, initializer) in zip(store.entries, initializers) {
      let values = store.values(of: entry)
      switch initializer {
      case .constant(let value):
        values.update(repeating: Float(value))
      case .parts(let parts):
        precondition(values.count % parts.count == 0, "\(values.count) values in \(parts.count) parts")
        for i in values.indices { values[i] = Float(parts[i / (values.count / parts.count)]) }
      case .normal(let deviation):
        var source = key.folded(entry.name).generator()
        for i in stride(from: 0, to: values.count, by: 2) {
          let (first, second) = source.normalPair()
          values[i] = Float(first * deviation)
          if i + 1 < values.count { values[i + 1] = Float(second * deviation) }
        }
      }
    }
    return store
  }
}

/// A prefix of parameter names, such as `encoder.blocks.0`. A name is assigned once, in `init`, and is the
/// parameter's key in checkpoints.
public struct ParameterScope {
  private let declarations: ParameterDeclarations
  private let prefix: String
  private let depth: Int?
  private let isOfHead: Bool

  /// The scope of names without a prefix.
  public init(_ declarations: ParameterDeclarations) {
    self.init(declarations, prefix: "", depth: nil, isOfHead: false)
  }

  private init(_ declarations: ParameterDeclarations, prefix: String, depth: Int?, isOfHead: Bool) {
    self.declarations = declarations
    self.prefix = prefix
    self.depth = depth
    self.isOfHead = isOfHead
  }

  /// The scope below this one: `name` and a dot before all names.
  public func callAsFunction(_ name: String) -> ParameterScope {
    ParameterScope(declarations, prefix: prefix + name + ".", depth: depth, isOfHead: isOfHead)
  }

  /// The scope of a part that predicts or answers and may be exchanged while the rest stays.
  public func head(_ name: String) -> ParameterScope {
    ParameterScope(declarations, prefix: prefix + name + ".", depth: depth, isOfHead: true)
  }

  /// The scope `blocks.INDEX`, whose parameters lie in that block of the stack.
  public func block(_ index: Int) -> ParameterScope {
    ParameterScope(declarations, prefix: "\(prefix)blocks.\(index).", depth: index, isOfHead: isOfHead)
  }

  /// Declares a matrix [rows, columns]; a linear layer's rows are its outputs.
  public func matrix(
    _ name: String, rows: Int, columns: Int, role: ParameterRole = .matrix, _ initializer: Initializer
  ) -> Parameter {
    declare(name, [rows, columns], role, initializer)
    return Parameter(offset: declarations.next - rows * columns, rows: rows, columns: columns)
  }

  /// Declares a vector of `count` values.
  public func vector(
    _ name: String, count: Int, role: ParameterRole = .bias, _ initializer: Initializer
  ) -> Parameter {
    declare(name, [count], role, initializer)
    return Parameter(offset: declarations.next - count, rows: 1, columns: count)
  }

  private func declare(_ name: String, _ shape: [Int], _ role: ParameterRole, _ initializer: Initializer) {
    declarations.all.append(
      ParameterDeclaration(name: prefix + name, shape: shape, role: role, depth: depth, isOfHead: isOfHead))
    declarations.initializers.append(initializer)
    declarations.next += shape.reduce(1, *)
  }
}
