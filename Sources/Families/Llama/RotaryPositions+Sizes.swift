import Autograd
import ModelKit
import Support

extension RotaryPositions {
  /// How positions may be scaled.
  private enum ScalingKind: String, CaseIterable {
    case linear
    case llama3
    case yarn
  }

  /// Reads `ropeTheta` (10,000 by default), `ropeScaling` and its numbers, and `ropeComponents` (all by default).
  /// - Throws: `.badData` for a head whose turned components are no pairs.
  init(_ sizes: inout SizeReader, headDimension: Int) throws(GraftError) {
    let components = try sizes.integer(ifPresent: "ropeComponents", in: 2...SizeLimit.headDimension)
    let turned = components ?? headDimension
    guard turned % 2 == 0, turned <= headDimension else {
      let (key, most) = components == nil ? ("headDimension", "") : ("ropeComponents", " of at most \(headDimension)")
      throw sizes.failure(
        "'\(key)' is \(turned), expected an even number\(most)", hint: "rotary positions turn pairs.")
    }
    self.init(
      base: try sizes.positive(ifPresent: "ropeTheta") ?? 10_000, scaling: try Self.scaling(&sizes),
      components: components)
  }

  private static func scaling(_ sizes: inout SizeReader) throws(GraftError) -> Scaling? {
    switch try sizes.choice(ifPresent: "ropeScaling", of: ScalingKind.self) {
    case nil: return nil
    case .linear: return .linear(factor: try sizes.positive("ropeFactor"))
    case .llama3:
      let (low, high) = (try sizes.positive("ropeLowFactor"), try sizes.positive("ropeHighFactor"))
      guard low < high else {
        throw sizes.failure("'ropeHighFactor' is \(high), expected more than 'ropeLowFactor', which is \(low)")
      }
      return .llama3(
        factor: try sizes.positive("ropeFactor"), lowFactor: low, highFactor: high,
        originalLength: try sizes.integer("ropeOriginalLength", in: 1...SizeLimit.maximumLength))
    case .yarn:
      return .yarn(
        factor: try sizes.positive("ropeFactor"), fastRotations: try sizes.positive("ropeFastRotations"),
        slowRotations: try sizes.positive("ropeSlowRotations"),
        originalLength: try sizes.integer("ropeOriginalLength", in: 1...SizeLimit.maximumLength),
        attentionFactor: try sizes.positive("ropeAttentionFactor"))
    }
  }

  /// The keys that `init` reads, without those that have their default value.
  var sizes: [String: SizeValue] {
    var sizes: [String: SizeValue] = [:]
    if base != 10_000 { sizes["ropeTheta"] = .number(base) }
    sizes["ropeComponents"] = components.map { SizeValue($0) }
    switch scaling {
    case nil: break
    case .linear(let factor):
      sizes.merge(["ropeScaling": SizeValue(ScalingKind.linear), "ropeFactor": .number(factor)]) { $1 }
    case .llama3(let factor, let lowFactor, let highFactor, let originalLength):
      sizes.merge([
        "ropeScaling": SizeValue(ScalingKind.llama3), "ropeFactor": .number(factor),
        "ropeLowFactor": .number(lowFactor), "ropeHighFactor": .number(highFactor),
        "ropeOriginalLength": SizeValue(originalLength),
      ]) { $1 }
    case .yarn(let factor, let fast, let slow, let originalLength, let attentionFactor):
      sizes.merge([
        "ropeScaling": SizeValue(ScalingKind.yarn), "ropeFactor": .number(factor),
        "ropeFastRotations": .number(fast), "ropeSlowRotations": .number(slow),
        "ropeOriginalLength": SizeValue(originalLength), "ropeAttentionFactor": .number(attentionFactor),
      ]) { $1 }
    }
    return sizes
  }
}
