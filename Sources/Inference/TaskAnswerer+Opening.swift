import Compute
import Corpus
import Families
import ModelKit
import Records
import Support

extension TaskAnswerer {
  /// Of a checkpoint, run directory or folder of transformers.
  /// - Throws: as `ModelFolder.open`; `.usage` for lengths, a layout and labels that the model does not have.
  init(
    opening path: String, base: String?, _ options: AnswerOptions, inputLength: Int?, targetLength: Int,
    precision: Precision, shardCount: Int, readers: any World
  ) throws(GraftError) {
    let (saved, configuration, tokenizer) = try ModelFolder.open(path, base: base)
    try options.layout?.validate(for: configuration)
    let inputs =
      if let inputLength { inputLength } else { try Self.inputLength(configuration, targetLength, options.layout) }
    let lengths = SequenceLengths(inputs: inputs, targets: targetLength)
    try lengths.validate(for: configuration)
    guard options.labels == nil || configuration.answers != nil else {
      throw GraftError(
        .usage, "`labels:` is for an encoder with a head, which '\(path)' is not", hint: "leave it out.")
    }
    self.init(
      model: try saved.opened(configuration, precision: precision, shardCount: shardCount, readers: readers),
      codec: TextCodec(tokenizer), lengths: lengths, options: options)
  }

  /// A decoder that is given texts as lm-evaluation-harness gives them, see `TextCodec.harnessPositions`.
  /// - Throws: as `ModelFolder.open`; `.usage` for what is no decoder.
  init(
    openingForHarness path: String, base: String?, precision: Precision, shardCount: Int, readers: any World
  ) throws(GraftError) {
    let (saved, configuration, tokenizer) = try ModelFolder.open(path, base: base)
    let traits = try configuration.traits()
    guard traits.layout.isOneSequence, traits.writes else {
      throw GraftError(
        .usage, "lm-evaluation-harness scores decoders, which '\(path)' is not", hint: "leave out `protocol:`.")
    }
    let positions = traits.longestSequence ?? Self.positionsWithoutLimit
    var codec = TextCodec(tokenizer)
    codec.harnessPositions = positions
    self.init(
      model: try saved.opened(configuration, precision: precision, shardCount: shardCount, readers: readers),
      codec: codec,
      lengths: SequenceLengths(inputs: positions, targets: positions), options: AnswerOptions(layout: .continuation))
  }

  /// Positions of a decoder that has no limit of its own, which memory would set.
  private static let positionsWithoutLimit = 2048

  /// The most tokens of an input where nothing is said.
  static func inputLength(
    _ configuration: ModelConfiguration, _ targetLength: Int, _ layout: TextLayout?
  ) throws(GraftError) -> Int {
    let traits = try configuration.traits()
    guard traits.layout.isOneSequence, (layout ?? configuration.reading?.layout) == .continuation else {
      return SequenceLengths.standard.inputs
    }
    return max(1, (traits.longestSequence ?? positionsWithoutLimit) - targetLength)
  }
}
