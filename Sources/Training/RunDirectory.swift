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

/// A model folder as people pass it: a checkpoint, or a run directory whose model is meant.
public enum ModelFolder {
  /// - Throws: `.missingInput` if there is neither.
  public static func resolve(_ path: String) throws(GraftError) -> String {
    let manager = FileManager.default
    if manager.fileExists(atPath: "\(path)/config.json") { return path }
    if manager.fileExists(atPath: "\(path)/model/config.json") { return "\(path)/model" }
    if let step = try CheckpointFolder("\(path)/checkpoints").latestStep() {
      return CheckpointFolder("\(path)/checkpoints").path(step: step)
    }
    throw GraftError(
      .missingInput, "no checkpoint at '\(path)'",
      hint: "give a checkpoint folder (with config.json) or a run directory.")
  }

  /// Opens a checkpoint and its tokenizer.
  /// - Throws: `.badData` if its hashes do not match, `.missingInput` if there is none.
  public static func open(_ path: String) throws(GraftError)
    -> (checkpoint: Checkpoint, configuration: TransformerConfiguration, tokenizer: Tokenizer)
  {
    let checkpoint = try Checkpoint(try resolve(path))
    let configuration = try checkpoint.config(TransformerConfiguration.self)
    try configuration.validate(source: "\(checkpoint.path)/config.json")
    let tokenizer = try Tokenizer(contentsOf: checkpoint.tokenizerPath)
    guard tokenizer.vocabulary.size == configuration.vocabularySize else {
      throw GraftError(
        .badData,
        "the tokenizer of '\(checkpoint.path)' has \(tokenizer.vocabulary.size) tokens, its model"
          + " \(configuration.vocabularySize)",
        hint: "the folder's files belong to different models.")
    }
    return (checkpoint, configuration, tokenizer)
  }
}
