import Compute
import ModelKit
import Randomness
import Records

/// Small members of each family and batches for them.
enum TestModels {
  static func t5(gated: Bool = true, dropout: Double = 0, layers: Int = 2) -> TransformerConfiguration {
    TransformerConfiguration(
      family: "t5", width: 24, heads: 3, headDimension: 8, feedForward: 40, encoderLayers: layers,
      decoderLayers: layers, activation: gated ? .gelu : .relu, gated: gated, tied: !gated, dropout: dropout,
      epsilon: 1e-6, maximumLength: nil, vocabularySize: 50)
  }

  static func gpt(dropout: Double = 0, layers: Int = 2) -> TransformerConfiguration {
    TransformerConfiguration(
      family: "gpt", width: 24, heads: 3, headDimension: 8, feedForward: 40, encoderLayers: 0,
      decoderLayers: layers, activation: .gelu, gated: false, tied: true, dropout: dropout, epsilon: 1e-5,
      maximumLength: 32, vocabularySize: 50)
  }

  static func bert(dropout: Double = 0, layers: Int = 2) -> TransformerConfiguration {
    TransformerConfiguration(
      family: "bert", width: 24, heads: 3, headDimension: 8, feedForward: 40, encoderLayers: layers,
      decoderLayers: 0, activation: .exactGELU, gated: false, tied: true, dropout: dropout, epsilon: 1e-12,
      maximumLength: 32, vocabularySize: 50)
  }

  static func prefix(dropout: Double = 0) -> TransformerConfiguration {
    var configuration = gpt(dropout: dropout)
    configuration.prefix = true
    return configuration
  }

  static func shared(dropout: Double = 0) -> TransformerConfiguration {
    var configuration = t5(dropout: dropout)
    configuration.shared = true
    return configuration
  }

  /// Generator and discriminator.
  static func electra(dropout: Double = 0) -> TransformerConfiguration {
    var configuration = bert(dropout: dropout)
    configuration.family = "electra"
    configuration.generatorSize = 0.5
    return configuration
  }

  static let families = ["bert", "electra", "gpt", "prefix", "shared", "t5"]

  static func configuration(_ family: String, dropout: Double = 0) -> TransformerConfiguration {
    switch family {
    case "bert": bert(dropout: dropout)
    case "electra": electra(dropout: dropout)
    case "prefix": prefix(dropout: dropout)
    case "shared": shared(dropout: dropout)
    case "t5": t5(dropout: dropout)
    default: gpt(dropout: dropout)
    }
  }

  /// Random sequences of these lengths; every decoder position but each sequence's first has a target. An encoder
  /// that stands alone takes the decoder's lengths.
  static func batch(_ family: String, encoder: [Int] = [], decoder: [Int], seed: UInt64 = 5) -> Batch {
    var source = RandomKey(seed: seed).generator()
    let layouts: [String: BatchLayout] = [
      "bert": .encoder, "electra": .encoder, "gpt": .decoder, "prefix": .prefixDecoder,
      "shared": .encoderDecoder, "t5": .encoderDecoder,
    ]
    var batch = Batch(layout: layouts[family] ?? .decoder)
    func tokens(_ count: Int) -> [TokenID] { (0..<count).map { _ in TokenID(source.below(50)) } }
    if batch.layout == .encoderDecoder { for length in encoder { batch.encoder.append(tokens(length)) } }
    for length in decoder {
      if batch.layout == .encoder {
        batch.encoder.append(tokens(length))
      } else {
        batch.decoder.append(tokens(length))
      }
      if family == "prefix" { batch.decoder.prefixes.append(length / 2) }
      batch.targets += length > 0 ? [Batch.ignored] + tokens(length - 1) : []
    }
    return batch
  }

  static var precisions: [Precision] { MatrixBackends.preferredPrecision == .bf16 ? [.f32, .bf16] : [.f32] }
}
