import Autograd
import Examples
import ModelKit
import Randomness
import Support

/// Named numbers a person gives an objective: `noise-density: 0.15`.
public struct ObjectiveParameter: Sendable, Hashable {
  public var name: String
  public var summary: String
  public var defaultValue: Double
  public var range: ClosedRange<Double>

  public init(_ name: String, _ summary: String, default value: Double, in range: ClosedRange<Double>) {
    self.name = name
    self.summary = summary
    defaultValue = value
    self.range = range
  }
}

/// A pretraining objective: how a stretch of corpus becomes inputs and targets, and what is optimised.
/// One file here and one line in `Objectives.builtin`.
public protocol PretrainingObjective: Sendable {
  /// What users type, in kebab-case.
  static var identifier: String { get }
  static var summary: String { get }
  static var parameters: [ObjectiveParameter] { get }
  /// The layouts it can train.
  static var layouts: Set<BatchLayout> { get }

  /// - Parameter values: one per entry of `parameters`, by name, defaults filled in and ranges checked.
  /// - Throws: `.usage` if the vocabulary lacks what the objective needs.
  init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError)

  /// How many raw tokens make an example that fills `lengths.inputs` (encoder-decoder) or the sequence
  /// (decoder), and how long its targets then are.
  func rawLength(forSequenceLength length: Int) -> (raw: Int, targets: Int)

  /// Corrupts one token sequence. Pure: the same tokens and key give the same example. Nil if the sequence is
  /// too short to make one.
  func example(from tokens: [TokenID], key: RandomKey) -> TokenExample?

  /// The summed loss of a batch; its gradient is scaled by `gradientScale`.
  func loss(_ output: BackboneOutput, _ batch: Batch, gradientScale: Double, on tape: Tape) -> LossSum
}

extension PretrainingObjective {
  public func loss(_ output: BackboneOutput, _ batch: Batch, gradientScale: Double, on tape: Tape) -> LossSum
  {
    output.crossEntropy(batch, gradientScale: gradientScale, on: tape)
  }
}

/// The objectives Graft comes with.
public enum Objectives {
  public static let builtin = Registry<any PretrainingObjective.Type>(
    kind: "objective", listCommand: "graft list objectives",
    [
      (CausalLanguageModeling.identifier, CausalLanguageModeling.summary, CausalLanguageModeling.self),
      (MaskedLanguageModeling.identifier, MaskedLanguageModeling.summary, MaskedLanguageModeling.self),
      (SpanCorruption.identifier, SpanCorruption.summary, SpanCorruption.self),
    ])

  /// Builds the objective `name` with `given` parameters, the rest at their defaults.
  /// - Throws: `.usage` for an unknown objective or parameter, a value out of range, or a vocabulary that
  ///   lacks what the objective needs.
  public static func make(_ name: String, _ given: [String: Double] = [:], vocabulary: Vocabulary)
    throws(GraftError) -> any PretrainingObjective
  {
    let type = try builtin(name)
    for key in given.keys.sorted() where !type.parameters.contains(where: { $0.name == key }) {
      throw .unknownName("parameter of '\(name)'", key, known: type.parameters.map(\.name))
    }
    var values: [String: Double] = [:]
    for parameter in type.parameters {
      let value = given[parameter.name] ?? parameter.defaultValue
      guard parameter.range.contains(value) else {
        let range = "\(parameter.range.lowerBound) … \(parameter.range.upperBound)"
        throw GraftError(.usage, "'\(parameter.name)' is \(value)", hint: "\(name) allows \(range).")
      }
      values[parameter.name] = value
    }
    return try type.init(values, vocabulary: vocabulary)
  }
}
