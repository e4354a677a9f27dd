import Checkpointing
import ModelKit
import Support

/// Decoders with learned positions.
enum GPT: ModelFamily {
  static func makeBackbone(
    _ configuration: TransformerConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { try GPTBackbone(configuration, in: scope) }

  static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("gpt2", "decoder with learned positions", HuggingFaceGPT2.self)
    ]
  }
}
