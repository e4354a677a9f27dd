import Checkpointing
import Foundation
import ModelKit
import Optimization
import Records

@testable import Families

/// A whole model that transformers ran: weights, one batch, and what came out. See make_model_fixtures.py.
struct ModelFixture: Decodable {
  struct Configuration: Decodable {
    var width: Int
    var layers: Int
    /// Of transformers; nil for recurrent models.
    var heads, headWidth, feedForward: Int?
    var vocabulary: Int
    var tied: Bool
    var gated: Bool?
    var context: Int?
    var normEpsilon: Double?
    var outputScale: Double?
    var embeddingWidth: Int?
    var keyValueHeads: Int?
    var ropeTheta: Double?
    var ropeScaling: Scaling?
  }

  /// Of the one kind that a fixture has, Llama 3's.
  struct Scaling: Decodable {
    enum CodingKeys: String, CodingKey {
      case factor
      case lowFactor = "low_freq_factor"
      case highFactor = "high_freq_factor"
      case trainedLength = "original_max_position_embeddings"
    }

    var factor, lowFactor, highFactor: Double
    var trainedLength: Int
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
  /// Of a modern model and a recurrent encoder-decoder, which have no description but Graft's own, and of BART, OPT and
  /// Llama's relatives, which have many sizes.
  var graft: ModelConfiguration?
  /// Transformers' `model_type` of such a model; nil for one that it does not have.
  var type: String?
  var prefixes: [Int]?
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
    "albert", "bart", "bart-classifier", "bert", "bert-classifier", "bert-regression",
    "conv-lm", "conv-lm-bottleneck", "deberta", "deberta-classifier",
    "distilbert",
    "distilbert-classifier", "electra-discriminator", "electra-generator", "gemma", "gpt-neo", "gpt-neox",
    "gpt-neox-serial",
    "gpt2", "gru", "llama", "llama-biased", "llama-tied", "lstm", "lstm-peepholes", "marian", "mistral",
    "mlstm", "modern", "modern-decoder", "modern-encoder", "modernbert", "modernbert-classifier", "mpnet", "nplm",
    "nplm-direct", "opt", "qrnn", "qwen2", "qwen3", "rnn", "roberta", "seq2seq", "seq2seq-additive", "seq2seq-plain",
    "sha-rnn", "t5-v1.0",
    "t5-v1.1", "t5-v1.1-wide", "umt5",
  ]

