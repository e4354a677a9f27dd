import Corpus
import ModelKit
import Randomness
import Support
import TestSupport
import Testing

@testable import Inference

/// Where models look, read off models with drawn values.
@Suite(.tags(.slow)) struct AttentionReaderTests {
  private static let inputs = ["the cat sees the dog", "ä"]

  private func maps(_ configuration: ModelConfiguration) throws -> ([AttentionMap], TextCodec) {
    let tokenizer = try SmallModels.tokenizer.get()
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 9), precision: .f32, shardCount: 2, training: false)
    let codec = TextCodec(tokenizer)
    let reader = AttentionReader(
      model: model, codec: codec, lengths: SequenceLengths(inputs: 32, targets: 8))
    return (try reader.maps(inputs: Self.inputs), codec)
  }

  private func check(_ maps: [AttentionMap], layers: Int) {
    #expect(maps.count == Self.inputs.count)
    for map in maps {
      #expect(map.layers.count == layers)
      for weights in map.layers {
        #expect(weights.count == map.tokens.count)
        #expect(abs(weights.reduce(0, +) - 1) < 1e-5 && weights.allSatisfy { $0 >= 0 })
      }
    }
  }

  /// One row per decoder layer, over the tokens of the input.
  @Test func anEncoderDecoderLooksAtItsInput() throws {
    let configuration = SmallModels.configuration("t5")
    let (maps, codec) = try maps(configuration)
    check(maps, layers: 1)
    #expect(maps.map(\.tokens.count) == Self.inputs.map { codec.tokens($0).count })
    #expect(maps[0].tokens.dropLast().joined() == Self.inputs[0])
  }

  /// The prompt with the start token before it, no position hidden from its last.
  @Test func aDecoderLooksAtItsPrompt() throws {
    let configuration = SmallModels.configuration("gpt")
    let (maps, codec) = try maps(configuration)
    check(maps, layers: 1)
    #expect(maps.map(\.tokens.count) == Self.inputs.map { codec.tokens($0).count + 1 })
    #expect(maps[0].layers.allSatisfy { $0.allSatisfy { $0 > 0 } })
  }

  @Test func anEncoderLooksFromItsFirstPosition() throws {
    let configuration = SmallModels.configuration("bert")
      .answering([AnswerFormat(task: "mood", choices: ["sad", "happy"])])
    let (maps, codec) = try maps(configuration)
    check(maps, layers: 1)
    #expect(maps.map(\.tokens.count) == Self.inputs.map { codec.tokens($0).count + 1 })
  }

  @Test func aModelWithoutAnswersHasNoMap() throws {
    #expect(throws: GraftError.self) { try maps(SmallModels.configuration("bert")) }
  }
}
