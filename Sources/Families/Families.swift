import Checkpointing
import ModelKit
import Support

/// A family of models: a folder here and a line in the table `Families.registry`.
public protocol ModelFamily: Sendable {
  /// Declares the parameters of a member in `scope`.
  /// - Throws: `.badData` if the family has no such member.
  static func makeBackbone(
    _ configuration: TransformerConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone

  /// The model types of transformers that are read as members of the family or written from them.
  static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] { get }
}

extension ModelFamily {
  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] { [] }
}

/// The table of model families.
public enum Families {
  public static let registry = Registry<any ModelFamily.Type>(
    kind: "backbone family", listCommand: "graft list backbones",
    [
      ("bert", "encoder with learned positions (BERT)", BERT.self),
      ("electra", "encoder that detects replaced tokens, and their generator (ELECTRA)", ELECTRA.self),
      ("gpt", "decoder with learned positions (GPT-2)", GPT.self),
      ("t5", "encoder-decoder with relative positions (T5 1.0 and 1.1)", T5.self),
    ])

  /// Builds a backbone and the declarations of its parameters.
  /// - Throws: `.badData` for an unknown family or values it cannot be built from: both come from a file.
  public static func make(_ configuration: TransformerConfiguration) throws(GraftError)
    -> (backbone: any Backbone, declarations: ParameterDeclarations)
  {
    let declarations = ParameterDeclarations()
    let family: any ModelFamily.Type
    do {
      family = try registry(configuration.family)
    } catch {
      var error = error
      error.code = .badData
      throw error
    }
    if configuration.answers != nil {
      let answering = try AnsweringEncoder(configuration, in: ParameterScope(declarations))
      return (answering, declarations)
    }
    return (try family.makeBackbone(configuration, in: ParameterScope(declarations)), declarations)
  }
}
