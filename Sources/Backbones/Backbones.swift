import ModelKit
import Support

/// The table of model families.
public enum Backbones {
  public static let registry = Registry<any Backbone.Type>(
    kind: "backbone family", listCommand: "graft list backbones",
    [
      ("bert", "encoder with learned positions (BERT)", BERTBackbone.self),
      ("electra", "encoder that detects replaced tokens, and their generator (ELECTRA)", ELECTRABackbone.self),
      ("gpt", "decoder with learned positions (GPT-2)", GPTBackbone.self),
      ("t5", "encoder-decoder with relative positions (T5 1.0 and 1.1)", T5Backbone.self),
    ])

  /// Builds a backbone and the declarations of its parameters.
  /// - Throws: `.badData` for an unknown family or values it cannot be built from: both come from a file.
  public static func make(_ configuration: TransformerConfiguration) throws(GraftError)
    -> (backbone: any Backbone, declarations: ParameterDeclarations)
  {
    let declarations = ParameterDeclarations()
    let family: any Backbone.Type
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
    return (try family.init(configuration, in: ParameterScope(declarations)), declarations)
  }
}
