import Autograd
import Randomness
import Support

/// How a parameter's first values are drawn.
public enum Initializer: Sendable, Hashable {
  /// All the same.
  case constant(Double)
  /// Normal with mean 0, keyed by the parameter's name.
  case normal(standardDeviation: Double)
  /// Uniform between −bound and bound, keyed by the parameter's name.
  case uniform(bound: Double)
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
  /// What is added to linear layers, in the order of their matrices.
  public fileprivate(set) var lowRankPairs: [LowRankPair] = []
  fileprivate(set) var initializers: [Initializer] = []
  fileprivate var next = 0

  /// No parameters yet.
  public init() {}

  /// How many values the declared parameters have.
  public var count: Int { next }

  /// How many of these do not belong to the base of an adapter.
  public var trainedCount: Int { all.reduce(0) { $0 + ($1.isFixed ? 0 : $1.shape.reduce(1, *)) } }

  /// Allocates the store and leaves all values 0, for those that come from a file.
  public func makeEmptyStore() -> ParameterStore { ParameterStore(all) }

  /// Allocates the store and draws the first values. Each parameter's stream is keyed by its name, so adding a
  /// layer does not change the others. What belongs to the base of an adapter is left 0: it is read from there.
  public func makeStore(key: RandomKey) -> ParameterStore {
    let store = ParameterStore(all)
    for (entry, initializer) in zip(store.entries, initializers) where !entry.isFixed {
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
      case .uniform(let bound):
        var source = key.folded(entry.name).generator()
        for i in values.indices { values[i] = Float(bound * (2 * source.uniform() - 1)) }
      }
    }
    return store
  }
}

extension ParameterDeclarations {
  /// Adds a low-rank pair to every linear layer that is meant, and declares all else to be fixed but heads that answer.
  /// All D lie next to each other behind the model, then all U, so that what is trained is one piece of memory.
  /// - Parameter keepsHeads: whether heads belong to the base; false for a model that answers by them.
  /// - Throws: `.badData` if a target is no linear layer of the model.
  public func adapt(_ adaptation: LowRankAdaptation, keepsHeads: Bool) throws(GraftError) {
    let chosen = try adaptation.chosen(of: all)
    let count = all.count
    var offsets: [Int] = []
    var end = 0
    for declaration in all {
      offsets.append(end)
      end += declaration.shape.reduce(1, *)
    }
    func declare(
      _ base: ParameterDeclaration, _ part: String, _ rows: Int, _ columns: Int, _ first: Initializer
    ) -> Parameter {
      let name = LowRankAdaptation.layer(of: base.name) + part
      all.append(ParameterDeclaration(name: name, shape: [rows, columns], role: .adapter, depth: base.depth))
      initializers.append(first)
      defer { next += rows * columns }
      return Parameter(offset: next, rows: rows, columns: columns)
    }
    let rank = adaptation.rank
    let downs = chosen.map { index in
      // Kaiming's uniform numbers for a slope of √5, as torch.nn.Linear and PEFT draw them.
      let width = all[index].shape[1]
      return declare(
        all[index], LowRankAdaptation.downName, rank, width, .uniform(bound: 1 / Double(width).squareRoot()))
    }
    lowRankPairs = zip(chosen, downs).map { index, down in
      let shape = all[index].shape
      return LowRankPair(
        matrix: Parameter(offset: offsets[index], rows: shape[0], columns: shape[1]), down: down,
        up: declare(all[index], LowRankAdaptation.upName, shape[0], rank, .constant(0)), scale: adaptation.scale,
        dropout: adaptation.dropout)
    }
    for index in 0..<count where keepsHeads || !all[index].isOfHead { all[index].isFixed = true }
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
  /// - Parameter isLinear: whether `Tape.linear` reads it, so that a low-rank pair can be added to it.
  public func matrix(
    _ name: String, rows: Int, columns: Int, role: ParameterRole = .matrix, isLinear: Bool = true,
    _ initializer: Initializer
  ) -> Parameter {
    declare(name, [rows, columns], role, isLinear: role == .matrix && isLinear, initializer)
    return Parameter(offset: declarations.next - rows * columns, rows: rows, columns: columns)
  }

  /// Declares a vector of `count` values.
  public func vector(
    _ name: String, count: Int, role: ParameterRole = .bias, _ initializer: Initializer
  ) -> Parameter {
    declare(name, [count], role, initializer)
    return Parameter(offset: declarations.next - count, rows: 1, columns: count)
  }

  private func declare(
    _ name: String, _ shape: [Int], _ role: ParameterRole, isLinear: Bool = false, _ initializer: Initializer
  ) {
    declarations.all.append(
      ParameterDeclaration(
        name: prefix + name, shape: shape, role: role, depth: depth, isOfHead: isOfHead,
        isLinear: isLinear && !isOfHead))
    declarations.initializers.append(initializer)
    declarations.next += shape.reduce(1, *)
  }
}
