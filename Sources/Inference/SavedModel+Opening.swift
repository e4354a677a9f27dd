import Compute
import ModelKit
import Randomness
import Support

extension SavedModel {
  /// The model with its parameters, to read answers and scores from.
  /// - Throws: as `ShardedModel` and `load`.
  public func opened(
    _ configuration: ModelConfiguration, precision: Precision, shardCount: Int
  ) throws(GraftError) -> ShardedModel {
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 0), precision: precision, shardCount: shardCount, training: false)
    try load(into: model.store)
    model.refreshOperands()
    return model
  }
}
