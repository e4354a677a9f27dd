import Foundation
import ModelKit
import Support

/// A model that transformers' `save_pretrained` wrote: `config.json`, weights and `tokenizer.json`.
public struct HuggingFaceFolder: Sendable {
  public let path: String
  public let modelType: String
  public let configuration: ModelConfiguration
  public let weights: WeightFiles
  /// The token a decoder reads first, where the folder says it.
  public let decoderStart: Int?
  private let map: ForeignKeyMap

  static let configName = "config.json"
  static let tokenizerName = "tokenizer.json"

  /// `tokenizer.json`, or the folder if it has a vocabulary of the older forms instead.
  public var tokenizerPath: String {
    let file = "\(path)/\(Self.tokenizerName)"
    return Self.exists(file) ? file : path
  }

  /// Whether a folder is one of transformers' rather than Graft's: its config.json has a `model_type`, and it has no
  /// manifest.
  public static func isOne(_ path: String) -> Bool {
    guard !exists("\(path)/\(CheckpointManifest.fileName)"),
      let config = try? HuggingFaceConfig("\(path)/\(configName)")
    else { return false }
    return config.has("model_type")
  }

  /// Opens a folder; the weights are not read yet.
  /// - Parameter types: the model types that it may be of.
  /// - Throws: `.missingInput` for a file that is missing; `.badData`, naming the key and the value, for a model that
  ///   Graft does not have.
  public init(_ path: String, in types: HuggingFaceModelTypes) throws(GraftError) {
    self.path = path
    let config = try HuggingFaceConfig("\(path)/\(Self.configName)")
    let type = try types.type(of: config)
    try Self.requireWeights(path, config)
    weights = try WeightFiles(folder: path).withPlainNames()
    try Self.requireTokenizer(path)
    let model = try type.model(config, weights)
    try model.configuration.validate(source: config.path)
    modelType = try config.string("model_type", default: "")
    configuration = model.configuration
    decoderStart = model.decoderStart
    map = model.map
  }

  private static func requireWeights(_ path: String, _ config: HuggingFaceConfig) throws(GraftError) {
    if WeightFiles.names.contains(where: { exists("\(path)/\($0)") }) { return }
    let other = ["tf_model.h5", "flax_model.msgpack", "model.ckpt.index"].first { exists("\(path)/\($0)") }
    let option = other == "flax_model.msgpack" ? "from_flax" : "from_tf"
    let type = config.firstString("architectures") ?? "AutoModelForPreTraining"
    throw GraftError(
      .missingInput,
      "'\(path)' has no \(WeightFiles.fileName)" + (other.map { ", only \($0), which Graft does not read" } ?? ""),
      hint: other == nil
        ? "copy the folder again, with its weights."
        : "convert it once: python3 -c \"from transformers import \(type) as M; "
          + "M.from_pretrained('\(path)', \(option)=True).save_pretrained('\(path)', safe_serialization=True)\"")
  }

  private static func requireTokenizer(_ path: String) throws(GraftError) {
    // Early releases have vocabularies instead, or models of SentencePiece.
    let others = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if ![tokenizerName, "vocab.txt", "vocab.json"].contains(where: others.contains),
      !others.contains(where: { $0.hasSuffix(".model") || $0.hasSuffix(".spm") })
    {
      throw GraftError(
        .missingInput, "'\(path)' has no \(tokenizerName)",
        hint: "make one: python3 -c \"from transformers import AutoTokenizer as T; "
          + "T.from_pretrained('\(path)').save_pretrained('\(path)')\"")
    }
  }

  private static func exists(_ path: String) -> Bool { FileContents.exists(path) }

  /// Reads all parameters of a model.
  /// - Parameter heads: see `ForeignKeyMap.load(into:from:replacing:)`.
  /// - Throws: `.badData` naming what is missing, left over or of another shape.
  public func load(into store: ParameterStore, replacing heads: Set<String> = []) throws(GraftError) {
    try map.load(into: store, from: weights, replacing: heads)
  }

  /// Compares names and shapes without reading values.
  /// - Parameter heads: parameters that may be missing; if there are any, the folder's heads may be left over.
  /// - Throws: `.badData` naming what is missing, left over or of another shape.
  public func verify(
    _ parameters: [ParameterDeclaration], replacing heads: Set<String> = []
  ) throws(GraftError) {
    try map.verify(weights, for: parameters, replacing: heads)
  }

  /// A tensor that the model does not need but a head may start from, by Graft's name: `pooler.weight` [width, width]
  /// and `pooler.bias` of a BERT that was saved with its pooler. Nil if the folder has none.
  public func extra(_ name: String) throws(GraftError) -> LoadedTensor? {
    try map.extra(name, from: weights)
  }
}
