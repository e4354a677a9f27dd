import Foundation
import ModelKit
import Support

/// What a folder of sentence-transformers says of how its model's states become the vector of a text: `modules.json`,
/// the config.json of its pooling, and `sentence_bert_config.json`.
struct PublishedEmbedding {
  let style: EmbeddingStyle
  /// The most tokens of a text, special ones included.
  let length: Int?

  private struct Module: Decodable {
    var path: String
    var type: String
  }

  /// The keys of its config.json that choose.
  private enum PoolingMode: String, CodingKey, CaseIterable {
    case first = "pooling_mode_cls_token"
    case mean = "pooling_mode_mean_tokens"
    case last = "pooling_mode_lasttoken"
    case greatest = "pooling_mode_max_tokens"
    case meanOverRoot = "pooling_mode_mean_sqrt_len_tokens"
    case weightedMean = "pooling_mode_weightedmean_tokens"

    /// Nil for what Graft does not compute.
    var pooling: Pooling? {
      switch self {
      case .first: .first
      case .mean: .mean
      case .last: .last
      case .greatest, .meanOverRoot, .weightedMean: nil
      }
    }
  }

  private struct PoolingConfig: Decodable {
    var modes: [PoolingMode]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: PoolingMode.self)
      modes = try PoolingMode.allCases.filter { try container.decodeIfPresent(Bool.self, forKey: $0) == true }
    }
  }

  private struct LengthConfig: Decodable {
    var length: Int?

    enum CodingKeys: String, CodingKey { case length = "max_seq_length" }
  }

  /// Nil for a folder that says nothing of it.
  /// - Throws: `.badData` for a module or a pooling that Graft does not compute.
  init?(folder: String) throws(GraftError) {
    let list = "\(folder)/modules.json"
    guard FileContents.exists(list) else { return nil }
    var style = EmbeddingStyle(pooling: .mean)
    for module in try JSONFile.read([Module].self, from: list) {
      switch module.type.split(separator: ".").last {
      case "Transformer": continue
      case "Pooling": style.pooling = try Self.pooling("\(folder)/\(module.path)/config.json")
      case "Normalize": style.isNormalized = true
      default:
        throw GraftError(
          .badData, "'\(module.type)' in '\(list)' is a module that Graft does not compute",
          hint: "it computes Transformer, Pooling and Normalize; `pooling:` takes the states without the modules.")
      }
    }
    self.style = style
    let lengths = "\(folder)/sentence_bert_config.json"
    length = FileContents.exists(lengths) ? try JSONFile.read(LengthConfig.self, from: lengths).length : nil
  }

  private static func pooling(_ path: String) throws(GraftError) -> Pooling {
    let modes = try JSONFile.read(PoolingConfig.self, from: path).modes
    guard modes.count == 1, let pooling = modes[0].pooling else {
      throw GraftError(
        .badData,
        "'\(path)' pools by \(modes.isEmpty ? "nothing" : modes.map(\.rawValue).joined(separator: " and "))",
        hint: "Graft computes the first token, the last and the mean, one of them: say which with `pooling:`.")
    }
    return pooling
  }
}
