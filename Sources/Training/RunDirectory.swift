import Checkpointing
import Examples
import Foundation
import ModelKit
import Optimization
import Support
import Tokenization

/// The folder a run lives in: lock, `run.json`, `checkpoints/` while it trains and `model/` when it is done.
struct RunDirectory {
  let path: String
  let checkpoints: CheckpointFolder
  let opened = ContinuousClock.now
  private let lock: RunLock

  /// Creates the folder and takes its lock.
  /// - Throws: `.usage` if another process has it, or if it already holds a run and `resuming` is false.
  init(_ path: String, resuming: Bool) throws(GraftError) {
    lock = try RunLock(directory: path)
    self.path = path
    checkpoints = CheckpointFolder("\(path)/checkpoints")
    let manifest = "\(path)/\(RunManifest<NoDetails>.fileName)"
    if !resuming, FileManager.default.fileExists(atPath: manifest) {
      throw GraftError(
        .usage, "'\(path)' already holds a run",
        hint: "add --resume to go on with it, or give another --output.")
    }
  }

  /// The finished model.
  var modelPath: String { "\(path)/model" }

  func writer(
    _ configuration: TransformerConfiguration, _ store: ParameterStore, _ tokenizer: Tokenizer, card: String
  ) throws(GraftError) -> CheckpointWriter {
    try CheckpointWriter(
      config: configuration, weights: store.tensorSources, tokenizer: Data(tokenizer.jsonData()), readme: card
    )
  }

  func save(
    _ state: TrainingState<LoopDetails>, _ optimizer: any Optimizer, _ writer: CheckpointWriter, keep: Int
  ) throws(GraftError) -> String {
    var writer = writer
    try writer.setTraining(
      state,
      optimizer: optimizer.state.map {
        TensorSource(name: $0.name, shape: $0.shape, values: UnsafeBufferPointer($0.values))
      })
    try checkpoints.save(writer, step: state.step, keep: keep)
    return checkpoints.path(step: state.step)
  }
}
