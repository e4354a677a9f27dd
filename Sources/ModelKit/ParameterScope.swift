import Autograd
import Randomness

/// How a parameter's first values are drawn.
public enum Initializer: Sendable, Hashable {
  case constant(Double)
  case normal(standardDeviation: Double)
}

/// Collects the parameters that a model's `init` declares; the order of declaration is the order in memory,
/// so layers that declare neighbours can use them as one matrix (`Parameter.stacked`).
public final class ParameterDeclarations {
  /// Names and shapes in the order of declaration.
  public fileprivate(set) var shapes: [(name: String, shape: [Int])] = []
  fileprivate(set) var initializers: [Initializer] = []
  fileprivate var next = 0

  public init() {}

  /// How many values the declared parameters have.
  public var count: Int { next }

  /// Allocates the store and leaves all values 0, for those that come from a file.
  public func makeEmptyStore() -> ParameterStore { ParameterStore(shapes) }

  /// Allocates the store and draws the first values. Each parameter's stream is keyed by its name, so adding a
  /// layer does not change the others.
  public func makeStore(key: RandomKey) -> ParameterStore {
    let store = ParameterStore(shapes)
    for (entry, initializer) in zip(store.entries, initializers) {
      let values = store.values(of: entry)
      switch initializer {
      case .constant(let value):
        values.update(repeating: Float(value))
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

  public init(_ declarations: ParameterDeclarations) {
    self.declarations = declarations
    prefix = ""
  }

  private init(_ declarations: ParameterDeclarations, prefix: String) {
    self.declarations = declarations
    self.prefix = prefix
  }

  public func callAsFunction(_ name: String) -> ParameterScope {
    ParameterScope(declarations, prefix: prefix + name + ".")
  }

  /// Declares a matrix [rows, columns]; a linear layer's rows are its outputs.
  public func matrix(_ name: String, rows: Int, columns: Int, _ initializer: Initializer) -> Parameter {
    declare(name, [rows, columns], initializer)
    return Parameter(offset: declarations.next - rows * columns, rows: rows, columns: columns)
  }

  public func vector(_ name: String, count: Int, _ initializer: Initializer) -> Parameter {
    declare(name, [count], initializer)
    return Parameter(offset: declarations.next - count, rows: 1, columns: count)
  }

  private func declare(_ name: String, _ shape: [Int], _ initializer: Initializer) {
    declarations.shapes.append((prefix + name, shape))
    declarations.initializers.append(initializer)
    declarations.next += shape.reduce(1, *)
  }
}
