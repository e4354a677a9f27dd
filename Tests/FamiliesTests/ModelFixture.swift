import Checkpointing
import Families
import Foundation
import ModelKit
import Records

/// A whole model that transformers ran: weights, one batch, and what came out. See make_model_fixtures.py.
struct ModelFixture: Decodable {
  struct Configuration: Decodable {
    var width: Int
    var layers: Int
    var heads: Int
    var headWidth: Int
    var feedForward: Int
    var vocabulary: Int
    var tied: Bool
    var gated: Bool?
    var context: Int?
    var normEpsilon: Double
    var outputScale: Double?
    var embeddingWidth: Int?
  }

  /// What stands on an encoder.
  enum Head: String, Decodable {
    case vocabulary, detection, classification, regression
  }

  struct OptimizerSettings: Decodable {
    var learningRate: Double
    var beta1: Double
    var beta2: Double
    var epsilon: Double
    var weightDecay: Double
  }

  var config: Configuration
  var inputs: [[TokenID]]
  var inputMask: [[Int]]
  var decoderInputs: [[TokenID]]?
  var segments: [[Int32]]?
  var head: Head?
  var labels: [[Double]]
  var loss: Double
  var losses: [Double]
  var optimizer: OptimizerSettings

  static let names = [
    "bert", "bert-classifier", "bert-regression", "electra-discriminator", "electra-generator", "gpt2",
    "t5-v1.0",
    "t5-v1.1", "t5-v1.1-wide",
  ]

  private static var folder: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/models")
  }

  static func read(_ name: String) throws -> ModelFixture {
    try JSONDecoder().decode(
      ModelFixture.self, from: Data(contentsOf: folder.appendingPathComponent("\(name).json")))
  }

  static func weights(_ name: String) -> String { folder.appendingPathComponent("\(name).safetensors").path }

  static func outputs(_ name: String) -> String {
    folder.appendingPathComponent("\(name).outputs.safetensors").path
  }

  var isT5: Bool { decoderInputs != nil }
  var isBERT: Bool { segments != nil }

  var configuration: ModelConfiguration {
    var configuration = ModelConfiguration(
      family: isT5 ? "t5" : isBERT ? (head == .detection ? "electra" : "bert") : "gpt",
      vocabularySize: config.vocabulary, dropout: 0,
      sizes: [
        "width": SizeValue(config.width), "heads": SizeValue(config.heads),
        "headDimension": SizeValue(config.headWidth), "feedForward": SizeValue(config.feedForward),
        "encoderLayers": SizeValue(isT5 || isBERT ? config.layers : 0),
        "decoderLayers": SizeValue(isBERT ? 0 : config.layers),
        "activation": isBERT ? "exact-gelu" : isT5 && config.gated == false ? "relu" : "gelu",
        "gated": .boolean(config.gated ?? false), "tied": .boolean(config.tied),
        "epsilon": .number(config.normEpsilon),
      ])
    if !isT5 { configuration.sizes["maximumLength"] = config.context.map { SizeValue($0) } }
    configuration.sizes["embeddingWidth"] = config.embeddingWidth.map { SizeValue($0) }
    switch head {
    case .classification:
      configuration.answers = [AnswerFormat(task: "three", choices: ["a", "b", "c"])]
    case .regression: configuration.answers = [AnswerFormat(task: "three", choices: nil)]
    case .vocabulary, .detection, nil: break
    }
    return configuration
  }

  var keyMap: ForeignKeyMap {
    isT5
      ? .t5(
        encoderLayers: config.layers, decoderLayers: config.layers, isGated: config.gated ?? false,
        isTied: config.tied)
      : isBERT ? encoderKeyMap : .gpt2(layers: config.layers)
  }

  private var encoderKeyMap: ForeignKeyMap {
    if config.embeddingWidth != nil {
      return .electra(
        layers: config.layers, isProjected: true, head: head == .detection ? .detection : .vocabulary)
    }
    let answers = configuration.answers != nil
    return .bert(layers: config.layers, head: answers ? .answers(task: "three") : .vocabulary)
  }

  /// The sequences `indices` of the batch, without padding: the decoder ends where its targets end.
  func batch(_ indices: some Sequence<Int>) -> Batch {
    var batch = Batch(layout: isT5 ? .encoderDecoder : isBERT ? .encoder : .decoder)
    for i in indices {
      if let segments {
        let length = inputMask[i].reduce(0, +)
        batch.encoder.append(inputs[i].prefix(length), secondFrom: segments[i].prefix(length).firstIndex(of: 1))
        if configuration.answers != nil {
          batch.answers.append(Answer(head: 0, value: Float(labels[i][0])))
          batch.targets += [TokenID](repeating: Batch.ignored, count: length)
        } else {
          batch.targets += labels[i].prefix(length).map { max(TokenID($0), Batch.ignored) }
        }
        continue
      }
      let labels = labels.map { $0.map { TokenID($0) } }
      let length = labels[i].prefix { $0 >= 0 }.count
      if let decoderInputs {
        batch.encoder.append(inputs[i].prefix(inputMask[i].reduce(0, +)))
        batch.decoder.append(decoderInputs[i].prefix(length))
      } else {
        batch.decoder.append(inputs[i].prefix(length))
      }
      batch.targets += labels[i].prefix(length)
    }
    return batch
  }

  var batch: Batch { batch(inputs.indices) }
}
