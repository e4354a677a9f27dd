import ModelKit
import Records
import Support

/// A family of decoders that keep as much of a text however long it is: its members are a reader with an output layer
/// or heads.
protocol FixedStateFamily: ModelFamily {
  associatedtype Reader: FixedStateReader

  /// Which of a text's states heads read.
  static var pooling: Pooling { get }

  /// Columns of the states that the output layer and heads read.
  var outputs: Int { get }
  /// Whether the output layer is the embedding.
  var isTied: Bool { get }
  /// The member's sizes, for lists.
  var facts: [String] { get }

  /// Declares the parameters of what is below the output layer and heads.
  func makeReader(_ configuration: ModelConfiguration, in scope: ParameterScope) -> Reader
}

extension FixedStateFamily {
  func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(layout: .decoder, writes: true, longestSequence: nil, facts: facts)
  }

  func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    DecoderBackbone(
      BackboneParts(
        configuration, traits(configuration), makeReader(configuration, in: scope), isTied: isTied, width: outputs,
        initializer: Reader.embedding, in: scope))
  }

  func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), makeReader(configuration, in: scope),
      HeadedModel.HeadStyle(Self.pooling, width: outputs, activation: .tanh, initializer: Reader.embedding), in: scope)
  }
}
