import Checkpointing
import ModelKit
import Records
import Support

/// Encoder-decoders with relative positions (Raffel et al. 2020).
public struct T5: ModelFamily {
  public static let name = "t5"
  public static let summary = "encoder-decoder with relative positions (T5 1.0 and 1.1, UMT5)"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("mt5", "as t5 1.1, of many languages", HuggingFaceMT5.self),
      ("t5", "encoder-decoder with relative positions", HuggingFaceT5.self),
      ("umt5", "as mt5, with relative positions of each layer's own", HuggingFaceUMT5.self),
    ]
  }

  let blocks: BlockSizes
  let encoderLayers, decoderLayers: Int
  /// Whether encoder and decoder have the same blocks; cross-attention is the decoder's own.
  let isShared: Bool
  /// Whether every layer has a table of its own for relative positions, as in UMT5; else the first one's serves all.
  let hasOwnBiases: Bool
  /// How many buckets distances are sorted into, and from which distance on all share one.
  let relativeBuckets, relativeDistance: Int

  static let bucketBounds = 4...1 << 12
  /// Half the buckets are for each direction, and half of those for exact distances.
  static func distanceBounds(buckets: Int) -> ClosedRange<Int> { buckets / 2 + 1...1 << 20 }

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    encoderLayers = try sizes.integer("encoderLayers", in: 1...SizeLimit.layers)
    decoderLayers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    isShared = try sizes.boolean(ifPresent: "shared") ?? false
    hasOwnBiases = try sizes.boolean(ifPresent: "relativePerLayer") ?? false
    relativeBuckets = try sizes.integer(ifPresent: "relativeBuckets", in: Self.bucketBounds) ?? 32
    relativeDistance =
      try sizes.integer(ifPresent: "relativeDistance", in: Self.distanceBounds(buckets: relativeBuckets)) ?? 128
    // Also the distance by default must lie beyond the buckets.
    guard relativeDistance > relativeBuckets / 2 else {
      throw sizes.failure("'relativeDistance' is 128, expected more than \(relativeBuckets / 2)")
    }
    guard !isShared || encoderLayers == decoderLayers else {
      throw sizes.failure("shared blocks need as many 'decoderLayers' as 'encoderLayers'")
    }
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .relu, epsilon: 1e-6).merging([
      "encoderLayers": SizeValue(shape.layers), "decoderLayers": SizeValue(shape.layers),
    ]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(
      layout: .encoderDecoder, writes: true, longestSequence: nil,
      facts: blocks.facts(layers: "\(encoderLayers)+\(decoderLayers)") + (isShared ? ["shared blocks"] : [])
        + (hasOwnBiases ? ["positions by layer"] : []))
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { T5Backbone(self, configuration, in: scope) }
}
