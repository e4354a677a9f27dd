import Support

/// What a finished stage of a cell came to; `stage.json` in its folder, written when all else is there.
struct AblationStage: Codable, Sendable, Hashable {
  static let pretraining = "pretrain"
  static let evaluation = "evaluate"
  static func fineTuning(_ name: String) -> String { "finetune-\(name)" }

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

extension AblationStage: StudyRecord {
  static let kind = FileKind.stage

  func describe(in event: inout StudyEvent) {
    (event.steps, event.tokens, event.flops, event.seconds) = (steps, tokens, flops, seconds)
    (event.heldOut, event.scores) = (heldOut, scores)
  }
}
