import Support

/// A unit of what a model carries that is held at a value, whatever the model computes (Radford et al. 2017, who write
/// reviews of a fixed sentiment so).
public struct HeldUnit: Sendable, Hashable {
  /// A part of a carried state: `0.cell`; see `CarriedArray`.
  public var array: String
  /// Counted from 0.
  public var unit: Int
  /// What it is held at.
  public var value: Float

  /// A unit and its value, not yet known to exist.
  public init(array: String, unit: Int, value: Float) {
    (self.array, self.unit, self.value) = (array, unit, value)
  }

  /// - Throws: `.usage` for a unit that none of `arrays` has.
  func validate(in arrays: [CarriedArray]) throws(GraftError) {
    guard let found = arrays.first(where: { $0.name == array }) else {
      throw .unknownName("part of the model's state", array, known: arrays.map(\.name))
    }
    guard (0..<found.width).contains(unit) else {
      throw GraftError(
        .usage, "'\(array)' has no unit \(unit)", hint: "its units are 0 to \(found.width - 1).")
    }
  }
}

extension [HeldUnit] {
  /// Whether a model has these units and can hold them.
  /// - Throws: `.usage` for a model that carries no state, and for units that it does not have.
  public func validate(for backbone: any GenerativeBackbone) throws(GraftError) {
    guard !isEmpty else { return }
    guard let state = backbone.makeCarriedState(sequences: 1) else {
      throw GraftError(
        .usage, "a \(backbone.configuration.family) model carries no state in which a unit could be held",
        hint: "take a recurrent model, such as an lstm.")
    }
    for unit in self { try unit.validate(in: state.arrays) }
  }
}
