import ModelKit

/// What a folder of transformers is to Graft.
public struct HuggingFaceModel: Sendable {
  public var configuration: ModelConfiguration
  public var map: ForeignKeyMap
  /// The token a decoder reads first, where config.json says it or the library has a rule for it.
  public var decoderStart: Int?

  public init(configuration: ModelConfiguration, map: ForeignKeyMap, decoderStart: Int? = nil) {
    self.configuration = configuration
    self.map = map
    self.decoderStart = decoderStart
  }
}
