import Compute
import ModelKit
import Randomness
import Support

extension SavedModel {
  /// The model with its parameters, to read answers and scores from.
  /// - Parameters:
  ///   - shardCount: of this process.
  ///   - readers: the processes that open it together and share what is to be read.
  /// - Throws: as `ShardedModel` and `load`; as `RankIdentity.check` if a process has another model.
  public func opened(
    _ configuration: ModelConfiguration, precision: Precision, shardCount: Int, readers: any World = Alone()
  ) throws(GraftError) -> ShardedModel {
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 0), precision: precision, shardCount: shardCount, training: false)
    try load(into: model.store)
    model.refreshOperands()
    try model.read(with: readers)
    return model
  }
}
