import Foundation

/// Rotary positions (Su et al. 2021): pairs of each head's query and key components are turned by angles that grow
/// with the position, so that their product depends on the distance alone. Component j of a head of d is paired with
/// component j + d / 2, as in Llama, and turned by position · frequency j. In GPT-NeoX d is only the first part of a
/// head, and the rest stays as it is.
public struct RotaryPositions: Sendable, Hashable {
  /// What models do that read further than they were pretrained for.
  public enum Scaling: Sendable, Hashable {
    /// Positions are divided by the factor (Chen et al. 2023).
    case linear(factor: Double)
    /// Llama 3.1's: frequencies of waves longer than originalLength / lowFactor are divided by the factor, those
    /// shorter than originalLength / highFactor stay, and between them there is a linear passage.
    case llama3(factor: Double, lowFactor: Double, highFactor: Double, originalLength: Int)
  }

  /// θ: frequency j is θ^(−2j / d). 10,000 in the paper.
  public var base: Double
  public var scaling: Scaling?
  /// How many components of a head are turned, from the first on: an even number; nil for all.
  public var components: Int?

  public init(base: Double = 10_000, scaling: Scaling? = nil, components: Int? = nil) {
    self.base = base
    self.scaling = scaling
    self.components = components
  }

  /// The angles by which one position turns a head's pairs: [d / 2] of the d components that are turned. In `Float`, as
  /// transformers has them: at far positions the angles depend on how they are rounded.
  ///
  /// Worked example: base 10,000 and four dimensions give 1 and 0.01.
  /// - Precondition: the dimension is even.
  public func frequencies(headDimension: Int) -> [Float] {
    let turned = components ?? headDimension
    precondition(
      turned % 2 == 0 && turned <= headDimension,
      "rotary positions pair \(turned) of \(headDimension) dimensions of a head")
    return (0..<turned / 2).map { j in scaled(1 / Float(pow(base, Double(Float(2 * j) / Float(turned))))) }
  }

  private func scaled(_ frequency: Float) -> Float {
    switch scaling {
    case nil: return frequency
    case .linear(let factor): return frequency / Float(factor)
    case .llama3(let factor, let lowFactor, let highFactor, let originalLength):
      let length = Double(originalLength)
      let wave = 2 * Double.pi / Double(frequency)
      if wave < length / highFactor { return frequency }
      if wave > length / lowFactor { return frequency / Float(factor) }
      let share = (length / wave - lowFactor) / (highFactor - lowFactor)
      return Float((1 - share) * Double(frequency) / factor + share * Double(frequency))
    }
  }
}

/// Cosines and sines of the angles at positions 0 ..< `length`: [length, headDimension / 2] each.
final class RotaryTable {
  let length: Int
  let cosines, sines: [Float]

  init(_ positions: RotaryPositions, headDimension: Int, length: Int) {
    let frequencies = positions.frequencies(headDimension: headDimension)
    self.length = length
    var cosines: [Float] = []
    var sines: [Float] = []
    cosines.reserveCapacity(length * frequencies.count)
    sines.reserveCapacity(length * frequencies.count)
    for position in 0..<length {
      for frequency in frequencies {
        let angle = Double(Float(position) * frequency)
        cosines.append(Float(cos(angle)))
        sines.append(Float(sin(angle)))
      }
    }
    (self.cosines, self.sines) = (cosines, sines)
  }
}
