import Checkpointing
import ModelKit
import Support

/// Encoders that detect replaced tokens, with the generator that replaces them.
enum ELECTRA: ModelFamily {
  static func makeBackbone(
    _ configuration: TransformerConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { try ELECTRABackbone(configuration, in: scope) }

  static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("electra", "encoder that detects replaced tokens", HuggingFaceELECTRA.self)
    ]
  }
}
