import Checkpointing
import Foundation
import Support

/// What a finished stage of a cell came to; `stage.json` in its folder, written when all else is there.
struct AblationStage: Codable, Sendable, Hashable {
  static let pretraining = "pretrain"
  static func fineTuning(_ task: String) -> String { "finetune-\(task)" }

  var steps: Int
  /// Positions, inputs and targets together.
  var tokens: Int
  /// Floating-point operations of matrix products, forward and backward.
  var flops: Double
  /// Seconds of training.
  var seconds: Double
  /// Nats per target on held-out text.
  var heldOut: Double?
  var bitsPerByte: Double?
  /// Nats per target of the best model that ignores its input.
  var unigramReference: Double?
  /// By `task.split.metric`.
  var scores: [String: Double]?
}

/// Where the stages of a grid's cells lie.
public struct AblationFolder: Sendable {
  public var path: String

  public init(path: String) { self.path = path }

  func stage(_ cell: String, _ seed: UInt64, _ stage: String) -> String {
    "\(path)/cells/\(cell)/seed-\(seed)/\(stage)"
  }

  /// Nil if the stage is not finished.
  func finished(_ cell: String, _ seed: UInt64, _ stage: String) throws(GraftError) -> AblationStage? {
    let file = "\(self.stage(cell, seed, stage))/stage.json"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return try JSONFile.read(AblationStage.self, from: file)
  }

  func finish(_ cell: String, _ seed: UInt64, _ stage: String, _ result: AblationStage) throws(GraftError) {
    try JSONFile.write(result, to: "\(self.stage(cell, seed, stage))/stage.json")
  }

  /// Removes what a finished stage no longer needs.
  func tidy(_ cell: String, _ seed: UInt64, _ stage: String, _ names: [String]) throws(GraftError) {
    try removeFolders(names, in: self.stage(cell, seed, stage))
  }
}

extension AblationStage: KindedFile {
  static let kind = FileKind.stage
}
