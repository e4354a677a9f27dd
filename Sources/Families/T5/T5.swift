import Checkpointing
import ModelKit
import Support

/// Encoder-decoders with relative positions.
enum T5: ModelFamily {
  static func makeBackbone(
    _ configuration: TransformerConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { try T5Backbone(configuration, in: scope) }

  static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("mt5", "as t5 1.1, of many languages", HuggingFaceMT5.self),
      ("t5", "encoder-decoder with relative positions", HuggingFaceT5.self),
    ]
  }
}
