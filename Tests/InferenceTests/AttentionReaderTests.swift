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
  @Test(arguments: ["seq2seq", "t5"]) func anEncoderDecoderLooksAtItsInput(_ family: String) throws {
    let configuration = SmallModels.configuration(family)
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

  /// A row for each token written, over the input: that of the first is the mean of what the layers see as the answer
  /// begins.
  @Test(arguments: ["t5", "gpt", "seq2seq"]) func anAlignmentHasARowForEachTokenWritten(_ family: String) throws {
    let model = try ShardedModel(
      SmallModels.configuration(family), key: RandomKey(seed: 9), precision: .f32, shardCount: 1, training: false)
    let codec = TextCodec(try SmallModels.tokenizer.get())
    let reader = AttentionReader(model: model, codec: codec, lengths: SequenceLengths(inputs: 32, targets: 16))
    let map = try #require(try reader.alignment(input: Self.inputs[0], answer: "the dog"))
    let begun = try #require(try reader.maps(inputs: [Self.inputs[0]]).first)
    #expect(map.tokens == begun.tokens)
    #expect(map.written.count == codec.targetTokens("the dog").count && map.weights.count == map.written.count)
    #expect(map.written.dropLast().joined() == "the dog")
    for key in map.tokens.indices {
      let mean = begun.layers.reduce(0) { $0 + $1[key] } / Double(begun.layers.count)
      #expect(abs(map.weights[0][key] - mean) < 1e-6)
    }
    for weights in map.weights {
      let sum = weights.reduce(0, +)
      #expect(weights.count == map.tokens.count && weights.allSatisfy { $0 >= 0 })
      // A decoder also looks at what it has written.
      #expect(family == "gpt" ? sum > 0 && sum < 1 + 1e-5 : abs(sum - 1) < 1e-5)
    }
    #expect(family != "gpt" || map.weights.last.map { $0.reduce(0, +) < 0.999 } == true)
  }

  @Test func aModelWithoutAnswersHasNoMap() throws {
    #expect(throws: GraftError.self) { try maps(SmallModels.configuration("bert")) }
  }
}
