import Checkpointing
import ModelKit
import Records
import Support

/// A family of models: a folder here and a line in the table `Families.registry`. A value is one member of it, by its
/// sizes.
public protocol ModelFamily: Sendable {
  /// As presets and config.json name it, in kebab-case.
  static var name: String { get }
  /// A line for lists.
  static var summary: String { get }

  /// The model types of transformers that are read as members of the family or written from them.
  static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] { get }

  /// Keys of what only pretraining needs: they are left out once a model answers by heads.
  static var keysOfPretraining: Set<String> { get }

  /// The sizes, by the family's keys, of the member that comes closest to a shape: what benchmarks and conformance
  /// tests take.
  static func sizes(of shape: ModelShape) -> [String: SizeValue]

  /// The sizes of the member that reads as one of `layouts` asks, of a preset that leaves it open; by default the
  /// sizes as they are.
  static func fitting(_ sizes: [String: SizeValue], _ layouts: Set<BatchLayout>) -> [String: SizeValue]

  /// Reads the sizes of a member.
  /// - Throws: `.badData` for a key that is missing or out of bounds, and for sizes that do not go together.
  init(_ sizes: inout SizeReader) throws(GraftError)

  /// What others must know of this member.
  func traits(_ configuration: ModelConfiguration) -> ModelTraits

  /// Declares the parameters of this member in `scope`.
  /// - Throws: `.badData` if there is no such model.
  func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone

  /// The same as it is fine-tuned, with heads for `configuration.answers`; nil for a family on which none stand.
  func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel?
}

extension ModelFamily {
  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] { [] }
  public static var keysOfPretraining: Set<String> { [] }
  public static func fitting(_ sizes: [String: SizeValue], _ layouts: Set<BatchLayout>) -> [String: SizeValue] { sizes }

  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? { nil }

  /// The member that a configuration describes, and the configuration with the family's defaults written out.
  /// - Throws: `.badData` also for a key that the family does not have.
  static func member(
    _ configuration: ModelConfiguration, source: String? = nil
  ) throws(GraftError) -> (member: Self, configuration: ModelConfiguration) {
    let (member, complete, reader) = try read(configuration, source: source)
    try reader.requireNothingLeft()
    return (member, complete)
  }

  /// The same, without heed to keys that the family does not have; they are left out.
  static func read(
    _ configuration: ModelConfiguration, source: String?
  ) throws(GraftError) -> (member: Self, configuration: ModelConfiguration, reader: SizeReader) {
    try configuration.validate(source: source)
    var reader = SizeReader(configuration.sizes, of: configuration.family, source: source)
    let member = try Self(&reader)
    var complete = configuration
    complete.sizes = reader.values
    return (member, complete, reader)
  }

  fileprivate static var entry: Registry<any ModelFamily.Type>.Entry { (name, summary, Self.self) }
}

/// The table of model families.
public enum Families {
  /// In alphabetical order.
  public static let registry = Registry<any ModelFamily.Type>(
    kind: "backbone family", listCommand: "graft list backbones",
    [
      BART.entry,
      BERT.entry,
      ConvLM.entry,
      DeBERTa.entry,
      ELECTRA.entry,
      GPT.entry,
      RecurrentModel<GRULayer>.entry,
      Llama.entry,
      RecurrentModel<LSTMLayer>.entry,
      RecurrentModel<MultiplicativeLSTMLayer>.entry,
      Modern.entry,
      ModernBERT.entry,
      NPLM.entry,
      RecurrentModel<QRNNLayer>.entry,
      RecurrentModel<ElmanLayer>.entry,
      Seq2Seq.entry,
      SHARNN.entry,
      T5.entry,
    ])

  /// - Throws: `.badData` for an unknown family: the name comes from a file.
  static func family(of configuration: ModelConfiguration) throws(GraftError) -> any ModelFamily.Type {
    do {
      return try registry(configuration.family)
    } catch {
      var error = error
      error.code = .badData
      throw error
    }
  }

  /// Builds a backbone and the declarations of its parameters.
  /// - Throws: `.badData` for an unknown family or values it cannot be built from: both come from a file.
  public static func make(_ configuration: ModelConfiguration) throws(GraftError)
    -> (backbone: any Backbone, declarations: ParameterDeclarations)
  {
    let declarations = ParameterDeclarations()
    let scope = ParameterScope(declarations)
    let (member, configuration) = try family(of: configuration).anyMember(configuration)
    let backbone = try member.model(configuration, in: scope)
    if let lora = configuration.lora { try declarations.adapt(lora, keepsHeads: configuration.answers == nil) }
    return (backbone, declarations)
  }
}

extension ModelFamily {
  /// With heads where it answers by them.
  fileprivate func model(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    guard configuration.answers != nil else { return try makeBackbone(configuration, in: scope) }
    guard let headed = try makeHeadedModel(configuration, in: scope) else {
      throw GraftError(
        .badData, "no heads stand on a model of the family '\(configuration.family)'",
        hint: "it answers in text; leave 'answers' out.")
    }
    return headed
  }

  fileprivate static func anyMember(
    _ configuration: ModelConfiguration
  ) throws(GraftError) -> (member: any ModelFamily, configuration: ModelConfiguration) {
    let (member, complete) = try member(configuration)
    return (member, complete)
  }

  fileprivate static func completed(
    _ configuration: ModelConfiguration, source: String?, strictly: Bool
  ) throws(GraftError) -> ModelConfiguration {
    let (_, complete, reader) = try read(configuration, source: source)
    if strictly { try reader.requireNothingLeft() }
    return complete
  }
}

extension ModelConfiguration {
  /// Checks everything and writes out what the family has by default.
  /// - Parameters:
  ///   - source: the file, for errors.
  ///   - strictly: whether a key that the family does not have is an error; else it is left out.
  /// - Throws: `.badData` for a model that there is not.
  public func completed(source: String? = nil, strictly: Bool = true) throws(GraftError) -> ModelConfiguration {
    try Families.family(of: self).completed(self, source: source, strictly: strictly)
  }

  /// - Throws: `.badData` for a model that there is not.
  public func traits() throws(GraftError) -> ModelTraits {
    let (member, complete) = try Families.family(of: self).anyMember(self)
    let traits = member.traits(complete)
    return answers == nil ? traits : traits.answering
  }

  /// The same model as an objective needs it that trains `layouts`, where its family leaves open how it reads.
  /// - Throws: `.badData` for a model that there is not.
  public func fitting(_ layouts: Set<BatchLayout>) throws(GraftError) -> ModelConfiguration {
    var result = self
    result.sizes = try Families.family(of: self).fitting(sizes, layouts)
    return result
  }

  /// The same model as it is fine-tuned to answer by heads, without what only its pretraining needs; nil for as it
  /// writes.
  public func answering(_ formats: [AnswerFormat]?) -> ModelConfiguration {
    var result = self
    result.answers = formats
    if formats != nil, let family = try? Families.family(of: self) {
      for key in family.keysOfPretraining { result.sizes[key] = nil }
    }
    return result
  }

  /// The member of a family that comes closest to a shape.
  public init(
    _ shape: ModelShape, family: any ModelFamily.Type, vocabularySize: Int, dropout: Double
  ) throws(GraftError) {
    self = try ModelConfiguration(
      family: family.name, vocabularySize: vocabularySize, dropout: dropout, sizes: family.sizes(of: shape)
    ).completed()
  }
}
