import Compute
import Families
import ModelKit
import Randomness
import Records

/// A small member of each family of the table, variants within families, and batches for them.
enum TestModels {
  private static let shape = ModelShape(width: 24, layers: 2, heads: 3, feedForward: 40, length: 40)

  /// Members that go other ways than the one that comes closest to the shape: their family and the sizes that differ.
  private static let variants: [String: (family: String, sizes: [String: SizeValue])] = [
    "awd-lstm": (
      "lstm",
      [
        "lockedDropout": true, "inputDropout": 0.3, "layerDropout": 0.2, "embeddingDropout": 0.1,
        "recurrentDropout": 0.4,
        "activationRegularization": 2, "temporalActivationRegularization": 1,
      ]
    ),
    "bert-biased": ("bert", ["segments": 0, "firstPosition": 2, "relativeBuckets": 6]),
    "bert-one-layer": ("bert", ["sharesLayers": true, "embeddingWidth": 16]),
    "bert-distilled": ("bert", ["segments": 0, "headActivation": "relu"]),
    "bert-shifted": ("bert", ["segments": 1, "firstPosition": 2]),
    "conv-lm-bottleneck": ("conv-lm", ["bottleneck": 8, "kernel": 3, "tied": false]),
    "deberta-near": (
      "deberta", ["relativeBuckets": 4, "relativeDistance": 7, "relativeNorm": false, "segments": 2, "tied": false]
    ),
    "llama-grouped": ("llama", ["keyValueHeads": 1, "ropeTheta": 500, "tied": false]),
    "lstm-peepholes": ("lstm", ["peepholes": true, "recurrentDropout": 0.3]),
    "mlstm-dropped": ("mlstm", ["recurrentDropout": 0.3, "tied": false]),
    "marian": (
      "bart",
      [
        "positions": "sinusoidal", "embeddingNorm": false, "scalesEmbedding": true, "activation": "silu",
        "outputBias": true, "startToken": 0, "untrainedToken": 0, "suppressedToken": 0, "lastToken": 1,
      ]
    ),
    "gemma": (
      "llama",
      ["norm": "offset-rms", "scalesEmbedding": true, "activation": "gelu", "headDimension": 6, "keyValueHeads": 1]
    ),
    "gpt-neo": ("gpt", ["scalesAttention": false, "attentionBiases": "output", "window": 4]),
    "gpt-neox": (
      "llama",
      [
        "norm": "layer", "attentionBiases": "all", "feedForwardBiases": true, "parallel": true, "gated": false,
        "activation": "exact-gelu", "ropeComponents": 2, "tied": false,
      ]
    ),
    "llama-biased": ("llama", ["attentionBiases": "all", "feedForwardBiases": true, "keyValueHeads": 1]),
    "mistral": ("llama", ["window": 5, "keyValueHeads": 1]),
    "qwen2": ("llama", ["attentionBiases": "inputs", "window": 3, "firstWindowedLayer": 1]),
    "qwen3": ("llama", ["headNorm": true, "headDimension": 6]),
    "modern-all": (
      "modern",
      [
        "layout": "prefix-decoder", "valueEmbeddingStride": 2, "bigramRows": 31, "logitCap": 15, "tied": false,
        "zeroOutputs": false,
      ]
    ),
    "modern-decoder": (
      "modern",
      ["layout": "decoder", "positions": "relative", "bigramRows": 11, "shortcut": false, "zeroOutputs": false]
    ),
    "modern-encoder": (
      "modern", ["layout": "encoder", "positions": "sinusoidal", "gated": true, "activation": "gelu"]
    ),
    "modern-plain": (
      "modern",
      [
        "layout": "encoder", "positions": "none", "headNorm": false, "embeddingNorm": false, "zeroOutputs": false,
        "shortcut": false,
      ]
    ),
    "modernbert-local": (
      "modernbert", ["globalStride": 2, "reach": 1, "pooling": "mean", "tied": false, "localRopeTheta": 30]
    ),
    "nplm-direct": ("nplm", ["direct": true, "hidden": 10, "order": 4, "tied": false]),
    "prefix": ("gpt", ["prefix": true]),
    "seq2seq-additive": ("seq2seq", ["attention": "additive", "cell": "gru", "encoderLayers": 3]),
    "seq2seq-plain": (
      "seq2seq", ["attention": "none", "bidirectional": false, "cell": "rnn", "encoderLayers": 1, "tied": false]
    ),
    "sha-rnn-near": ("sha-rnn", ["window": 4, "decoderLayers": 3, "tied": false]),
    "shared": ("t5", ["activation": "gelu", "gated": true, "tied": false, "shared": true]),
    "t5-1.1": ("t5", ["activation": "gelu", "gated": true, "tied": false]),
  ]

