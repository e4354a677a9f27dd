import Checkpointing
import Foundation
import ModelKit
import Optimization
import Records
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
        hint: "add `resume:` to go on with it, or give another `output:`.")
    }
    // The lock is held: what is half-written is of processes that are dead.
    for folder in [path, "\(path)/predictions"] { PartialFile.removeLeftovers(in: folder) }
    try checkpoints.removeLeftovers()
  }

  /// The finished model.
  var modelPath: String { "\(path)/model" }

  /// Where training ended. Written when the model and all else of the training is there, so that a run which is cut off
  /// while its answers are scored need not be trained again.
  private var finishedPath: String { "\(path)/training-state.json" }

  func finish(_ state: TrainingState<LoopDetails>) throws(GraftError) {
    try JSONFile.write(state, to: finishedPath)
  }

  /// Where training ended; nil if it did not, or if the model is not there any more.
  /// - Throws: `.badData` for a state that is none.
  func finishedState() throws(GraftError) -> TrainingState<LoopDetails>? {
    let files = FileManager.default
    guard files.fileExists(atPath: finishedPath),
      files.fileExists(atPath: "\(modelPath)/\(CheckpointManifest.fileName)")
    else { return nil }
    let state = try JSONFile.read(TrainingState<LoopDetails>.self, from: finishedPath)
    try state.validate(source: finishedPath)
    try state.details.validate(source: finishedPath)
    return state
  }

  func writer(
    _ configuration: ModelConfiguration, _ store: ParameterStore, _ tokenizer: Tokenizer, card: String,
    base: BaseReference?
  ) throws(GraftError) -> CheckpointWriter {
    try CheckpointWriter(
      config: configuration, weights: store.tensorSources(), tokenizer: Data(tokenizer.jsonData()),
      roles: tokenizer.roles, readme: card,
      base: base)
  }

  /// - Parameter carried: what the next update's texts go on from.
  func save(
    _ state: TrainingState<LoopDetails>, _ optimizer: any Optimizer, carried: [CarriedArray],
    _ writer: CheckpointWriter, keep: Int
  ) throws(GraftError) -> String {
    try carried.flatMap(\.values).withUnsafeBufferPointer { (values) throws(GraftError) in
      var tensors = optimizer.state.map {
        TensorSource(name: $0.name, shape: $0.shape, values: UnsafeBufferPointer($0.values))
      }
      var start = 0
      for array in carried {
        let part = UnsafeBufferPointer(rebasing: values[start..<start + array.values.count])
        tensors.append(
          TensorSource(name: array.name, shape: [part.count / array.width, array.width], values: part))
        start += part.count
      }
      var writer = writer
      try writer.setTraining(state, optimizer: tensors)
      try checkpoints.save(writer, step: state.step, keep: keep)
    }
    return checkpoints.path(step: state.step)
  }
}
