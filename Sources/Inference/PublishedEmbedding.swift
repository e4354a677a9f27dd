import Foundation
import ModelKit
import Support

/// What a folder of sentence-transformers says of how its model's states become the vector of a text: `modules.json`, the
/// config.json of its pooling, and `sentence_bert_config.json`.
struct PublishedEmbedding {
  let style: EmbeddingStyle
  /// The most tokens of a text, special ones included.
  let length: Int?

  private struct Module: Decodable {
    var path: String
    var type: String
  }

  private struct PoolingConfig: Decodable {
    var pooling_mode_cls_token: Bool?
    var pooling_mode_mean_tokens: Bool?
    var pooling_mode_max_tokens: Bool?
    var pooling_mode_mean_sqrt_len_tokens: Bool?
    var pooling_mode_weightedmean_tokens: Bool?
    var pooling_mode_lasttoken: Bool?
  }

  private struct LengthConfig: Decodable { var max_seq_length: Int? }

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
    length = FileContents.exists(lengths) ? try JSONFile.read(LengthConfig.self, from: lengths).max_seq_length : nil
  }

  private static func pooling(_ path: String) throws(GraftError) -> Pooling {
    let config = try JSONFile.read(PoolingConfig.self, from: path)
    let modes: [(isOn: Bool?, name: String, pooling: Pooling?)] = [
      (config.pooling_mode_cls_token, "pooling_mode_cls_token", .first),
      (config.pooling_mode_mean_tokens, "pooling_mode_mean_tokens", .mean),
      (config.pooling_mode_lasttoken, "pooling_mode_lasttoken", .last),
      (config.pooling_mode_max_tokens, "pooling_mode_max_tokens", nil),
      (config.pooling_mode_mean_sqrt_len_tokens, "pooling_mode_mean_sqrt_len_tokens", nil),
      (config.pooling_mode_weightedmean_tokens, "pooling_mode_weightedmean_tokens", nil),
    ]
    let chosen = modes.filter { $0.isOn == true }
    guard chosen.count == 1, let pooling = chosen[0].pooling else {
      throw GraftError(
        .badData, "'\(path)' pools by \(chosen.isEmpty ? "nothing" : chosen.map(\.name).joined(separator: " and "))",
        hint: "Graft computes the first token, the last and the mean, one of them: say which with `pooling:`.")
    }
    return pooling
  }
}