  /// What conformance tests go through: a family is tested by being in the table.
  static let families = (Families.registry.names + variants.keys).sorted()
  /// Families that carry a state of fixed size.
  static let recurrent = [
    "awd-lstm", "conv-lm", "conv-lm-bottleneck", "gru", "lstm", "lstm-peepholes", "mlstm", "mlstm-dropped", "nplm",
    "nplm-direct", "qrnn", "rnn", "sha-rnn", "sha-rnn-near",
  ]
  /// Families whose models have one layer, all of which the backward pass reads.
  static let single = ["nplm", "nplm-direct"]
  static let writers = families.filter { (try? configuration($0).traits().writes) == true }

  static func configuration(_ name: String, dropout: Double = 0, layers: Int = 2) -> ModelConfiguration {
    let variant = variants[name]
    let family = variant?.family ?? name
    var shape = Self.shape
    shape.layers = layers
    let sizes = Families.registry.entries.first { $0.name == family }?.plugin.sizes(of: shape) ?? [:]
    let configuration = ModelConfiguration(
      family: family, vocabularySize: 50, dropout: dropout, sizes: sizes.merging(variant?.sizes ?? [:]) { $1 })
    return (try? configuration.completed()) ?? configuration
  }

  static func t5(gated: Bool = true, dropout: Double = 0, layers: Int = 2) -> ModelConfiguration {
    configuration(gated ? "t5-1.1" : "t5", dropout: dropout, layers: layers)
  }

  static func gpt(dropout: Double = 0, layers: Int = 2) -> ModelConfiguration {
    configuration("gpt", dropout: dropout, layers: layers)
  }

  static func bert(dropout: Double = 0) -> ModelConfiguration { configuration("bert", dropout: dropout) }
  static func prefix() -> ModelConfiguration { configuration("prefix") }
  static func shared() -> ModelConfiguration { configuration("shared") }

  /// Random sequences of these lengths; every decoder position but each sequence's first has a target. An encoder
  /// that stands alone takes the decoder's lengths.
  static func batch(_ family: String, encoder: [Int] = [], decoder: [Int], seed: UInt64 = 5) -> Batch {
    var source = RandomKey(seed: seed).generator()
    let layout = (try? configuration(family).traits().layout) ?? .decoder
    var batch = Batch(layout: layout)
    func tokens(_ count: Int) -> [TokenID] { (0..<count).map { _ in TokenID(source.below(50)) } }
    if batch.layout == .encoderDecoder { for length in encoder { batch.encoder.append(tokens(length)) } }
    for length in decoder {
      if batch.layout == .encoder {
        batch.encoder.append(tokens(length))
      } else {
        batch.decoder.append(tokens(length))
      }
      if layout == .prefixDecoder { batch.decoder.prefixes.append(length / 2) }
      batch.targets += length > 0 ? [Batch.ignored] + tokens(length - 1) : []
    }
    return batch
  }

  static var precisions: [Precision] { MatrixBackends.preferredPrecision == .bf16 ? [.f32, .bf16] : [.f32] }
}
