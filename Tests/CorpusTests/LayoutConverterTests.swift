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

  @Test func anEncodersTargetsStandAtItsInputs() {
    let encoder = batch(.encoder, [TokenExample(inputs: [5, 9, 7], targets: [-1, 6, -1])])
    #expect(encoder.encoder.tokens == [0, 5, 9, 7] && encoder.targets == [-1, -1, 6, -1])
    #expect(encoder.decoder.tokens.isEmpty)
  }
}
