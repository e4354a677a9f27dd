import Corpus
import Randomness
import Records
import Testing

@testable import Objectives

@Suite struct NextSentenceTests {
  private let vocabulary = Vocabulary(size: 400, sentinels: (0..<100).map { TokenID(399 - $0) })

  /// 400 examples of the window 10 … 29 with 100 … 119 as the other text: half are next, cuts are everywhere, parts
  /// come from where they should, and no end-of-sequence token is hidden.
  @Test func halfOfTheSecondTextsComeFromElsewhere() throws {
    let objective = try Objectives.make(
      "masked-lm-next-sentence", ["mask-share": 0, "random-share": 0], vocabulary: vocabulary)
    var (next, cuts) = (0, Set<Int>())
    for index in 0..<400 {
      let example = try #require(
        objective.example(
          from: (10..<30).map { TokenID($0) }, other: { (100..<120).map { TokenID($0) } },
          key: RandomKey(seed: 1).folded(index)))
      let second = try #require(example.secondSegment)
      let isOther = try #require(example.answer).value == 1
      cuts.insert(second - 1)
      next += isOther ? 0 : 1
      #expect(example.inputs.count == 22)
      #expect(example.inputs[second - 1] == 1 && example.inputs[21] == 1)
      #expect(example.inputs[..<(second - 1)].elementsEqual((10..<TokenID(9 + second))))
      let first = TokenID(isOther ? 99 + second : 9 + second)
      #expect(example.inputs[second..<21].elementsEqual(first..<first + TokenID(21 - second)))
      #expect(example.targets[second - 1] == Batch.ignored && example.targets[21] == Batch.ignored)
    }
    #expect(abs(next - 200) < 40)
    #expect(cuts == Set(1...19))
  }

  @Test func withoutAnotherTextThePartsChangePlaces() throws {
    let objective = try Objectives.make(
      "masked-lm-next-sentence", ["mask-share": 0, "random-share": 0], vocabulary: vocabulary)
    for index in 0..<50 {
      let example = try #require(
        objective.example(from: (10..<30).map { TokenID($0) }, key: RandomKey(seed: 1).folded(index)))
      let ordinary = example.inputs.filter { $0 != 1 }
      #expect(ordinary.sorted() == (10..<30).map { TokenID($0) })
      #expect((ordinary[0] == 10) == (example.answer?.value == 0))
    }
  }

  @Test func segmentsReachTheBatch() {
    let converter = EncoderConverter(vocabulary: vocabulary, lengths: SequenceLengths(inputs: 6, targets: 6))
    let batch = converter.batch([
      TokenExample(inputs: [5, 6], targets: [-1, 6]),
      TokenExample(
        inputs: [7, 1, 8, 1], targets: [-1, -1, 8, -1], answer: Answer(head: 0, value: 1), secondSegment: 2),
      TokenExample(inputs: [9], targets: [9]),
    ])
    #expect(batch.encoder.tokens == [0, 5, 6, 0, 7, 1, 8, 1, 0, 9])
    #expect(batch.encoder.segments == [0, 0, 0, 0, 0, 0, 1, 1, 0, 0])
    #expect(batch.targets == [-1, -1, 6, -1, -1, -1, 8, -1, -1, 9])
    #expect(batch.answers == [Answer(head: 0, value: 1)])
    #expect(batch.targetCount == 3)
  }
}
