import Checkpointing
import Foundation
import ModelKit
import Records
import Support

extension Families {
  /// The model types of transformers that the families of the table read and write.
  public static let huggingFace = HuggingFaceModelTypes(
    registry.entries.flatMap { $0.plugin.modelTypes },
    lacking: [
      "deberta": "its attention is disentangled in the way of the first version",
      "gemma2": "its attention scores are bounded, and its branches end in norms",
      "gemma3": "it reads images, and its branches end in norms",
      "gemma3_text": "its branches end in norms, and its layers have two kinds of position",
      "longt5": "its attention is local",
      "phi": "its output layer has a bias, and its two branches share a norm",
      "switch_transformers": "it has experts",
    ])
}

extension HuggingFaceFolder {
  /// Opens a folder of any family; see `init(_:in:)`.
  public init(_ path: String) throws(GraftError) { try self.init(path, in: Families.huggingFace) }
}

extension HuggingFaceWriter {
  /// Writes a model of any family; see `init(_:as:tokenizer:tokens:prefix:)`.
  public init(
    _ configuration: ModelConfiguration, tokenizer: HuggingFaceTokenizer, tokens: HuggingFaceTokens,
    prefix: String? = nil
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

  /// Takes from config.json what an encoder's head answers, and how it reads texts if Graft wrote it.
  /// - Parameter output: the tensor that has a row for each label.
  mutating func readClassifier(
    _ config: HuggingFaceConfig, _ weights: WeightFiles, output: String
  ) throws(GraftError) {
    answers = try config.answers(weights, output: output)
    reading = try TextReading(of: config, omitsStart: false)
  }

  /// The keys of an encoder's config.json for its head: none without one. A classifier of transformers is given
  /// segments; of one that is given prompts they say so.
  /// - Throws: `.usage` for heads for several tasks.
  func classifierConfig() throws(GraftError) -> [String: ConfigValue] {
    guard answers != nil else { return [:] }
    return try HuggingFaceExport.classifierConfig(answers).merging(reading?.huggingFaceKeys ?? [:]) { $1 }
  }

  /// The keys of a decoder's config.json: those of its family, its special tokens, and how it reads texts.
  func decoderConfig(
    _ family: [String: ConfigValue], _ tokens: HuggingFaceTokens
  ) throws(GraftError) -> [String: ConfigValue] {
    family.merging(tokens.decoderKeys) { $1 }.merging(try reading?.huggingFaceKeys ?? [:]) { $1 }
  }
}

extension BlockSizes {
  /// - Throws: `.usage` for heads that together are not as wide as the model, which transformers' encoders cannot have.
  func requireEvenHeads() throws(GraftError) {
    guard inner == width else {
      throw GraftError(
        .usage, "\(heads) heads of \(headDimension) are not the width \(width)",
        hint: "transformers' encoders divide the width by the heads.")
    }
  }
}
