import Checkpointing
import Foundation
import ModelKit
import Support

extension Families {
  /// The model types of transformers that the families of the table read and write.
  public static let huggingFace = HuggingFaceModelTypes(
    registry.entries.flatMap { $0.plugin.modelTypes },
    lacking: [
      "bart": "it has biases and learned positions in both stacks",
      "deberta": "its attention is disentangled in the way of the first version",
      "gemma": "its norms and embeddings are scaled in another way",
      "gpt_neo": "its attention is local in every other layer",
      "gpt_neox": "it turns a part of its heads only and adds two branches at once",
      "longt5": "its attention is local", "mistral": "its attention may be local",
      "phi": "it turns a part of its heads only and adds two branches at once",
      "qwen2": "its queries, keys and values have biases", "switch_transformers": "it has experts",
      "umt5": "every layer has a relative bias of its own",
    ])
}

extension HuggingFaceFolder {
  /// Opens a folder of any family; see `init(_:in:)`.
  public init(_ path: String) throws(GraftError) { try self.init(path, in: Families.huggingFace) }
}

extension HuggingFaceWriter {
  /// Writes a model of any family; see `init(_:as:tokenizer:tokens:prefix:)`.
  public init(
    _ configuration: ModelConfiguration, tokenizer: Data, tokens: HuggingFaceTokens, prefix: String? = nil
  ) throws(GraftError) {
    try self.init(
      configuration, as: Families.huggingFace, tokenizer: tokenizer, tokens: tokens, prefix: prefix)
  }
}

extension ModelConfiguration {
  /// - Throws: `.usage` for a decoder that answers by heads of Graft's.
  func requireWriter() throws(GraftError) {
    guard answers == nil else {
      throw GraftError(
        .usage, "a decoder with Graft's heads is no model of transformers",
        hint: "only one that writes can be written for it.")
    }
  }

  /// The keys of a decoder's config.json: those of its family, its special tokens, and how it reads texts.
  func decoderConfig(
    _ family: [String: ConfigValue], _ tokens: HuggingFaceTokens
  ) throws(GraftError) -> [String: ConfigValue] {
    family.merging(tokens.decoderKeys) { $1 }.merging(try reading?.huggingFaceKeys ?? [:]) { $1 }
  }
}
