import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Encoders with learned positions that predict hidden tokens (Devlin et al. 2019), ELECTRA's generators, RoBERTa (Liu
/// et al. 2019), DistilBERT (Sanh et al. 2019), ALBERT (Lan et al. 2020) and MPNet (Song et al. 2020) among them.
public struct BERT: ModelFamily {
  public static let name = "bert"
  public static let summary = "encoder with learned positions (BERT)"
  public static let keysOfPretraining: Set = ["nextSentence"]

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("albert", "as bert, with one layer in place of all", HuggingFaceALBERT.self),
      ("bert", "encoder with learned positions", HuggingFaceBERT.self),
      ("distilbert", "as bert, without segments and with ReLU in heads", HuggingFaceDistilBERT.self),
      ("mpnet", "as roberta, with a bias of relative positions", HuggingFaceMPNet.self),
      ("roberta", "as bert, without segments", HuggingFaceRoBERTa.self),
      ("xlm-roberta", "as roberta, of many languages", HuggingFaceRoBERTa.self),
    ]
  }

  let encoder: EncoderSizes
  /// Whether a head says if the second of two texts follows the first.
  let predictsNextSentences: Bool
  /// Of the first layer of heads that answer.
  let headActivation: Activation

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    encoder = try EncoderSizes(&sizes)
    predictsNextSentences = try sizes.boolean(ifPresent: "nextSentence") ?? false
    headActivation = try sizes.choice(ifPresent: "headActivation") ?? .tanh
    guard !predictsNextSentences || encoder.segments >= 2 else {
      throw sizes.failure("'nextSentence' needs 'segments' of at least 2, which tell the two texts apart")
    }
  }

  /// The `relativeBuckets` and the `firstPosition` that MPNet has.
  static let (bucketsOfMPNet, firstPositionOfMPNet) = (32, 2)

  /// Which of transformers' models a member is.
  enum Kind { case albert, bert, distilBERT, electraGenerator, mpnet, roberta }

  /// Nil for what is none of them, or no member.
  static func kind(_ configuration: ModelConfiguration) -> Kind? {
    guard configuration.family == name, let bert = try? member(configuration).member else { return nil }
    let (encoder, headActivation) = (bert.encoder, bert.headActivation)
    let isNarrow = configuration.sizes["embeddingWidth"] != nil
    if encoder.sharesLayers || encoder.relativeBuckets != nil {
      switch (encoder.segments, encoder.firstPosition, encoder.sharesLayers, encoder.relativeBuckets, headActivation) {
      case (1..., 0, true, nil, .tanh): return encoder.isProjected && !bert.predictsNextSentences ? .albert : nil
      case (0, firstPositionOfMPNet, false, bucketsOfMPNet, .tanh): return isNarrow ? nil : .mpnet
      default: return nil
      }
    }
    switch (encoder.segments, encoder.firstPosition, isNarrow) {
    case (0, 0, false): return headActivation == .relu ? .distilBERT : nil
    case (1..., 1..., false): return headActivation == .tanh && !bert.predictsNextSentences ? .roberta : nil
    case (1..., 0, let isNarrow): return headActivation == .tanh ? (isNarrow ? .electraGenerator : .bert) : nil
    default: return nil
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
    encoder.makeHeadedModel(configuration, traits(configuration), activation: headActivation, in: scope)
  }
}
