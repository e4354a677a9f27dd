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

  /// Of a pair that is answered about the longer text loses its end, as in transformers; each keeps its own end.
  @Test(arguments: [(9, 3, 6, 3), (3, 9, 3, 6), (9, 9, 4, 5), (4, 4, 4, 4), (5, 5, 4, 5), (2, 20, 2, 7)])
  func theLongerTextOfAPairIsCut(_ first: Int, _ second: Int, _ kept: Int, _ other: Int) {
    func text(_ token: TokenID, _ count: Int) -> [TokenID] { [TokenID](repeating: token, count: count - 1) + [1] }
    let example = TokenExample(
      inputs: text(5, first) + text(6, second), targets: [], answer: Answer(head: 0, value: 0), secondSegment: first)
    let encoder = batch(.encoder, [example], inputs: 10).encoder
    let decoder = batch(.prefixDecoder, [example], inputs: 9).decoder
    for sequences in [encoder, decoder] {
      #expect(sequences.tokens == [0] + text(5, kept) + text(6, other))
      #expect(sequences.segments == [Int32](repeating: 0, count: 1 + kept) + [Int32](repeating: 1, count: other))
    }
    #expect(decoder.prefixes == [1 + kept + other])
  }

  /// Else a table of one segment would be read behind its end.
  @Test func aModelOfOneSegmentTellsNoneApart() {
    var pair = TokenSequences()
    pair.append([0, 5, 1, 6, 1], secondFrom: 3)
    #expect(pair.telling(segments: 2) == pair && pair.segments.last == 1)
    for count in [0, 1] {
      #expect(pair.telling(segments: count).segments.isEmpty && pair.telling(segments: count).tokens == pair.tokens)
    }
  }
}
