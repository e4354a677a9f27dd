import Inference
import ModelKit
import Randomness
import Records
import Support
import Testing

@testable import Objectives
@testable import Training

@Suite struct ReplacedTokenDetectionTests {
  private static let vocabulary = Vocabulary(size: 80, sentinels: (0..<16).map { TokenID(79 - $0) })

  private static func configuration(_ family: String, generatorSize: Double? = 0.5)
    -> ModelConfiguration
  {
    var configuration = ModelConfiguration(
      family: family, vocabularySize: vocabulary.size, dropout: 0,
      sizes: [
        "width": 32, "heads": 2, "feedForward": 64, "encoderLayers": 1, "activation": "exact-gelu",
        "epsilon": 1e-6, "maximumLength": 64,
      ])
    configuration.sizes["generatorSize"] = generatorSize.map { .number($0) }
    return configuration
  }

  private static func model(_ configuration: ModelConfiguration, shards: Int = 1) throws
    -> ShardedModel
  {
    try ShardedModel(
      configuration, key: RandomKey(seed: 1), precision: .f32, shardCount: shards, training: true)
  }

  /// The worked example of the documentation: [a b c d] are 10 … 13, the start token stands before them.
  @Test func aSampleThatHitsTheOriginalCountsAsOriginal() {
    var batch = Batch(layout: .encoder)
    batch.encoder.append([0, 10, 79, 12, 79])
    batch.targets = [-1, -1, 11, -1, 13]
    let (corrupted, labels) = ReplacedTokenDetection.replacing(in: batch, by: [42, 13])
    #expect(corrupted.encoder.tokens == [0, 10, 42, 12, 13])
    #expect(labels == [0, 0, 1, 0, 0])
  }

  @Test func theReferencesShareOfMasks() throws {
    let objective = try Objectives.make("replaced-token-detection", vocabulary: Self.vocabulary)
    var (masked, kept) = (0, 0)
    for index in 0..<200 {
      let tokens = (0..<100).map { TokenID(10 + ($0 * 7 + index) % 50) }
      let example = try #require(objective.example(from: tokens, key: RandomKey(seed: 3).folded(index)))
      for (position, target) in example.targets.enumerated() where target != Batch.ignored {
        if example.inputs[position] == Self.vocabulary.mask { masked += 1 } else { kept += 1 }
        #expect([tokens[position], Self.vocabulary.mask].contains(example.inputs[position]))
      }
    }
    #expect(masked + kept == 3000)
    #expect(abs(masked - 2550) < 80)
  }

  /// With weight 0 only the generator learns, without its loss only the discriminator; the embeddings get both.
  @Test func bothLossesReachTheirOwnParameters() throws {
    func gradient(_ weight: Double) throws -> (ShardedModel, [Float]) {
      let objective = try Objectives.make(
        "replaced-token-detection", ["detection-weight": weight], vocabulary: Self.vocabulary)
      let model = try Self.model(Self.configuration("electra"))
      _ = model.accumulate(
        [[Self.batch(objective)]], key: RandomKey(seed: 2), recomputing: false,
        loss: try objective.loss(of: model.backbone))
      return (model, model.gradientSum())
    }
    let (model, without) = try gradient(0)
    let (_, with) = try gradient(50)
    for entry in model.store.entries {
      let (alone, both) = (without[entry.range], with[entry.range])
      let isShared = ["embedding.weight", "position_embedding.weight", "segment_embedding.weight"]
        .contains(entry.name)
      if entry.name.hasPrefix("generator.") {
        #expect(alone.elementsEqual(both), "\(entry.name)")
      } else if isShared {
        #expect(alone.contains { $0 != 0 } && !alone.elementsEqual(both), "\(entry.name)")
      } else {
        #expect(alone.allSatisfy { $0 == 0 } && both.contains { $0 != 0 }, "\(entry.name)")
      }
    }
  }

  /// The mean over all tokens of the step, however it is dealt. Samples are drawn by shard, so the generator is made
  /// certain of one token.
  @Test func shardsShareOneMean() throws {
    let objective = try Objectives.make(
      "replaced-token-detection", ["detection-weight": 50], vocabulary: Self.vocabulary)
    let examples = (0..<6).compactMap { (index: Int) -> TokenExample? in
      let tokens = (0..<10 + 4 * index).map { TokenID(10 + (index + $0) % 7) }
      return objective.example(from: tokens, key: RandomKey(seed: 5).folded(index))
    }
    let converter = BatchLayout.encoder.converter(
      vocabulary: Self.vocabulary, lengths: .init(inputs: 40, targets: 40))
    func loss(_ pieces: [[[TokenExample]]]) throws -> Double {
      let model = try Self.model(Self.configuration("electra"), shards: pieces.count)
      let bias = try #require(model.store.entry(named: "generator.vocabulary_head.bias"))
      model.store.values(of: bias)[12] = 60
      return model.accumulate(
        pieces.map { $0.map { converter.batch($0) } }, key: RandomKey(seed: 2), recomputing: false,
        loss: try objective.loss(of: model.backbone)
      ).total
    }
    let whole = try loss([[examples]])
    #expect(abs(try loss([[Array(examples[..<1])], [Array(examples[1...])]]) - whole) < 1e-4 * whole)
    #expect(abs(try loss([[Array(examples[..<4]), Array(examples[4...])]]) - whole) < 1e-4 * whole)
  }

  @Test func whatCannotBeTrainedIsSaid() throws {
    let detection = try Objectives.make("replaced-token-detection", vocabulary: Self.vocabulary)
    let masked = try Objectives.make("masked-lm", vocabulary: Self.vocabulary)
    let bert = try Self.model(Self.configuration("bert", generatorSize: nil)).backbone
    let electra = try Self.model(Self.configuration("electra")).backbone
    let alone = try Self.model(Self.configuration("electra", generatorSize: nil)).backbone
    _ = try detection.bind(to: electra)
    _ = try masked.bind(to: bert)
    for (objective, backbone) in [(detection, bert), (detection, alone), (masked, electra)] {
      #expect {
        _ = try objective.bind(to: backbone)
      } throws: { ($0 as? GraftError)?.code == .usage }
    }
  }

  private static func batch(_ objective: any PretrainingObjective) -> Batch {
    let examples = (0..<4).compactMap { (index: Int) -> TokenExample? in
      let tokens = (0..<20).map { TokenID(10 + (index + $0) % 7) }
      return objective.example(from: tokens, key: RandomKey(seed: 5).folded(index))
    }
    return BatchLayout.encoder
      .converter(vocabulary: vocabulary, lengths: .init(inputs: 32, targets: 32)).batch(examples)
  }
}
