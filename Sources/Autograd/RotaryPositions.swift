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
    /// YaRN (Peng et al. 2023): frequencies that turn fewer times than `slowRotations` within the original length are
    /// divided by the factor, those that turn more often than `fastRotations` stay, and between them there is a linear
    /// passage over the components. What is turned is multiplied by `attentionFactor`.
    case yarn(
      factor: Double, fastRotations: Double, slowRotations: Double, originalLength: Int, attentionFactor: Double)
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
    return (0..<turned / 2).map { j in
      scaled(Float(pow(base, Double(Float(2 * j) / Float(turned)))), component: j, of: turned)
    }
  }

  /// What turned components are multiplied by.
  var magnitude: Float {
    if case .yarn(_, _, _, _, let attentionFactor) = scaling { Float(attentionFactor) } else { 1 }
  }

  /// - Parameter span: in how many positions the component turns by 1.
  private func scaled(_ span: Float, component j: Int, of turned: Int) -> Float {
    let frequency = 1 / span
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
    case .yarn(let factor, let fast, let slow, let originalLength, _):
      /// The component that turns so many times within the original length.
      func place(_ rotations: Double) -> Double {
        Double(turned) * log(Double(originalLength) / (rotations * 2 * Double.pi)) / (2 * log(base))
      }
      let low = max(place(fast).rounded(.down), 0)
      let high = min(place(slow).rounded(.up), Double(turned - 1))
      let passage = Float((Double(j) - low) / (high == low ? 0.001 : high - low))
      let share = 1 - min(max(passage, 0), 1)
      return 1 / (Float(factor) * span) * (1 - share) + frequency * share
    }
  }
}

/// Cosines and sines, times the magnitude, of the angles at positions 0 ..< `length`: [length, headDimension / 2] each.
final class RotaryTable {
  let length: Int
  let cosines, sines: [Float]

  init(_ positions: RotaryPositions, headDimension: Int, length: Int) {
    let frequencies = positions.frequencies(headDimension: headDimension)
    let magnitude = positions.magnitude
    self.length = length
    var cosines: [Float] = []
    var sines: [Float] = []
    cosines.reserveCapacity(length * frequencies.count)
    sines.reserveCapacity(length * frequencies.count)
    for position in 0..<length {
      for frequency in frequencies {
        let angle = Double(Float(position) * frequency)
        cosines.append(Float(cos(angle)) * magnitude)
        sines.append(Float(sin(angle)) * magnitude)
      }
    }
    (self.cosines, self.sines) = (cosines, sines)
  }
}