  private static var folder: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/models")
  }

  static func read(_ name: String) throws -> ModelFixture {
    try JSONDecoder().decode(ModelFixture.self, from: data("\(name).json"))
  }

  static func data(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

  static func weights(_ name: String) -> String { folder.appendingPathComponent("\(name).safetensors").path }

  static func outputs(_ name: String) -> String {
    folder.appendingPathComponent("\(name).outputs.safetensors").path
  }

  private static let tokens = HuggingFaceTokens(Vocabulary(size: 96, sentinels: [3]), name: { "\($0)" })

  var isT5: Bool { decoderInputs != nil }
  var isBERT: Bool { segments != nil }
  var isLlama: Bool { config.ropeTheta != nil || graft?.family == "llama" }

  private var family: String {
    if isT5 { return "t5" }
    if isBERT { return head == .detection ? "electra" : "bert" }
    return isLlama ? "llama" : "gpt"
  }

  private var activation: SizeValue {
    isBERT ? "exact-gelu" : isLlama ? "silu" : isT5 && config.gated == false ? "relu" : "gelu"
  }

  var configuration: ModelConfiguration {
    if let graft { return graft }
    var configuration = ModelConfiguration(
      family: family, vocabularySize: config.vocabulary, dropout: 0,
      sizes: [
        "width": SizeValue(config.width), "decoderLayers": SizeValue(isBERT ? 0 : config.layers),
        "tied": .boolean(config.tied),
      ])
    configuration.sizes.merge([
      "activation": activation, "gated": .boolean(config.gated ?? isLlama),
      "epsilon": .number(config.normEpsilon ?? 0),
    ]) { $1 }
    for (key, value) in [
      ("heads", config.heads), ("headDimension", config.headWidth), ("feedForward", config.feedForward),
      ("keyValueHeads", config.keyValueHeads),
      ("ropeOriginalLength", config.ropeScaling?.trainedLength),
    ] { configuration.sizes[key] = value.map { SizeValue($0) } }
    for (key, value) in [
      ("ropeTheta", config.ropeTheta), ("ropeFactor", config.ropeScaling?.factor),
      ("ropeLowFactor", config.ropeScaling?.lowFactor), ("ropeHighFactor", config.ropeScaling?.highFactor),
    ] { configuration.sizes[key] = value.map { .number($0) } }
    if config.ropeScaling != nil { configuration.sizes["ropeScaling"] = "llama3" }
    if !isLlama { configuration.sizes["encoderLayers"] = SizeValue(isT5 || isBERT ? config.layers : 0) }
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
    if let type, let map = try? Families.huggingFace.registry(type).export(configuration, tokens: Self.tokens).map {
      return map
    }
    if graft?.family == "bart", let (bart, _) = try? BART.member(configuration) { return .bart(bart, answers: nil) }
    if graft?.family == "gpt", let (gpt, _) = try? GPT.member(configuration) {
      return gpt.hasInputBiases ? .opt(gpt) : .gptNeo(gpt)
    }
    if isLlama, let (llama, _) = try? Llama.member(configuration) {
      return llama.norm == .layer ? .gptNeoX(llama) : .llama(llama)
    }
    if let graft, ["gru", "lstm", "rnn"].contains(graft.family), graft.sizes["peepholes"] == nil {
      return recurrentKeyMap
    }
    if let graft {
      // The code that PyTorch runs has Graft's names.
      let names = (try? Families.make(graft).declarations.all.map(\.name)) ?? []
      return ForeignKeyMap(
        family: graft.family,
        entries: names.map { ForeignKeyMap.Entry(name: $0, foreign: [$0], transform: .identity) }
      ) { _ in false }
    }
    return isT5
      ? .t5(
        encoderLayers: config.layers, decoderLayers: config.layers, isGated: config.gated ?? false,
        isTied: config.tied)
      : isBERT
        ? encoderKeyMap
        : .gpt2(layers: config.layers)
  }

  /// AdamW as PyTorch ran it.
  func makeOptimizer(of store: ParameterStore) throws -> any Optimizer {
    try Optimizers.make(
      "adamw", parameters: store.entries.map { TrainedParameter($0) },
      options: [
        "beta1": .number(optimizer.beta1), "beta2": .number(optimizer.beta2),
        "epsilon": .number(optimizer.epsilon), "weight-decay": .number(optimizer.weightDecay),
      ])
  }

  /// The names of torch.nn.LSTM and its like, which have weights and biases of inputs and states by layer.
  private var recurrentKeyMap: ForeignKeyMap {
    var entries = [ForeignKeyMap.Entry(name: "embedding.weight", foreign: ["embedding.weight"], transform: .identity)]
    for layer in 0..<config.layers {
      for (ours, theirs) in [("input", "ih"), ("recurrent", "hh")] {
        for kind in ["weight", "bias"] {
          entries.append(
            ForeignKeyMap.Entry(
              name: "decoder.blocks.\(layer).\(ours).\(kind)", foreign: ["layers.\(kind)_\(theirs)_l\(layer)"],
              transform: .identity))
        }
      }
    }
    return ForeignKeyMap(family: "recurrent", entries: entries) { _ in false }
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
    if let graft, decoderInputs == nil { return modernBatch(indices, (try? graft.traits().layout) ?? .decoder) }
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

  /// Of sequences without segments.
  private func modernBatch(_ indices: some Sequence<Int>, _ layout: BatchLayout) -> Batch {
    var batch = Batch(layout: layout)
    for i in indices {
      let length = inputMask[i].reduce(0, +)
      let tokens = inputs[i].prefix(length)
      if layout == .encoder { batch.encoder.append(tokens) } else { batch.decoder.append(tokens) }
      if let prefixes { batch.decoder.prefixes.append(prefixes[i]) }
      if configuration.answers != nil {
        batch.answers.append(Answer(head: 0, value: Float(labels[i][0])))
        batch.targets += [TokenID](repeating: Batch.ignored, count: length)
        continue
      }
      batch.targets += labels[i].prefix(length).map { max(TokenID($0), Batch.ignored) }
    }
    return batch
  }

  var batch: Batch { batch(inputs.indices) }
}
