import Corpus
import Records
import Testing

/// The worked examples of the converters' comments.
@Suite struct LayoutConverterTests {
  private func batch(_ layout: BatchLayout, _ examples: [TokenExample], inputs: Int = 8) -> Batch {
    layout.converter(
      vocabulary: Vocabulary(size: 20, sentinels: []), lengths: SequenceLengths(inputs: inputs, targets: 8)
    ).batch(examples)
  }

  @Test func aPrefixIsTheStartTokenAndThePrompt() {
    let examples = [
      TokenExample(inputs: [5, 6], targets: [7, 1]), TokenExample(inputs: [5], targets: []),
      TokenExample(inputs: [], targets: [9]), TokenExample(inputs: [2, 3, 4, 1], targets: [8, 1]),
    ]
    let prefix = batch(.prefixDecoder, examples, inputs: 3)
    let decoder = batch(.decoder, examples, inputs: 3)
    #expect(prefix.layout == .prefixDecoder)
    #expect(prefix.decoder.prefixes == [3, 1, 4])
    #expect(decoder.decoder.prefixes.isEmpty)
    #expect(prefix.decoder.tokens == decoder.decoder.tokens && prefix.decoder.lengths == [4, 1, 5])
    #expect(prefix.targets == decoder.targets)
  }

  @Test func inputsThatArePredictedAreOneBefore() {
    var example = TokenExample(inputs: [5, 9, 7], targets: [-1, 6, -1])
    example.predictsInputs = true
    let mixed = batch(.prefixDecoder, [TokenExample(inputs: [], targets: [3, 4]), example])
    #expect(mixed.decoder.tokens == [0, 3, 0, 5, 9] && mixed.decoder.lengths == [2, 3])
    #expect(mixed.targets == [3, 4, -1, 6, -1])
    #expect(mixed.decoder.prefixes == [1, 3])
  }

  @Test func anEncodersTargetsStandAtItsInputs() {
    let encoder = batch(.encoder, [TokenExample(inputs: [5, 9, 7], targets: [-1, 6, -1])])
    #expect(encoder.encoder.tokens == [0, 5, 9, 7] && encoder.targets == [-1, -1, 6, -1])
    #expect(encoder.decoder.tokens.isEmpty && encoder.encoder.segments.isEmpty)
  }

  /// Texts that stand alone beside a pair belong to segment 0, whether they come before it or after.
  @Test func onePairGivesAllSequencesSegments() {
    func single(_ token: TokenID) -> TokenExample { TokenExample(inputs: [token, token], targets: [-1, token]) }
    let pair = TokenExample(inputs: [5, 9, 7], targets: [-1, 6, -1], secondSegment: 1)
    let encoder = batch(.encoder, [single(2), pair, single(3)]).encoder
    #expect(encoder.lengths == [3, 4, 3])
    #expect(encoder.segments == [0, 0, 0] + [0, 0, 1, 1] + [0, 0, 0])
  }
}
