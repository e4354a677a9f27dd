import Checkpointing
import ModelKit
import Support

/// Encoders with learned positions that predict hidden tokens.
enum BERT: ModelFamily {
  static func makeBackbone(
    _ configuration: TransformerConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { try BERTBackbone(configuration, in: scope) }

  static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("bert", "encoder with learned positions", HuggingFaceBERT.self),
      ("roberta", "as bert, without segments", HuggingFaceRoBERTa.self),
      ("xlm-roberta", "as roberta, of many languages", HuggingFaceRoBERTa.self),
    ]
  }
}
