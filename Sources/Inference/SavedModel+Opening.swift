import Compute
import Families
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

  /// The part of an encoder or a decoder that reads texts, with a head that nobody asks in place of its own.
  /// - Parameter drawn: draws the values of all parameters in place of those that were trained; nil for the trained.
  /// - Throws: as `opened`.
  func openedToRead(
    _ configuration: ModelConfiguration, drawn: RandomKey? = nil, precision: Precision, shardCount: Int,
    readers: any World = Alone()
  ) throws(GraftError) -> (model: ShardedModel, backbone: HeadedModel) {
    let headed = configuration.answering([AnswerFormat(task: AnswerFormat.anyTask, choices: nil)])
    let model = try ShardedModel(
      headed, key: drawn ?? RandomKey(seed: 0), precision: precision, shardCount: shardCount, training: false)
    guard let backbone = model.backbone.answerer else {
      preconditionFailure("a model of the layout \(model.backbone.layout) has no heads")
    }
    if drawn == nil {
      let replaced = try Families.make(configuration).declarations.namesOfHeads
        .union(model.store.entries.filter(\.isOfHead).map(\.name))
      try load(into: model.store, replacing: replaced)
    }
    model.refreshOperands()
    try model.read(with: readers)
    return (model, backbone)
  }
}
