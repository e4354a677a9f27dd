import Corpus
import Families
import ModelKit
import Records
import Support

extension SequenceLengths {
  /// More would need more memory for attention than any machine Graft is meant for has.
  public static let longest = 1 << 16

  /// - Throws: `.usage` if a model of this configuration cannot read sequences of these lengths.
  public func validate(for configuration: ModelConfiguration) throws(GraftError) {
    for (name, value) in [("`input-length:`", inputs), ("`target-length:`", targets)] {
      guard (1...Self.longest).contains(value) else {
        throw GraftError(.usage, "\(name) \(value) is impossible", hint: "give 1 to \(Self.longest) tokens.")
      }
    }
    let traits = try configuration.traits()
    guard let maximum = traits.longestSequence else { return }
    if !traits.writes {
      guard inputs <= maximum else {
        throw GraftError(
          .usage, "inputs of \(inputs) tokens exceed the model's \(maximum) positions",
          hint: "lower `input-length:`.")
      }
    } else if traits.layout == .encoderDecoder {
      guard max(inputs, targets) <= maximum else {
        throw GraftError(
          .usage, "\(max(inputs, targets)) tokens exceed the model's \(maximum) positions",
          hint: "lower `\(inputs > maximum ? "input-length" : "target-length"):`.")
      }
    } else if inputs + targets > maximum {
      // The prompt and the answer.
      throw GraftError(
        .usage,
        "inputs of \(inputs) and targets of \(targets) tokens exceed the model's \(maximum) positions",
        hint: "lower `input-length:` or `target-length:`.")
    }
  }
}
