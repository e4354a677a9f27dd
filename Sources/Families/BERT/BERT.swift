import Checkpointing
import ModelKit
import Records
import Support

/// Encoders with learned positions that predict hidden tokens (Devlin et al. 2019), ELECTRA's generators among them.
public struct BERT: ModelFamily {
  public static let name = "bert"
  public static let summary = "encoder with learned positions (BERT)"
  public static let keysOfPretraining: Set = ["nextSentence"]

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("bert", "encoder with learned positions", HuggingFaceBERT.self),
      ("roberta", "as bert, without segments", HuggingFaceRoBERTa.self),
      ("xlm-roberta", "as roberta, of many languages", HuggingFaceRoBERTa.self),
    ]
  }

  let encoder: EncoderSizes
  /// Whether a head says if the second of two texts follows the first.
  let predictsNextSentences: Bool

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    encoder = try EncoderSizes(&sizes)
    predictsNextSentences = try sizes.boolean(ifPresent: "nextSentence") ?? false
    guard !predictsNextSentences || encoder.segments >= 2 else {
      throw sizes.failure("'nextSentence' needs 'segments' of at least 2, which tell the two texts apart")
    }
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] { EncoderSizes.sizes(of: shape) }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    encoder.traits(predictsNextSentences ? ["head for next sentences"] : [])
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    BERTBackbone(self, configuration, BERTEncoder(encoder, configuration, in: scope), in: scope)
  }

  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    encoder.makeHeadedModel(configuration, traits(configuration), activation: .tanh, in: scope)
  }
}
