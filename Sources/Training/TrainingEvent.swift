/// What a training engine tells its caller; engines never print.
public enum TrainingEvent: Sendable {
  case note(String)
  /// The run directory says what the run is, and training begins or goes on.
  case began(isResumed: Bool)
  case step(StepReport)
  /// A loss over held-out data.
  case evaluated(HeldOutReport)
  /// A run goes on from a checkpoint: what was told of later steps is void.
  case resumed(path: String, step: Int)
  /// A checkpoint is about to be written: what was told so far is part of the run for good.
  case saving(step: Int)
  case saved(path: String, step: Int)
  /// An update was left out because something was not finite; how many were so far.
  case skipped(step: Int, reason: String, count: Int)
  /// A checkpoint was gone back to, for the same reason.
  case rolledBack(from: Int, to: Int, reason: String, count: Int)
}

/// One update.
public struct StepReport: Sendable, Hashable, Codable {
  public var step: Int
  /// Nil under a wall-clock budget.
  public var totalSteps: Int?
  /// Mean nats per target.
  public var loss: Double
  public var learningRate: Double
  public var gradientNorm: Double
  /// Positions, inputs and targets together, since the last report.
  public var tokensPerSecond: Double
  /// Matrix-product rate of forward and backward passes over the rate measured at the start.
  public var peakFraction: Double
  public var tokensSeen: Int
  public var elapsedSeconds: Double
  public var secondsLeft: Double?
}

/// Loss over held-out text.
public struct HeldOutReport: Sendable, Hashable, Codable {
  public var step: Int
  public var tokensSeen: Int
  public var elapsedSeconds: Double
  /// Nats per target token.
  public var lossPerToken: Double
  /// Bits per byte of the text that the targets spell; special tokens cost bits but spell nothing. Nil where the loss
  /// is not the log-probability of a text.
  public var bitsPerByte: Double?
  public var targetCount: Int
  /// The same by task, in training on several that have validation examples.
  public var tasks: [TaskLoss]?
  /// What the model's answers to validation examples of each task are worth; nil where there are none.
  public var scores: [TaskScore]?

  public struct TaskLoss: Sendable, Hashable, Codable {
    public var task: String
    /// Nats per target token.
    public var lossPerToken: Double
    public var targetCount: Int
  }

  /// By the task's primary metric.
  public struct TaskScore: Sendable, Hashable, Codable {
    public var task: String
    public var metric: String
    /// As tables show it: accuracy times 100.
    public var score: Double
    /// Examples that were answered.
    public var examples: Int
  }
}
